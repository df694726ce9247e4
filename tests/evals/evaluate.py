"""Evaluates authors: prompts with checkable facts go through the whole product, and what comes out
is run and looked at.

    python tests/evals/evaluate.py                       recorded answers, without a key
    python tests/evals/evaluate.py --model gpt-5.6-terra  a live model, or local:NAME

What is finished is kept in the file of results after each prompt, so that a run that was stopped
goes on where it was. A prompt is asked again when it or its facts have changed, when the vendor
could not answer, and with --again.
"""

import argparse
import asyncio
import json
import sys
import time
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from abm_quant.authoring.language_model import LanguageModelAuthor
from abm_quant.authoring.table import author_for
from abm_quant.contracts.jobs import RunJob
from abm_quant.contracts.problems import errors
from abm_quant.contracts.progress import Repairing
from abm_quant.contracts.results import collect
from abm_quant.contracts.spec import ModelSpec
from abm_quant.contracts.usage import Usage
from abm_quant.errors import (
    AbmError,
    BadRequest,
    CreditExhausted,
    InvalidModel,
    KeyRefused,
    MissingKey,
    ModelUnavailable,
    ModelUnknown,
)
from abm_quant.llm.routing import Route, RouteRequest
from abm_quant.llm.scripted import ScriptedModel, read_recording
from abm_quant.pipeline import Compiled, Generated, GenerateRequest, Tools, generating, run
from abm_quant.running.table import make_sandbox
from abm_quant.settings import Settings, load_settings
from abm_quant.storage.models import ModelStore
from evals.facts import Fact, find, show

HERE = Path(__file__).parent
RECORDED = HERE / "recorded"
SCREEN = Console(stderr=True)
DEFAULT_STEPS = 200
USELESS = (MissingKey, KeyRefused, CreditExhausted, ModelUnknown, BadRequest)
"""After these no other prompt needs to be tried."""


class Case(BaseModel):
    """A prompt, or a change of the model of another case, with what its run must show."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    prompt: str
    facts: list[Fact]
    changes: str | None = None
    """The id of the case whose model is changed; it comes earlier in the list."""

    @property
    def fingerprint(self) -> str:
        """Text that changes with the prompt and with what must be shown."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:12]


@dataclass
class Outcome:
    """What came of one prompt."""

    id: str
    fingerprint: str = ""
    """That of the case."""
    is_finished: bool = True
    """Whether the author answered, well or badly."""
    valid_at_first: bool = False
    repairs: int = 0
    compiled: bool = False
    ran: bool = False
    shown: int = 0
    facts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)
    """What went wrong, and what was seen instead."""
    model: dict[str, Any] | None = None


def cases() -> list[Case]:
    """Give all cases."""
    return [
        Case.model_validate(each) for each in json.loads((HERE / "cases.json").read_text("utf-8"))
    ]


async def evaluate(
    case: Case, current: ModelSpec | None, tools: Tools, ways: RouteRequest
) -> Outcome:
    """Give what comes of a case."""
    outcome = Outcome(id=case.id, fingerprint=case.fingerprint, facts=len(case.facts))
    began = time.monotonic()
    try:
        generated = await _generated(case, current, tools, ways, outcome)
    except USELESS:
        raise
    except AbmError as failure:
        outcome.is_finished = not isinstance(failure, ModelUnavailable)
        _count(failure.usage, outcome)
        problems = errors(failure.problems)[:5] if isinstance(failure, InvalidModel) else [failure]
        outcome.findings += [str(each) for each in problems]
    else:
        outcome.model = generated.spec.wire()
        if generated.compiled is not None:
            outcome.compiled = True
            await _look(case, generated.compiled, tools, outcome)
    outcome.seconds = round(time.monotonic() - began, 1)
    return outcome


async def _generated(
    case: Case, current: ModelSpec | None, tools: Tools, ways: RouteRequest, outcome: Outcome
) -> Generated:
    request = GenerateRequest(prompt=case.prompt, route=ways, current_model=current)
    async with aclosing(generating(request, tools)) as steps:
        async for step in steps:
            if isinstance(step, Repairing):
                outcome.repairs += 1
                outcome.findings += [f"repaired: {each}" for each in step.problems[:5]]
            if isinstance(step, Generated):
                outcome.valid_at_first = outcome.repairs == 0 and not errors(step.problems)
                _count(step.draft.usage, outcome)
                return step
    raise AssertionError("generating ends with a model or an exception")


def _count(usage: Usage, outcome: Outcome) -> None:
    outcome.input_tokens, outcome.output_tokens = usage.input_tokens, usage.output_tokens
    outcome.cost_usd = usage.cost_usd


async def _look(case: Case, compiled: Compiled, tools: Tools, outcome: Outcome) -> None:
    """Run the model and look for the facts; runs with the same parameters are shared."""
    results: dict[str, Any] = {}
    outcome.ran = True
    for fact in case.facts:
        key = json.dumps([fact.set, fact.steps])
        if key not in results:
            results[key] = await _series(fact, compiled, tools, outcome)
        series = results[key]
        seen = show(fact, series) if series is not None else None
        if seen is not None and seen.holds:
            outcome.shown += 1
        else:
            outcome.findings.append(f"not shown: {fact}: {seen.seen if seen else 'no run'}")


async def _series(fact: Fact, compiled: Compiled, tools: Tools, outcome: Outcome) -> Any:
    names = [each.name for each in compiled.program.parameters]
    parameters: dict[str, Any] = {}
    for pattern, value in fact.set.items():
        name = find(pattern, names)
        if name is None:
            outcome.findings.append(f"no parameter like {pattern!r}; there are {names}")
            return None
        is_whole = isinstance(compiled.program.parameter(name).default, int) and value % 1 == 0  # type: ignore[union-attr]
        parameters[name] = int(value) if is_whole else value
    steps = fact.steps or min(DEFAULT_STEPS, compiled.bundle.max_steps)
    job = RunJob(bundle=compiled.bundle, seed=1, steps=steps, parameters=parameters)
    result = await collect(run(job, tools))
    if result.failure is not None:
        outcome.ran = False
        outcome.findings += [str(problem) for problem in result.problems]
        return None
    return result.model


def recorded_tools(case: Case, tools: Tools) -> Tools:
    """Give tools whose author replays the answers that were recorded for a case."""
    replies = read_recording(RECORDED / f"{case.id}.json")
    route = Route(vendor="recorded", model="recorded")
    author = LanguageModelAuthor(ScriptedModel(replies), route)
    return Tools(
        author=lambda _: author,
        models=tools.models,
        sandbox=tools.sandbox,
        verify_budget_s=tools.verify_budget_s,
    )


def table(outcomes: list[Outcome]) -> Table:
    """Give the outcomes as a table, with a last row that adds them up."""
    grid = Table()
    for column in (
        "prompt",
        "first try",
        "repairs",
        "compiled",
        "ran",
        "facts",
        "tokens in",
        "tokens out",
        "cost $",
        "s",
    ):
        grid.add_column(column, justify="left" if column == "prompt" else "right")
    sign = {True: "yes", False: "no"}
    for each in outcomes:
        grid.add_row(
            each.id,
            sign[each.valid_at_first],
            str(each.repairs),
            sign[each.compiled],
            sign[each.ran],
            f"{each.shown}/{each.facts}",
            f"{each.input_tokens:,}",
            f"{each.output_tokens:,}",
            _dollars([each]),
            f"{each.seconds:.1f}",
        )
    grid.add_section()
    whole = sum(each.shown == each.facts and each.ran for each in outcomes)
    grid.add_row(
        f"{len(outcomes)} prompts",
        str(sum(each.valid_at_first for each in outcomes)),
        str(sum(each.repairs for each in outcomes)),
        str(sum(each.compiled for each in outcomes)),
        str(sum(each.ran for each in outcomes)),
        f"{whole} whole",
        f"{sum(each.input_tokens for each in outcomes):,}",
        f"{sum(each.output_tokens for each in outcomes):,}",
        _dollars(outcomes),
        f"{sum(each.seconds for each in outcomes):.1f}",
    )
    return grid


def _dollars(outcomes: list[Outcome]) -> str:
    costs = [each.cost_usd for each in outcomes]
    known = sum(cost for cost in costs if cost is not None)
    return f"{known:.3f}" if None not in costs else "?"


async def evaluate_all(
    wanted: list[Case], settings: Settings, model: str | None, results: Path
) -> list[Outcome]:
    """Give the outcome of each case; what `results` holds already is not done again."""
    done = _finished(results)
    with TemporaryDirectory() as folder:
        tools = Tools(
            author=partial(author_for, connections=settings.connections),
            models=ModelStore(Path(folder)),
            sandbox=make_sandbox(settings.sandbox),
            verify_budget_s=settings.verify_budget_s,
        )
        ways = RouteRequest(
            underlying_model=model or "offline", keys=settings.vendor_keys, vendors=settings.vendors
        )
        for number, case in enumerate(wanted, 1):
            if case.id in done and done[case.id].fingerprint == case.fingerprint:
                continue
            used = tools if model else recorded_tools(case, tools)
            SCREEN.print(f"{number}/{len(wanted)} {case.id} ...", end=" ", highlight=False)
            done[case.id] = await _in_turn(case, done, used, ways)
            for each in wanted:
                if each.changes == case.id:
                    done.pop(each.id, None)
            _write(results, done)
            SCREEN.print(_words(done[case.id]), highlight=False)
    return [done[case.id] for case in wanted]


async def _in_turn(
    case: Case, done: dict[str, Outcome], tools: Tools, ways: RouteRequest
) -> Outcome:
    """Give the outcome of a case, or that there is no model that it could change."""
    if case.changes is None:
        return await evaluate(case, None, tools, ways)
    before = done[case.changes]
    if before.model is None:
        missing = f"not asked: {case.changes} gave no model that could be changed"
        return Outcome(
            id=case.id, facts=len(case.facts), is_finished=False, findings=[missing], cost_usd=0
        )
    return await evaluate(case, ModelSpec.model_validate(before.model), tools, ways)


def _words(outcome: Outcome) -> str:
    if not outcome.is_finished:
        return outcome.findings[-1]
    return f"{outcome.shown}/{outcome.facts} facts, {outcome.seconds:.0f} s"


def _finished(results: Path) -> dict[str, Outcome]:
    """Give the outcomes of a file; raises BadRequest when it holds something else."""
    if not results.exists():
        return {}
    try:
        kept = [Outcome(**each) for each in json.loads(results.read_text("utf-8"))]
    except (ValueError, TypeError) as failure:
        raise BadRequest(
            f"{results} holds no results of this version. Delete it, or use --again."
        ) from failure
    return {each.id: each for each in kept if each.is_finished}


def _write(results: Path, done: dict[str, Outcome]) -> None:
    """Write all outcomes; whoever stops the run finds the file as it was before or after."""
    text = json.dumps([asdict(each) for each in done.values()], indent=1, ensure_ascii=False)
    new = results.with_suffix(".new")
    new.write_text(text + "\n", encoding="utf-8")
    new.replace(results)


def chosen(only: list[str] | None, model: str | None) -> list[Case]:
    """Give the cases to do, with those whose models they change; raises BadRequest."""
    known = {case.id: case for case in cases()}
    unknown = sorted(set(only or ()) - known.keys())
    if unknown:
        raise BadRequest(f"There is no case {', '.join(unknown)}. There are {', '.join(known)}.")
    names = {name for each in only or known for name in (each, known[each].changes)}
    return [
        case
        for case in known.values()
        if case.id in names and (model or (RECORDED / f"{case.id}.json").exists())
    ]


def main() -> None:
    """Evaluate, and print the table and what went wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--model", help="language model to ask; without it the recorded answers")
    parser.add_argument("--only", action="append", help="id of a case; may be given several times")
    parser.add_argument("--results", type=Path, help="file of results, JSON")
    parser.add_argument("--again", action="store_true", help="forget the results that there are")
    try:
        _evaluate(parser.parse_args())
    except KeyboardInterrupt:
        SCREEN.print("\nStopped. The same command goes on with what is left.")
        sys.exit(130)
    except AbmError as failure:
        SCREEN.print(f"\n{failure}", highlight=False, markup=False)
        sys.exit(1)


def _evaluate(args: argparse.Namespace) -> None:
    settings = load_settings()
    name = (args.model or "recorded").replace("/", "-").replace(":", "-").replace(" ", "-")
    results = args.results or settings.data_dir / f"evals-{name}.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    if args.again:
        results.unlink(missing_ok=True)
    wanted = chosen(args.only, args.model)
    outcomes = asyncio.run(evaluate_all(wanted, settings, args.model, results))
    screen = Console(width=120)
    for each in outcomes:
        for finding in each.findings:
            screen.print(f"{each.id}: {finding}", highlight=False, markup=False)
    screen.print(table(outcomes))
    screen.print(f"Written to {results}.", highlight=False)
    if not all(each.is_finished for each in outcomes):
        screen.print("Not everything was answered; the same command asks for the rest again.")


if __name__ == "__main__":
    main()

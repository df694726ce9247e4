"""Evaluates authors: prompts with checkable facts go through the whole product, and what comes out
is run and looked at.

    python tests/evals/evaluate.py                       recorded answers, without a key
    python tests/evals/evaluate.py --model gpt-5.6-terra  a live model, or local:NAME

Finished prompts are kept in the file of results and not asked again (--again asks them).
"""

import argparse
import asyncio
import json
import time
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from functools import partial
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
from abm_quant.errors import AbmError, InvalidModel
from abm_quant.llm.routing import Route, RouteRequest
from abm_quant.llm.scripted import ScriptedModel, read_recording
from abm_quant.pipeline import Compiled, Generated, GenerateRequest, Tools, generating, run
from abm_quant.running.table import make_sandbox
from abm_quant.settings import Settings, load_settings
from abm_quant.storage.models import ModelStore
from evals.facts import Fact, find, show

HERE = Path(__file__).parent
RECORDED = HERE / "recorded"
DEFAULT_STEPS = 200


class Case(BaseModel):
    """A prompt, or a change of the model of another case, with what its run must show."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    prompt: str
    facts: list[Fact]
    changes: str | None = None
    """The id of the case whose model is changed; it comes earlier in the list."""


@dataclass
class Outcome:
    """What came of one prompt."""

    id: str
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
    outcome = Outcome(id=case.id, facts=len(case.facts))
    began = time.monotonic()
    try:
        generated = await _generated(case, current, tools, ways, outcome)
    except InvalidModel as failure:
        outcome.findings += [str(each) for each in errors(failure.problems)[:5]]
    except AbmError as failure:
        outcome.findings.append(str(failure))
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
                usage = step.draft.usage
                outcome.valid_at_first = outcome.repairs == 0 and not errors(step.problems)
                outcome.input_tokens = usage.input_tokens
                outcome.output_tokens = usage.output_tokens
                outcome.cost_usd = usage.cost_usd
                return step
    raise AssertionError("generating ends with a model or an exception")


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
            f"{each.output_tokens:,}",
            "?" if each.cost_usd is None else f"{each.cost_usd:.3f}",
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
        f"{sum(each.output_tokens for each in outcomes):,}",
        f"{sum(each.cost_usd or 0 for each in outcomes):.3f}",
        f"{sum(each.seconds for each in outcomes):.1f}",
    )
    return grid


async def evaluate_all(
    wanted: list[Case], settings: Settings, model: str | None, results: Path
) -> list[Outcome]:
    """Give the outcome of each case; what `results` holds already is not done again."""
    done = {each["id"]: Outcome(**each) for each in _read(results)}
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
        for case in wanted:
            if case.id in done:
                continue
            before = done.get(case.changes or "")
            current = ModelSpec.model_validate(before.model) if before and before.model else None
            used = tools if model else recorded_tools(case, tools)
            done[case.id] = await evaluate(case, current, used, ways)
            text = json.dumps(
                [asdict(each) for each in done.values()], indent=1, ensure_ascii=False
            )
            results.write_text(text + "\n", encoding="utf-8")
            Console(stderr=True).print(f"{case.id}: {done[case.id].shown}/{len(case.facts)} facts")
    return [done[case.id] for case in wanted]


def _read(results: Path) -> list[dict[str, Any]]:
    return json.loads(results.read_text("utf-8")) if results.exists() else []


def main() -> None:
    """Evaluate, and print the table and what went wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--model", help="language model to ask; without it the recorded answers")
    parser.add_argument("--only", action="append", help="id of a case; may be given several times")
    parser.add_argument("--results", type=Path, help="file of results, JSON")
    parser.add_argument("--again", action="store_true", help="forget the results that there are")
    args = parser.parse_args()
    settings = load_settings()
    name = (args.model or "recorded").replace("/", "-").replace(":", "-").replace(" ", "-")
    results = args.results or settings.data_dir / f"evals-{name}.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    if args.again:
        results.unlink(missing_ok=True)
    wanted = [case for case in cases() if not args.only or case.id in args.only]
    if not args.model:
        wanted = [case for case in wanted if (RECORDED / f"{case.id}.json").exists()]
    outcomes = asyncio.run(evaluate_all(wanted, settings, args.model, results))
    screen = Console(width=120)
    for each in outcomes:
        for finding in each.findings:
            screen.print(f"{each.id}: {finding}", highlight=False, markup=False)
    screen.print(table(outcomes))
    screen.print(f"Written to {results}.", highlight=False)


if __name__ == "__main__":
    main()

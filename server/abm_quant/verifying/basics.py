"""The model runs, starts as stated, and gives the same for the same seed."""

import ast
from dataclasses import replace
from typing import Any

from abm_quant.contracts.problems import Problem, problem
from abm_quant.verifying.finding import Finding, counted, listed, short
from abm_quant.verifying.subject import Subject, code_of
from abm_quant.verifying.trials import (
    AGAIN,
    BASE,
    OTHER_SEEDS,
    PROBED,
    NotChecked,
    Outcome,
    Trial,
    Trials,
    working,
)

OUTSIDE = {
    "SystemRandom": "random numbers of the operating system",
    "default_rng": "a generator of its own",
    "urandom": "random numbers of the operating system",
    "uuid4": "random identifiers",
    "time": "the clock",
    "time_ns": "the clock",
    "perf_counter": "the clock",
    "monotonic": "the clock",
    "now": "the clock",
    "today": "the clock",
    "id": "the address of a thing in memory",
    "hash": "the hash of a thing",
}
"""What differs between runs of the same seed, by the name that is called."""


async def runs(subject: Subject, trials: Trials) -> Finding:
    """Check that the model is imported, set up and stepped."""
    outcome = await trials.get(BASE)
    result = outcome.result
    if outcome.broke:
        where = f"It broke after {counted(result.steps, 'step')} (seed 1)."
        return Finding(where, tuple(result.problems))
    how = f"{counted(result.steps, 'step')} in {outcome.seconds:.1f} s (seed 1)"
    end = (
        f"the time for it was up; {subject.horizon} were asked for"
        if outcome.is_cut
        else ending(outcome)
    )
    noticed = tuple(each for each in result.problems if each.code == "value-not-json")
    return Finding(f"{how}; {end}.", noticed)


def ending(outcome: Outcome) -> str:
    """Say in words why a run ended."""
    reason = outcome.result.stop_reason
    if reason == "steps":
        return "as many as were asked for"
    return "its own maximum" if reason == "max-steps" else f"ended by the rule on {reason}"


async def start(subject: Subject, trials: Trials) -> Finding:
    """Check that as many agents are there at step 0 as are stated."""
    outcome = await working(trials)
    seen, problems = [], []
    for agent_type in subject.program.agent_types:
        recorded = outcome.series.get(f"{agent_type.name}.count", [None])[0]
        stated = _stated(code_of(agent_type.count), subject)
        if stated is None or recorded is None:
            continue
        seen.append(f"{recorded:,} {agent_type.name}")
        if stated != recorded:
            message = (
                f"{stated:,} agents of the type {agent_type.name} are stated, and {recorded:,} are "
                "there at step 0."
            )
            hint = "Let either initialCount or a function of the set-up create them, not both."
            problems.append(problem("wrong-start", agent_type.path, message, hint))
    if not seen:
        return Finding("The numbers of agents are computed.", applies=False)
    return Finding(f"At step 0: {listed(seen)} (seed 1).", tuple(problems))


def _stated(count: str, subject: Subject) -> int | None:
    """Give the number of agents that an expression states, None where it is computed."""
    parameter = subject.program.parameter(count.removeprefix("self."))
    if parameter is not None:
        return parameter.default if type(parameter.default) is int else None
    return int(count) if count.isdecimal() else None


async def same_seed(subject: Subject, trials: Trials) -> Finding:
    """Check that a fresh process with the same seed records the same."""
    first = await working(trials)
    second = await trials.get(AGAIN)
    difference = differs(first, second)
    if difference is None:
        steps = counted(common_steps(first, second), "step")
        return Finding(f"Two processes recorded the same in {steps} (seed 1).")
    message = f"Two runs with seed 1 differ: {difference}."
    return Finding(message, (_unseeded(subject, message),))


async def hidden_order(subject: Subject, trials: Trials) -> Finding:
    """Check that neither the order of sets, nor hashes, nor unseeded generators matter."""
    await same_first(trials)
    first = await working(trials)
    second = await trials.get(Trial(instrument="scrambled"))
    if second.broke:
        return Finding("The code does not run with sets in another order.", applies=False)
    difference = differs(first, second)
    if difference is None:
        steps = counted(common_steps(first, second), "step")
        return Finding(
            f"Sets in another order, other hashes and reseeded global generators changed nothing "
            f"in {steps} (seed 1)."
        )
    message = (
        "The results depend on the order of a set, on hashes or on an unseeded generator, which "
        f"are not the same in every process: {difference} (seed 1)."
    )
    return Finding(message, (_unseeded(subject, message, suspects=("set", "id", "hash")),))


async def same_first(trials: Trials) -> None:
    """Raise NotChecked where the plain runs differ already."""
    if differs(await working(trials), await trials.get(AGAIN)) is not None:
        raise NotChecked("The same seed gives different results already; see `same-seed`.")


async def other_seed(subject: Subject, trials: Trials) -> Finding:
    """Check that other seeds give other results where the author's code draws random numbers."""
    pieces = (*subject.active, *subject.first)
    drawing = [each.label for each in pieces if each.draws]
    if not drawing:
        return Finding("The author's code draws no random numbers.", applies=False)
    first = await working(trials)
    others = await trials.all(*OTHER_SEEDS)
    different = [each for each in others if differs(first, each) is not None]
    if different:
        return Finding(f"Seeds 1, 2 and 3 gave {len(different) + 1} different courses.")
    if subject.is_still:
        return Finding("Nothing changes at all; see `liveness`.", applies=False)
    states = await trials.all(PROBED, replace(PROBED, seed=2), replace(PROBED, seed=3))
    if any(each.reports != states[0].reports for each in states):
        return Finding("Seeds 1, 2 and 3 gave the same series, and different states of agents.")
    evidence = f"Seeds 1, 2 and 3 gave the same, though {listed(drawing, 3)} draws random numbers."
    hint = "Draw from self.random or self.model.random, and do not seed a generator of your own."
    return Finding(evidence, (problem("seed-ignored", "", evidence, hint),))


async def copied(subject: Subject, trials: Trials) -> Finding:
    """Check that a copy of the model that is taken in mid-run goes on in the same way."""
    if any(each.code == "not-deterministic" for each in subject.known):
        return Finding("The seed does not decide the results; see the problem.", applies=False)
    await same_first(trials)
    first = await working(trials)
    second = await trials.get(Trial(instrument="copied"))
    if second.broke:
        return Finding("The state of the model cannot be copied.", applies=False)
    # Ids are not compared: Mesa numbers the agents of a copied model anew.
    difference = differs(first, second, with_agents=False)
    if difference is None:
        last = common_steps(first, second)
        return Finding(f"A copy taken at step 5 went on in the same way to step {last} (seed 1).")
    message = f"A copy of the model taken at step 5 goes on differently: {difference} (seed 1)."
    hint = "Keep all state in attributes of the model and its agents, not in modules or functions."
    return Finding(message, (problem("hidden-state", "", message, hint),))


def differs(first: Outcome, second: Outcome, *, with_agents: bool = True) -> str | None:
    """Say where two outcomes differ in the steps that both have, None where they do not."""
    steps = common_steps(first, second)
    for name in first.series:
        one, other = first.series[name], second.series.get(name, [])
        for step in range(steps + 1):
            if step < len(one) and one[step : step + 1] != other[step : step + 1]:
                return f"{name} is {_short(one[step])} and {_short(other[step])} at step {step}"
    for kind, table in first.result.agents.items() if with_agents else ():
        if _rows(table, steps) != _rows(second.result.agents.get(kind, {}), steps):
            return f"the agents of the type {kind} differ"
    ended = not first.is_cut and not second.is_cut
    if ended and first.result.steps != second.result.steps:
        return f"one ends after {first.result.steps} steps, one after {second.result.steps}"
    return None


def common_steps(first: Outcome, second: Outcome) -> int:
    """Give the last step that both outcomes have."""
    return min(first.result.steps, second.result.steps)


def _rows(table: dict[str, list[Any]], steps: int) -> list[Any]:
    rows = zip(*table.values(), strict=True)
    place = list(table).index("step") if "step" in table else 0
    return [row for row in rows if row[place] <= steps]


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else short(value, 40)


def _unseeded(subject: Subject, message: str, suspects: tuple[str, ...] = ()) -> Problem:
    """Give the problem with the place in the code that is the likely reason."""
    for piece in (*subject.active, *subject.first):
        for name in _outside(piece.tree, suspects):
            what = OUTSIDE.get(name, "the order of a set")
            words = f"{message} {piece.label} uses {what}."
            hint = "Draw random numbers from self.random, take time from the step, and sort sets."
            return problem("not-deterministic", f"{piece.function.path}/code", words, hint)
    hint = "Draw random numbers from self.random or self.model.random, and sort sets before use."
    return problem("not-deterministic", "", message, hint)


def _outside(tree: ast.Module, suspects: tuple[str, ...]) -> list[str]:
    """Give what code uses that the seed does not decide; the suspects come first."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Set | ast.SetComp):
            found.append("set")
        elif isinstance(node, ast.Call):
            named = node.func
            found += [named.attr] if isinstance(named, ast.Attribute) else []
            found += [named.id] if isinstance(named, ast.Name) else []
    known = [name for name in found if name in OUTSIDE or name in ("set", *suspects)]
    return sorted(known, key=lambda name: name not in suspects)

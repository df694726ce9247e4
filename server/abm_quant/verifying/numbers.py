"""Numbers stay numbers, of a size that means something, in the range that their name states."""

import re
from collections.abc import Iterator

from abm_quant.compiling.resolve import words_of
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import Attribute, Parameter, Variable
from abm_quant.verifying.finding import Finding, counted, listed, short
from abm_quant.verifying.report import Report
from abm_quant.verifying.subject import Subject
from abm_quant.verifying.trials import Outcome, Trials, reported, working

Known = dict[str, Parameter | Variable | Attribute]
HUGE = 1e12
MANIFOLD = 50
"""A population that has grown so many times and still grows, explodes."""
SHARES = {"fraction", "share", "probability", "proportion", "prevalence"}
SHARE_TEXT = re.compile(r"^(the )?(share|fraction|probability|proportion)\b", re.IGNORECASE)


async def finite(subject: Subject, trials: Trials) -> Finding:
    """Check that no number becomes NaN or infinite, and that nothing grows without end."""
    outcome = await reported(trials)
    known = subject.labelled
    bad: dict[str, tuple[int, str]] = {}
    for step, report in enumerate(outcome.reports):
        plain = [(name, value) for name, value in report.vars.items()]
        lost = {name: "not finite" for name, value in plain if value is None}
        for name, what in {**report.bad, **lost}.items():
            if name in known:
                bad.setdefault(name, (step, what))
    problems = [_not_finite(name, *found, known) for name, found in bad.items()]
    grown = [] if bad else list(_explosions(subject, outcome, known))
    steps = counted(outcome.result.steps, "step")
    evidence = f"All numbers of model and agents were looked at in {steps} (seed 1)."
    if bad:
        evidence = f"Not finite: {listed(list(bad))} (seed 1)."
    return Finding(evidence, (*problems, *grown))


def _not_finite(name: str, step: int, what: str, known: Known) -> Problem:
    message = f"{name} is no number any more ({short(what)}) from step {step} on (seed 1)."
    hint = "Look for a division by 0, a logarithm or root of something negative, or an overflow."
    return problem("not-a-number", known[name].path, message, hint)


def _explosions(subject: Subject, outcome: Outcome, known: Known) -> Iterator[Problem]:
    hint = "Look for a rate that is applied too often, or a limit that is missing."
    for kind in subject.program.agent_types:
        series = [each for each in outcome.series.get(f"{kind.name}.count", []) if each is not None]
        if (
            len(series) > 2
            and series[-1] > MANIFOLD * max(series[0], 10)
            and series[-1] > 1.2 * series[-3]
        ):
            message = (
                f"The number of {kind.name} agents grew from {series[0]:,} to {series[-1]:,} in "
                f"{counted(len(series) - 1, 'step')} and goes on growing (seed 1)."
            )
            yield problem("explodes", kind.path, message, hint)
    sizes: dict[str, tuple[int, float]] = {}
    for step, report in enumerate(outcome.reports):
        values = {**report.vars}
        values |= {name: high for name, (_, high) in report.ranges.items()}
        values |= {name: low for name, (low, _) in report.ranges.items() if low < -HUGE}
        for name, value in values.items():
            if isinstance(value, int | float) and abs(value) > HUGE and name in known:
                sizes.setdefault(name, (step, value))
    for name, (step, value) in sizes.items():
        if step:
            message = f"{name} grows without end: {value:.3g} at step {step} (seed 1)."
            yield problem("explodes", known[name].path, message, hint)


async def domain(subject: Subject, trials: Trials) -> Finding:
    """Check shares, counts and places."""
    await working(trials)
    outcome = await reported(trials)
    bounds, first = _ranges(outcome.reports), _ranges(outcome.reports[:1])
    known = subject.labelled
    looked: list[str] = []
    problems = []
    for name in bounds:
        limits = _limits(subject, name, first.get(name)) if name in known else None
        if limits is not None:
            looked.append(name)
            low, high = bounds[name]
            if low < limits[0] - 1e-9 or high > limits[1] + 1e-9:
                problems.append(_outside(name, (low, high), limits, known[name].path))
    problems += _standing(subject, outcome)
    space = subject.program.space.kind
    where = f"; places of all agents in the {space}" if space != "none" else ""
    if not looked and not where:
        return Finding("Nothing is named as a share or a count.", applies=False)
    evidence = f"Ranges of {listed(looked) or 'no variable'}{where} (seed 1)."
    return Finding(evidence, tuple(problems))


def _ranges(reports: list[Report]) -> dict[str, tuple[float, float]]:
    """Give the smallest and largest value that each number had."""
    found: dict[str, tuple[float, float]] = {}
    for report in reports:
        now = {name: (low, high) for name, (low, high) in report.ranges.items()}
        now |= {
            name: (value, value)
            for name, value in report.vars.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        for name, (low, high) in now.items():
            before = found.get(name, (low, high))
            found[name] = (min(before[0], low), max(before[1], high))
    return found


def _limits(
    subject: Subject, name: str, start: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Give the range that the name or description of a number states, None where it states none.

    What starts outside of 0 to 1 is a share of something else, unless it is a probability.
    """
    bare = name.split(".")[-1]
    words = words_of(bare)
    text = subject.labelled[name].description
    if words & {"count", "num"} and not words & {"max", "min", "change", "difference", "net"}:
        return (0, float("inf"))
    if words & {"percent", "percentage", "change", "log", "difference"} or "%" in text:
        return None
    if "probability" in words:
        return (0, 1)
    is_named = bool(words & SHARES or SHARE_TEXT.match(text))
    declared = subject.labelled[name]
    is_whole = not isinstance(declared, Parameter) and declared.type == "integer"
    begins_inside = start is None or (start[0] >= 0 and start[1] <= 1)
    return (0, 1) if is_named and begins_inside and not is_whole else None


def _outside(
    name: str, seen: tuple[float, float], limits: tuple[float, float], path: str
) -> Problem:
    wanted = "not below 0" if limits[1] > 1 else "from 0 to 1"
    message = (
        f"{name} should be {wanted}, going by its name or description; it was from {seen[0]:.6g} to "
        f"{seen[1]:.6g} (seed 1)."
    )
    hint = "Mend the code that changes it, or name it after what it is."
    return problem("out-of-domain", path, message, hint)


def _standing(subject: Subject, outcome: Outcome) -> Iterator[Problem]:
    """Give what is wrong with the places of agents."""
    space = subject.program.space
    path = space.path or "/environment/topology"
    for step, report in enumerate(outcome.reports):
        if report.ghosts:
            message = (
                f"{counted(report.ghosts, 'agent')} that left the model still stand in its space "
                f"at step {step} (seed 1)."
            )
            hint = "Remove an agent with its own remove(), which also takes it off the space."
            yield problem("out-of-domain", path, message, hint)
            return
        if report.outside:
            message = (
                f"{counted(report.outside, 'agent')} are outside of the space at step {step} "
                "(seed 1)."
            )
            hint = "Bring the coordinates back into the space, or make it a torus."
            yield problem("out-of-domain", path, message, hint)
            return
        if space.capacity and report.crowded > space.capacity:
            message = (
                f"{report.crowded} agents share one place at step {step} (seed 1); it has room "
                f"for {space.capacity}."
            )
            yield problem("out-of-domain", path, message, "Look for a free place before moving.")
            return

"""Something happens: what is recorded changes, and so do the categories that code assigns."""

from abm_quant.contracts.problems import Problem, problem
from abm_quant.verifying.finding import Finding, counted, listed
from abm_quant.verifying.reasons import Stillness, likely_reason
from abm_quant.verifying.report import Report
from abm_quant.verifying.subject import Subject
from abm_quant.verifying.trials import (
    OTHER_SEEDS,
    NotChecked,
    Outcome,
    Trial,
    Trials,
    reported,
    working,
)

FEW = 2
"""A run with no more steps shows nothing; it is made again without its stop rules."""
ENOUGH = 5


async def liveness(subject: Subject, trials: Trials) -> Finding:
    """Check that what is tracked changes, and that no category is frozen."""
    outcomes = await _long_runs(subject, trials)
    steps = min(each.result.steps for each in outcomes)
    if steps < 1:
        raise NotChecked("No step was recorded in time.")
    seeds = listed([str(each.trial.seed) for each in outcomes])
    span = f"{counted(steps, 'step')} (seed {seeds})"
    watched = _watched(subject, outcomes[0])
    still = [name for name in watched if all(_constant(each, name) for each in outcomes)]
    agents_change = any(_agents_change(each) for each in outcomes)
    if watched and len(still) == len(watched) and not agents_change:
        reports = await _reports(trials, outcomes)
        case = Stillness(subject, tuple(still), tuple(reports))
        return Finding(f"Nothing recorded changes in {span}.", (_nothing(case, span),))
    frozen = await _frozen(subject, trials, steps)
    moving = len(watched) - len(still)
    constant = f"; constant: {listed(still)}" if still else ""
    return Finding(f"{moving} of {len(watched)} series change in {span}{constant}.", frozen)


async def _long_runs(subject: Subject, trials: Trials) -> list[Outcome]:
    """Give runs that are not ended at once by a rule."""
    first = await working(trials)
    ended_early = first.result.steps <= FEW < subject.horizon and not first.is_cut
    if ended_early and first.result.stop_reason not in ("steps", "max-steps", None):
        return [await trials.get(Trial(instrument="unstopped", steps=50))]
    if not all(_constant(first, name) for name in _watched(subject, first)):
        return [first]
    return [first, *await trials.all(*OTHER_SEEDS)]


async def _reports(trials: Trials, outcomes: list[Outcome]) -> list[Report]:
    """Give the reports on the state, none where there are no instruments."""
    if outcomes[0].reports:
        return outcomes[0].reports
    try:
        return (await reported(trials)).reports
    except NotChecked:
        return []


def _watched(subject: Subject, outcome: Outcome) -> list[str]:
    """Give the series that the specification tracks; the numbers of agents where it tracks none."""
    tracked = [name for name in outcome.series if subject.series[name].measure != "count"]
    return tracked or (list(outcome.series) if not outcome.result.agents else [])


def _constant(outcome: Outcome, name: str) -> bool:
    """Tell whether a series stays as it is; it may take its first value in the first step."""
    series = outcome.series.get(name, [])
    rest = series[1:] or series
    same = all(each == rest[0] for each in rest)
    return same and (series[0] == rest[0] or (len(rest) > FEW and not series[0]))


def _agents_change(outcome: Outcome) -> bool:
    """Tell whether any value that is recorded for each agent changes."""
    for table in outcome.result.agents.values():
        ids = table["id"]
        for name, values in table.items():
            if name in ("step", "id"):
                continue
            seen: dict[int, object] = {}
            if any(
                seen.setdefault(key, value) != value for key, value in zip(ids, values, strict=True)
            ):
                return True
    return False


def _nothing(case: Stillness, span: str) -> Problem:
    reason = likely_reason(case)
    path = reason.path or _first_path(case.subject)
    message = (
        f"Nothing happens: {listed(list(case.still))} stayed constant for {span}. {reason.words}"
    )
    return problem("nothing-happens", path, message, reason.hint)


def _first_path(subject: Subject) -> str:
    return subject.program.trackers[0].path if subject.program.trackers else ""


async def _frozen(subject: Subject, trials: Trials, steps: int) -> tuple[Problem, ...]:
    """Give a problem where code assigns a category and no agent ever changes it."""
    assigned = [
        (kind, attribute)
        for kind, attribute in subject.attributes
        if attribute.type == "string" and attribute.name in subject.written
    ]
    if not assigned or steps < ENOUGH:
        return ()
    try:
        outcome = await reported(trials)
    except NotChecked:
        return ()
    moved = {label for report in outcome.reports for label in report.moves}
    lived = {kind for report in outcome.reports[:1] for kind in report.born}
    still = [
        (kind, attribute)
        for kind, attribute in assigned
        if kind in lived and f"{kind}.{attribute.name}" not in moved
    ]
    if not still:
        return ()
    names = tuple(f"{kind}.{attribute.name}" for kind, attribute in still)
    case = Stillness(subject, names, tuple(outcome.reports))
    reason = likely_reason(case)
    message = (
        f"No agent ever changes {listed(list(names))} in {counted(outcome.result.steps, 'step')} "
        f"(seed 1), though the code assigns it. {reason.words}"
    )
    path = reason.path or still[0][1].path
    return (problem("nothing-happens", path, message, reason.hint),)

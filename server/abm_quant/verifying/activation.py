"""Activation: the order in which agents act, and how the time grows with their number."""

import math
from statistics import fmean, pstdev

from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import Parameter
from abm_quant.verifying.finding import Finding, counted, listed
from abm_quant.verifying.parameters import counts
from abm_quant.verifying.subject import Subject
from abm_quant.verifying.trials import Outcome, Trial, Trials, working

SEEDS = range(1, 7)
DEVIATIONS = 4
LEAST = 0.1
"""The smallest difference between means that matters, as a share of the larger one."""
TIMES = 10
LONG_ENOUGH_S = 0.2
SHORT = 20


async def order(subject: Subject, trials: Trials) -> Finding:
    """Check whether results depend on agents acting in random order, beyond what chance explains."""
    await working(trials)
    shuffled = await trials.all(*(Trial(seed=seed) for seed in SEEDS))
    ordered = await trials.all(*(Trial(seed=seed, instrument="ordered") for seed in SEEDS))
    if any(each.broke or each.is_cut for each in (*shuffled, *ordered)):
        return Finding("Not all of the runs came to their end.", applies=False)
    different = []
    for name in shuffled[0].series:
        one, other = (_means(outcomes, name) for outcomes in (shuffled, ordered))
        if len(one) == len(other) == len(SEEDS) and _differ(one, other):
            different.append(f"{name} {fmean(one):.4g} and {fmean(other):.4g}")
    seeds = f"seeds {SEEDS[0]} to {SEEDS[-1]}"
    if not different:
        return Finding(f"In the order of their ids agents reach the same as shuffled ({seeds}).")
    message = (
        f"It matters in which order agents act: shuffled and in the order of their ids the means are "
        f"{listed(different, 3)} ({seeds})."
    )
    return Finding(message, (_order_problem(message),))


def _order_problem(message: str) -> Problem:
    hint = (
        "Where all should act at the same time, decide in one behavior and change the state in a "
        "second one."
    )
    return problem("order-dependent", "/scheduler/schedule", message, hint)


def _means(outcomes: list[Outcome], name: str) -> list[float]:
    """Give the mean over time of a series in each run; those that are numbers throughout."""
    found = []
    for outcome in outcomes:
        values = outcome.series.get(name, [])
        if values and all(type(each) in (int, float) for each in values):
            found.append(fmean(values))
    return found


def _differ(one: list[float], other: list[float]) -> bool:
    difference = abs(fmean(one) - fmean(other))
    noise = math.hypot(pstdev(one), pstdev(other)) / math.sqrt(len(one))
    size = max(abs(fmean(one)), abs(fmean(other)))
    return difference > DEVIATIONS * noise and difference > LEAST * size


async def scaling(subject: Subject, trials: Trials) -> Finding:
    """Measure how the time grows with ten times as many agents."""
    await working(trials)
    names = counts(subject)
    numbers = [each for each in subject.numbers if each.name in names and each.default]
    if not numbers:
        return Finding("No parameter is the number of agents.", applies=False)
    more = tuple((each.name, _more(each)) for each in numbers)
    few = await trials.get(Trial(steps=SHORT))
    many = await trials.get(Trial(steps=SHORT, parameters=more))
    if many.broke or not many.result.steps or not few.result.steps:
        why = "the set-up refuses them" if many.broke else "no step was made in time"
        return Finding(f"Not with {TIMES} times as many agents: {why}.", applies=False)
    if many.seconds < LONG_ENOUGH_S or few.seconds <= 0:
        steps = counted(many.result.steps, "step")
        return Finding(f"{TIMES} times as many agents take {many.seconds:.2f} s for {steps}.")
    ratio = many.seconds / few.seconds * few.result.steps / many.result.steps
    exponent = math.log(ratio) / math.log(TIMES)
    return Finding(
        f"{TIMES} times as many agents take {ratio:.1f} times as long for set-up and "
        f"{counted(many.result.steps, 'step')}: the time grows with their number to the power of "
        f"{exponent:.1f} (seed 1)."
    )


def _more(parameter: Parameter) -> int:
    assert isinstance(parameter.default, int | float)
    return int(parameter.default * TIMES)

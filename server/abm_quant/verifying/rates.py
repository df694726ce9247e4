"""Rates: what happens by chance happens as often as its probability states."""

import math

from abm_quant.contracts.problems import Problem, problem
from abm_quant.verifying.finding import Finding, listed
from abm_quant.verifying.instruments import RATES
from abm_quant.verifying.subject import Subject
from abm_quant.verifying.transitions import Transition, transitions
from abm_quant.verifying.trials import Outcome, Trial, Trials, with_parameter, working

FEWEST = 30
"""Draws below which a rate says nothing."""
DEVIATIONS = 3.9
"""Standard deviations that chance alone exceeds once in ten thousand times."""
WATCHED = Trial(instrument="rates")


async def rates(subject: Subject, trials: Trials) -> Finding:
    """Check transitions with the stated probability, and with a probability of 0."""
    await working(trials)
    known = transitions(subject)
    if not known:
        return Finding("No behavior changes a category by a single draw.", applies=False)
    trials.ahead(WATCHED, *(_without(each) for each in known))
    seen, problems = [], []
    for transition in known:
        stated = float(transition.parameter.default)
        for value, trial in ((stated, WATCHED), (0.0, _without(transition))):
            draws, hits = _counted(await trials.get(trial), transition)
            chance = transition.chance(value)
            if draws >= FEWEST:
                seen.append(f"{transition.label} {hits} of {draws:,} at {chance:g}")
            if draws >= FEWEST and _is_off(draws, hits, chance):
                problems.append(_problem(transition, value, draws, hits))
                break
    if not seen:
        return Finding(f"Fewer than {FEWEST} draws were made.", applies=False)
    return Finding(f"{listed(seen)} (seed 1).", tuple(problems))


def _without(transition: Transition) -> Trial:
    return with_parameter(WATCHED, transition.parameter.name, 0.0)


def _counted(outcome: Outcome, transition: Transition) -> tuple[int, int]:
    """Give the draws of agents, one a step each, and the changes that followed."""
    last = (outcome.result.model.get(RATES) or [{}])[-1]
    pair = last.get(transition.label) if isinstance(last, dict) else None
    if isinstance(pair, list) and len(pair) == 2 and all(type(each) is int for each in pair):
        return pair[0], pair[1]
    return 0, 0


def _is_off(draws: int, hits: int, chance: float) -> bool:
    """Tell whether a number of hits is too far from what is expected."""
    spread = math.sqrt(draws * chance * (1 - chance))
    return abs(hits - draws * chance) > DEVIATIONS * spread + (1 if 0 < chance < 1 else 0)


def _problem(transition: Transition, value: float, draws: int, hits: int) -> Problem:
    name = transition.parameter.name
    message = (
        f"{transition.label} set {transition.attribute} to {transition.value!r} in {hits / draws:.3f} "
        f"of {draws:,} steps of agents that drew a number, and {name} = {value:g} states "
        f"{transition.chance(value):g} (seed 1)."
    )
    hint = "Look at the direction of the comparison, and whether the behavior is scheduled twice."
    return problem("wrong-rate", transition.path, message, hint)

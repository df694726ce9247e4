"""The targets give the same distributions: two samples of runs, also while things still change."""

from functools import cache
from typing import Any

import pytest
from scipy.stats import ks_2samp

from gallery_runs import play
from generated_runs import TARGETS

SEEDS = range(30)
ALARM = 1e-4
"""Below this probability samples of one distribution do not differ so much."""

MODELS: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[int, ...]]] = {
    "boltzmann-wealth": (
        {"population": 60},
        ("gini", "share_without_money"),
        (1, 5, 20),
    ),
    "bounded-confidence": (
        {"population": 50},
        ("opinion_spread", "mean_opinion", "cluster_count"),
        (0, 1, 5, 20),
    ),
    "forest-fire": (
        {"width": 16, "height": 16, "density": 0.6},
        ("burning_count", "burned_share"),
        (1, 4, 10),
    ),
    "innovation-diffusion": (
        {"population": 60, "innovation_rate": 0.05},
        ("adopter_count", "new_adopters"),
        (1, 4, 10),
    ),
    "nagel-schreckenberg": (
        {"road_length": 60, "car_count": 20},
        ("mean_speed", "stopped_count"),
        (0, 1, 4, 20),
    ),
    "predator-prey": (
        {"width": 14, "height": 14, "initial_sheep_count": 40, "initial_wolf_count": 15},
        ("Sheep.count", "Wolf.count", "grass_count", "Sheep.energy.mean"),
        (0, 1, 3, 10, 25),
    ),
    "prisoners-dilemma": (
        {"width": 10, "height": 10},
        ("cooperator_share",),
        (0, 1, 3, 8),
    ),
    "schelling-segregation": (
        {"width": 12, "height": 12},
        ("unhappy_count", "segregation_index"),
        (0, 1, 2, 5),
    ),
    "sir-network": (
        {"population": 80, "infection_probability": 0.15},
        ("infected_count", "recovered_count"),
        (1, 4, 10, 20),
    ),
    "sugarscape": (
        {"width": 16, "height": 16, "initial_forager_count": 60},
        ("Forager.count", "gini", "standing_sugar", "Forager.vision.mean"),
        (0, 1, 4, 15),
    ),
}


@cache
def sample(name: str, target: str, **changes: Any) -> dict[tuple[str, int], list[float]]:
    """Give values of the series of a model at some steps, over many runs.

    What has ended keeps its last value; -1 stands for the mean of nobody.
    """
    parameters, series, steps = MODELS[name]
    found: dict[tuple[str, int], list[float]] = {}
    for seed in SEEDS:
        run = play(name, seed, steps[-1], target=target, **(parameters | changes))
        for each in series:
            for step in steps:
                value = run[each][min(step, run.tick)]
                found.setdefault((each, step), []).append(-1 if value is None else value)
    return found


def differing(one: dict[Any, list[float]], other: dict[Any, list[float]]) -> dict[Any, float]:
    """Give what is distributed in another way, with the probability of it."""
    found = {key: float(ks_2samp(one[key], other[key], method="asymp").pvalue) for key in one}
    return {key: chance for key, chance in found.items() if chance < ALARM}


@pytest.mark.parametrize("name", MODELS)
def test_both_targets_give_the_same_distributions(name: str) -> None:
    assert not differing(*(sample(name, target) for target in TARGETS))


def test_other_rules_would_be_noticed() -> None:
    mesa = sample("sir-network", "mesa")
    other = sample("sir-network", "agentpy", infection_probability=0.3)
    assert differing(mesa, other)


def test_a_slightly_larger_meal_would_be_noticed() -> None:
    fed = differing(
        sample("predator-prey", "mesa"),
        sample("predator-prey", "agentpy", sheep_gain_from_food=7),
    )
    assert fed

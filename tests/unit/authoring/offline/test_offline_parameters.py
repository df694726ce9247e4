"""What a prompt names is set, what it does not name stays, and all of it is told."""

import time
from typing import Any

import pytest

from abm_quant.authoring.offline.gallery import entry_named
from abm_quant.authoring.offline.parameters import Outcome, set_parameters


def outcome_of(name: str, prompt: str) -> Outcome:
    entry = entry_named(name)
    return set_parameters(entry.model, prompt, entry)


def parameters(outcome: Outcome) -> dict[str, Any]:
    """Give the literal values of the global variables and the counts of agents."""
    model = outcome.model
    found = {each["name"]: each["initialValue"] for each in model["globalVariables"]}
    counts = {each["name"]: each["initialCount"] for group in model["agents"] for each in group}
    return {**found, **counts, "steps": model["terminationCriteria"]["maxSteps"]}


CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("sir-network", "an SIR epidemic with 800 people", {"population": 800}),
    ("sir-network", "N=1000, beta 0.3, gamma=0.1", {
        "population": 1000, "infection_probability": 0.3, "recovery_probability": 0.1,
    }),
    ("sir-network", "infection probability of 5%, 10 initially infected", {
        "infection_probability": 0.05, "initial_infected": 10,
    }),
    ("sir-network", "1000 people, 5% infected at the start", {
        "population": 1000, "initial_infected": 50,
    }),
    ("sir-network", "average degree 8, run for 200 steps", {"average_degree": 8, "steps": 200}),
    ("sir-network", "k = 8, initially 20 infected", {"average_degree": 8, "initial_infected": 20}),
    ("sir-network", "a population of 3000", {"population": 3000}),
    ("sir-network", "five hundred indviduals", {"population": 500}),
    ("sir-network", "1.000 people", {"population": 1000}),
    ("sir-network", "people immune for 20 steps", {"steps": 300}),
    ("predator-prey", "100 sheep, 50 wolves", {"Sheep": 100, "Wolf": 50}),
    ("predator-prey", "30 foxes and a dozen rabbits", {"Sheep": 12, "Wolf": 30}),
    ("predator-prey", "sheep: 70, wolves: 7", {"Sheep": 70, "Wolf": 7}),
    ("predator-prey", "Sheep gain 4 energy per grass eaten, wolves gain 20 per sheep", {
        "sheep_gain_from_food": 4, "wolf_gain_from_food": 20, "Sheep": 100, "Wolf": 50,
    }),
    ("predator-prey", "reproduction chance 4% for sheep and 5% for wolves per tick", {
        "sheep_reproduction": 0.04, "wolf_reproduction": 0.05,
    }),
    ("predator-prey", "grass regrows after 20 ticks", {"grass_regrowth_time": 20, "steps": 500}),
    ("predator-prey", "40x30 torus", {"width": 40, "height": 30}),
    ("predator-prey", "a grid of size 64", {"width": 64, "height": 64}),
    ("schelling-segregation", "density 60 percent", {"density": 0.6}),
    ("schelling-segregation", "happy if a third of the neighbours match", {
        "wanted_similarity": 0.3333,
    }),
    ("schelling-segregation", "20x20 with 300 households", {
        "width": 20, "height": 20, "density": 0.75,
    }),
    ("schelling-segregation", "agents of two colors", {"density": 0.8}),
    ("forest-fire", "desnity 60 percnt", {"density": 0.6}),
    ("forest-fire", "density 60", {"density": 0.6}),
    ("forest-fire", "spreads to the 4 nearest trees", {"density": 0.65}),
    ("forest-fire", "width 30 and height 20", {"width": 30, "height": 20}),
    ("bounded-confidence", "eps as slider, default 0.3", {"confidence_bound": 0.3}),
    ("bounded-confidence", "opinions in [0,1], both move by mu=0.4 of the difference", {
        "convergence_rate": 0.4, "confidence_bound": 0.2,
    }),
    ("boltzmann-wealth", "1000 traders, 10 coins each", {
        "population": 1000, "starting_wealth": 10,
    }),
    ("innovation-diffusion", "p=0.02, q=0.5, 2k consumers", {
        "innovation_rate": 0.02, "imitation_rate": 0.5, "population": 2000,
    }),
    ("nagel-schreckenberg", "vmax=3, p=0.2, density 0.25, road length 1000", {
        "max_speed": 3, "slowdown_probability": 0.2, "road_length": 1000, "car_count": 250,
    }),
    ("nagel-schreckenberg", "one-lane ring road", {"road_length": 200}),
    ("prisoners-dilemma", "99x99, b=1.9, 60% cooperators", {
        "width": 99, "height": 99, "temptation": 1.9, "initial_cooperator_share": 0.6,
    }),
    ("prisoners-dilemma", "temptation 1.6, 150 generations", {"temptation": 1.6, "steps": 150}),
    ("sugarscape", "500 agents, vision 8", {"Forager": 500, "max_vision": 8}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "prompt", "wanted"), CASES)
def test_what_is_named_is_set(name: str, prompt: str, wanted: dict[str, Any]) -> None:
    found = parameters(outcome_of(name, prompt))
    assert {key: found[key] for key in wanted} == pytest.approx(wanted)


@pytest.mark.parametrize(("name", "prompt", "wanted"), CASES)
def test_nothing_else_is_touched(name: str, prompt: str, wanted: dict[str, Any]) -> None:
    """Once the values that may change are put back, the model is the entry's, bit for bit."""
    before, model = entry_named(name).model.wire(), outcome_of(name, prompt).model
    for old, new in zip(before["globalVariables"], model["globalVariables"], strict=True):
        new["initialValue"] = old["initialValue"]
    for old_group, new_group in zip(before["agents"], model["agents"], strict=True):
        for old, new in zip(old_group, new_group, strict=True):
            new["initialCount"] = old["initialCount"]
    model["terminationCriteria"]["maxSteps"] = before["terminationCriteria"]["maxSteps"]
    model["environment"]["topology"] = before["environment"]["topology"]
    assert model == before
    assert list(model) == list(before)


def test_whole_numbers_stay_integers() -> None:
    found = parameters(outcome_of("sir-network", "1,200 people for 50 steps"))
    assert [type(found["population"]), type(found["steps"])] == [int, int]


@pytest.mark.parametrize(
    ("name", "prompt", "reason"),
    [
        ("predator-prey", "-5 wolves", "must be at least 0"),
        ("predator-prey", "2.5 sheep", "must be a whole number"),
        ("sir-network", "infection probability of 300", "must be between 0 and 1"),
        ("sir-network", "infection probability of -0.1", "must be between 0 and 1"),
        ("sir-network", "100 people of whom 150 are infected", "only 100 agents"),
        ("sir-network", "population 0", "must be at least 1"),
        ("sir-network", "99999999999999 people", "too large"),
        ("forest-fire", "0x0", "from 1 to"),
        ("forest-fire", "10.5x10", "whole numbers"),
        ("forest-fire", "1e999x5", "whole numbers"),
        ("nagel-schreckenberg", "500 cars", "do not fit on 200 cells"),
        ("sugarscape", "10x10", "400 agents do not fit on 100 cells"),
        ("schelling-segregation", "5x5 with 300 households", "only 25 cells"),
        ("sir-network", "on a torus", "no plane"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(name: str, prompt: str, reason: str) -> None:
    outcome = outcome_of(name, prompt)
    assert any(reason in sentence for sentence in outcome.refused), outcome
    changed = {"5x5 with 300 households", "100 people of whom 150 are infected"}
    if prompt not in changed:
        assert outcome.model == entry_named(name).model.wire()


def test_a_percentage_is_recognized_and_told() -> None:
    outcome = outcome_of("sir-network", "recovery probability 60")
    assert parameters(outcome)["recovery_probability"] == 0.6
    assert "60 was read as a percentage" in outcome.said[0]


def test_an_odd_degree_of_a_small_world_is_raised_and_told() -> None:
    outcome = outcome_of("sir-network", "average degree 5")
    assert parameters(outcome)["average_degree"] == 6
    assert "next even number" in outcome.said[0]


@pytest.mark.parametrize(
    ("prompt", "edges"),
    [
        ("on a torus", "torus"),
        ("with periodic boundaries", "torus"),
        ("fixed boundaries", "fixed"),
        ("hard walls", "fixed"),
        ("non-periodic", "fixed"),
        ("not wrapped", "fixed"),
        ("sheep and wolves", "torus"),
    ],
)
def test_edges_are_set(prompt: str, edges: str) -> None:
    model = outcome_of("predator-prey", prompt).model
    assert model["environment"]["topology"]["boundaryConditions"] == edges


@pytest.mark.parametrize(
    ("prompt", "generator"),
    [
        ("on a small-world network", "watts_strogatz"),
        ("on a scale-free network", "barabasi_albert"),
        ("Erd\u0151s-R\u00e9nyi graph", "erdos_renyi"),
        ("random network", "erdos_renyi"),
        ("a fully connected network", "complete"),
        ("scale-free instead of small-world", "barabasi_albert"),
        ("a regular network", "random_regular"),
    ],
)
def test_networks_are_set(prompt: str, generator: str) -> None:
    graph = outcome_of("sir-network", prompt).model["environment"]["topology"]["graph"]
    assert graph["generator"] == generator
    assert ("rewiringProbability" in graph) == (generator == "watts_strogatz")


def test_another_network_drops_what_held_for_the_small_world() -> None:
    outcome = outcome_of("sir-network", "scale-free network, average degree 5")
    assert parameters(outcome)["average_degree"] == 5
    assert outcome.renamed == ("small-world", "scale-free")
    assert "scale-free" in outcome.model["environment"]["topology"]["description"]
    assert not any("rewiring" in each for each in outcome.kept)


@pytest.mark.parametrize(
    ("prompt", "neighborhood"),
    [("8 neighbors", "moore"), ("von Neumann", "von_neumann"), ("4 nieghbours", "von_neumann")],
)
def test_neighborhoods_are_set(prompt: str, neighborhood: str) -> None:
    topology = outcome_of("forest-fire", prompt).model["environment"]["topology"]
    assert topology["neighborhood"] == neighborhood


def test_each_number_is_used_once() -> None:
    outcome = outcome_of("predator-prey", "100 wolves sheep")
    assert len(outcome.said) == 1


@pytest.mark.parametrize(
    ("prompt", "quote"),
    [
        ("100 sheep, add wind from west", '"add wind from west"'),
        ("100 sheep and a disease", '"a disease"'),
        ("R0 of 2", '"R0 of 2"'),
        ("20 repeats per value", '"20 repeats"'),
        ("wolves without grass", '"wolves without grass"'),
        ("on a 3D lattice <b>with drones</b>", "drones"),
    ],
)
def test_what_is_not_understood_is_quoted(prompt: str, quote: str) -> None:
    unread = " ".join(outcome_of("predator-prey", prompt).unread)
    assert quote in unread
    assert "<" not in unread


def test_what_is_understood_is_not_quoted() -> None:
    prompt = "an SIR epidemic on a small-world network of 500 people"
    assert outcome_of("sir-network", prompt).unread == ()


def test_kept_values_are_listed_with_their_names() -> None:
    kept = outcome_of("sir-network", "100 people").kept
    assert "infection_probability = 0.08" in kept
    assert not any(each.startswith("population") for each in kept)


@pytest.mark.parametrize("piece", ["5 ", "5 sheep ", "1,", "[1,1", "qz 3 "])
def test_thousands_of_numbers_are_read_quickly(piece: str) -> None:
    begin = time.perf_counter()
    outcome_of("predator-prey", (piece * 5000)[:10_000])
    assert time.perf_counter() - begin < 1.5

"""Specifications as language models write them: each compiles, runs and shows its fact.

The facts are those of tests/corpus/index.jsonl, as far as the author's own code can show them.
"""

import json
import math
from collections.abc import Callable
from itertools import pairwise

import pytest

from abm_quant.contracts.problems import CODES
from corpus_runs import CORPUS, compiled, play
from generated_runs import TARGETS, Run

SEEDS = (1, 2)
NAMES = sorted(path.stem for path in CORPUS.glob("*.json"))

Fact = Callable[[Run], None]


def rises(series: list[float]) -> bool:
    return all(before <= after for before, after in pairwise(series))


def falls(series: list[float]) -> bool:
    return all(before >= after for before, after in pairwise(series))


def sums(run: Run, *names: str, since: int = 0) -> set[float]:
    """Give the different sums of some series over the steps."""
    return {sum(values) for values in zip(*(run[name][since:] for name in names), strict=True)}


def virus_network(run: Run) -> None:
    shares = ("susceptibleShare", "infectedShare", "recoveredShare")
    assert [run[name][0] for name in shares] == [0.9, 0.1, 0.0]
    assert all(total == pytest.approx(1) for total in sums(run, *shares))
    assert max(run["infectedShare"]) > 0.6 and run["infectedShare"][-1] == 0
    assert falls(run["susceptibleShare"]) and rises(run["recoveredShare"])
    assert run["recoveredShare"][-1] > 0.95 and run.tick < 150
    assert run.stop_reason == "globalVariable.infectedShare"


def agentpy_forest_fire(run: Run) -> None:
    assert sums(run, "aliveTrees", "burningTrees", "burnedTrees") == {6000}
    assert 90 <= run["burningTrees"][0] <= 150
    assert rises(run["burnedShare"]) and run["burnedShare"][-1] > 0.9
    assert run["burningTrees"][-1] == 0 and 95 <= run.tick <= 150
    assert run.stop_reason == "globalVariable.burningTrees"


def agentpy_wolves_and_sheep(run: Run) -> None:
    assert run["sheep_total"] == run["Sheep.count"] and run["sheep_total"][0] == 80
    assert run["wolf_total"] == run["Wolf.count"] and run["wolf_total"][0] == 15
    assert len(set(run["sheep_total"])) > 10 and len(set(run["wolf_total"])) > 5
    assert all(each.pos is not None for each in run.agents)


def agentpy_flocking(run: Run) -> None:
    assert len(run.agents) == 60
    assert all(0 <= place < 50 for boid in run.agents for place in boid.pos)
    assert all(math.hypot(*boid.velocity) == pytest.approx(1) for boid in run.agents)
    assert run["polarization"][1] < 0.4 < max(run["polarization"])


def sir_network(run: Run) -> None:
    assert sums(run, "susceptible_count", "infected_count", "recovered_count") == {500}
    assert run["infected_count"][0] == 5 and max(run["infected_count"]) > 50
    assert run["infected_count"][-1] == 0 and run.tick < 300
    assert falls(run["susceptible_count"]) and rises(run["recovered_count"])


def wolves_and_rabbits(run: Run) -> None:
    assert (run["rabbit_count"][0], run["wolf_count"][0]) == (150, 50)
    assert 700 < run["grass_count"][0] < 900
    assert all(0 <= cells <= 1600 for cells in run["grass_count"])
    for name in ("rabbit_count", "wolf_count", "grass_count"):
        assert len(set(run[name])) > 20 and min(run[name]) >= 0


def wealth(run: Run) -> None:
    assert set(run["total_wealth"]) == {500}
    assert run["gini"][0] == 0 and run["gini"][50] > 0.5
    assert 0.35 < run["share_with_zero_wealth"][-1] < 0.6


def stock_market(run: Run) -> None:
    assert len(run.agents) == 200
    assert run["price"][0] == 100 and all(50 < price < 200 for price in run["price"])
    assert sum(volume > 0 for volume in run["volume"]) > 100
    assert run["volatility"][0] == 0 < run["volatility"][-1]


def forest_fire(run: Run) -> None:
    assert rises(run["burned_fraction"]) and run["burned_fraction"][0] == 0
    assert run["burned_fraction"][-1] > 0.6
    assert 50 < run["burning_count"][0] < 80 and run["burning_count"][-1] == 0
    assert sums(run, "fine_count", "burning_count", "burned_count") == {len(run.agents)}


def emergency_department(run: Run) -> None:
    assert 700 < run["totalArrivals"][-1] < 990
    states = ("totalTreated", "queueLength", "busyDoctors")
    assert sums_equal(run, states, "totalArrivals")
    assert 0.35 < run["doctorUtilization"][-1] < 0.5
    assert all(0 <= busy <= 4 for busy in run["busyDoctors"])
    assert 0 < run["averageWaitPriority3"][-1] < 3


def sums_equal(run: Run, parts: tuple[str, ...], whole: str) -> bool:
    rows = zip(*(run[name] for name in (*parts, whole)), strict=True)
    return all(sum(row[:-1]) == row[-1] for row in rows)


def predators_and_prey(run: Run) -> None:
    assert (run["rabbitCount"][0], run["wolfCount"][0]) == (200, 50)
    assert run["rabbitCount"] == run["Rabbit.count"] and run["wolfCount"] == run["Wolf.count"]
    assert len(set(run["rabbitCount"])) > 20
    assert all(agent.energy > 0 for agent in run.agents)


def seir_city(run: Run) -> None:
    states = ("susceptibleCount", "exposedCount", "infectiousCount", "recoveredCount")
    assert sums(run, *states, since=1) == {2000}
    assert falls(run["susceptibleCount"][1:]) and rises(run["recoveredCount"])
    assert max(run["infectiousCount"]) > 50
    assert set(run["maskFactor"][:29]) == {1.0} and set(run["maskFactor"][32:]) == {0.5}
    assert run.tick > 1


def ants(run: Run) -> None:
    assert run["remainingFood"][0] == 195 and falls(run["remainingFood"])
    assert run["foodCollected"][0] == 0 < run["foodCollected"][-1] and rises(run["foodCollected"])
    carried = sum(ant.carryingFood for ant in run.agents)
    assert run["foodCollected"][-1] + run["remainingFood"][-1] + carried == 195
    assert all(level >= 0 for row in run.model.pheromone for level in row)


def rumor(run: Run) -> None:
    assert sums(run, "ignorantCount", "spreaderCount", "stiflerCount", since=1) == {500}
    assert falls(run["ignorantCount"][1:]) and rises(run["stiflerCount"])
    assert 3 <= run["spreaderCount"][1] <= 20 < max(run["spreaderCount"])
    assert run["spreaderCount"][-1] == 0 and run.tick > 1
    assert 0 < run["ignorantCount"][-1] < run["stiflerCount"][-1]


def sugarscape(run: Run) -> None:
    assert run["population"][0] == 250 and falls(run["population"])
    assert 100 < run["population"][-1] < 250
    assert 0.15 < run["gini"][1] < 0.4 and 0.2 < run["gini"][-1] < 0.65
    assert run["averageMetabolism"][-1] < run["averageMetabolism"][1]
    assert run["averageVision"][-1] > 3.2
    assert all(agent.sugar > 0 and 1 <= agent.metabolism <= 4 for agent in run.agents)


def irrigation(run: Run) -> None:
    assert sorted(farmer.canalPosition for farmer in run.agents) == list(range(40))
    assert run["yieldGini"][1] > 0.15 and run["yieldGini"][-1] < run["yieldGini"][1]
    assert run["meanYieldUpstream"][1] > run["meanYieldDownstream"][1]
    assert rises(run["totalSanctions"]) and run["totalSanctions"][-1] > 0
    assert 15 <= run["overExtractors"][1] <= 30 > run["overExtractors"][-1]
    assert 0 <= min(run["meanReputation"]) < 1


def zombies(run: Run) -> None:
    bites, killed = run["totalBites"], run["zombiesKilled"]
    people = zip(run["humanCount"], run["policeCount"], bites, strict=True)
    assert {humans + police + bitten for humans, police, bitten in people} == {315}
    undead = zip(run["zombieCount"], killed, bites, strict=True)
    assert {count + shot - bitten for count, shot, bitten in undead} == {10}
    assert rises(bites) and rises(killed) and killed[-1] > 0
    assert run["winner"][0] == "undecided"
    assert run["winner"][-1] == ("humans" if run["zombieCount"][-1] == 0 else "zombies")


def culture(run: Run) -> None:
    assert run["numberOfRegions"][1] >= 85 and 3 <= run["numberOfRegions"][-1] <= 45
    regions = zip(run["numberOfCultures"], run["numberOfRegions"], strict=True)
    assert all(cultures <= count for cultures, count in regions)
    assert run["averageSimilarity"][1] < 0.15 < run["averageSimilarity"][-1]
    assert rises(run["culturalChanges"]) and len(run.agents) == 100


def labour_market(run: Run) -> None:
    assert run["unemploymentRate"][0] == pytest.approx(0.1)
    assert all(0 <= rate <= 1 for rate in run["unemploymentRate"])
    percentiles = zip(run["wageP10"], run["medianWage"], run["wageP90"], strict=True)
    assert all(low <= middle <= high for low, middle, high in percentiles)
    assert min(run["wageP10"]) >= 10
    assert all(0 <= gini <= 0.5 for gini in run["wageGini"])


def bank_run(run: Run) -> None:
    customers = ("waitingCount", "queuedCount", "paidCount", "lostCount")
    assert sums(run, *customers) == {300}
    assert falls(run["bankReserves"]) and min(run["bankReserves"]) >= 0
    assert max(run["withdrawnShare"]) <= 0.2 and rises(run["runShare"])
    assert run["bankFailed"][-1] is True and run["bankFailed"][0] is False
    assert 3 <= run.tick <= 40


def sir(run: Run) -> None:
    assert sums(run, "susceptible_count", "infected_count", "recovered_count") == {1000}
    assert run["infected_count"][0] == 10 and max(run["infected_count"]) > 200
    assert falls(run["susceptible_count"]) and rises(run["recovered_count"])
    assert run["recovered_count"][-1] > 800 and run["infected_count"][-1] == 0


def sheep_and_wolves(run: Run) -> None:
    assert (run["sheep_count"][0], run["wolf_count"][0]) == (100, 25)
    assert run["sheep_count"] == run["Sheep.count"] and len(set(run["sheep_count"])) > 5
    assert run["grown_grass"][0] == 400 and min(run["grown_grass"]) < 400
    assert all(0 <= cells <= 400 for cells in run["grown_grass"])


def adoption(run: Run) -> None:
    adopters = run["numAdopters"]
    assert adopters[0] == 0 and 5 <= adopters[1] <= 30 and rises(adopters)
    assert adopters[-1] == 500 and run.tick < 40
    shares = zip(run["adoption_fraction"], adopters, strict=True)
    assert all(share == count / 500 for share, count in shares)


def bees(run: Run) -> None:
    assert run["pollinated_flowers"][0] == 0 and run["pollinated_flowers"][30] > 0
    assert rises(run["pollinated_flowers"]) and max(run["pollinated_flowers"]) <= 100
    nectar = run["total_nectar_collected"]
    assert nectar[0] == 0 < nectar[-1] and rises(nectar)
    assert {(after - before) % 2 for before, after in pairwise(nectar)} == {0}
    assert run["bees_alive"][0] == 20 and falls(run["bees_alive"])


def vaccine_uptake(run: Run) -> None:
    coverage = run["vaccination_coverage"]
    assert coverage[0] == 0 and rises(coverage) and 0.1 < coverage[-1] <= 1
    prevalence = run["disease_prevalence"]
    assert prevalence[0] == 0.02 and prevalence[-1] < 0.02
    effects = run["reported_side_effects"]
    assert rises(effects) and 0.02 < effects[-1] / (500 * coverage[-1]) < 0.3


def energy(run: Run) -> None:
    assert run.tick == 168
    generation = run["total_generation"]
    assert all(generation[day * 24 + 2] == 0 < generation[day * 24 + 12] for day in range(7))
    assert min(run["total_consumption"][1:]) > 0
    assert rises(run["cumulative_traded"])
    for name in ("energy_traded", "grid_import", "grid_export"):
        assert min(run[name]) >= 0
    assert all(0.08 - 1e-9 <= price <= 0.3 + 1e-9 for price in run["market_price"])
    assert all(-1e-9 <= house.battery_level <= 10 + 1e-9 for house in run.agents)


def vaccination(run: Run) -> None:
    states = ("susceptible_count", "infected_count", "recovered_count", "vaccinated_count")
    assert sums(run, *states) == {1000}
    assert run["vaccinated_count"][:2] == [0, 49] and rises(run["vaccinated_count"])
    assert falls(run["susceptible_count"]) and rises(run["recovered_count"])
    assert max(run["infected_count"]) < 250 and run["infected_count"][-1] == 0


def sick_sheep(run: Run) -> None:
    sheep_and_wolves(run)
    assert 2 <= run["sick_sheep_count"][0] <= 20
    assert max(run["sick_sheep_count"]) > run["sick_sheep_count"][0]
    pairs = zip(run["sick_sheep_count"], run["sheep_count"], strict=True)
    assert all(sick <= sheep for sick, sheep in pairs)


def electric_cars(run: Run) -> None:
    energy(run)
    charging = run["ev_charging"]
    assert {charging[step] for step in range(1, 169) if 6 <= step % 24 < 22} == {0}
    assert all(charging[step] == pytest.approx(37) for step in range(22, 168, 24))
    assert sum(house.has_ev for house in run.agents) == 10
    assert all(0 <= house.ev_level <= 40 for house in run.agents)
    assert {house.ev_level for house in run.agents if not house.has_ev} == {20}


FACTS: dict[str, tuple[Fact, int]] = {
    "c01-agentpy-virus-network": (virus_network, 200),
    "c02-agentpy-forest-fire": (agentpy_forest_fire, 500),
    "e01-agentpy-wolves-and-sheep": (agentpy_wolves_and_sheep, 60),
    "e02-agentpy-flocking": (agentpy_flocking, 50),
    "a01-sir-network": (sir_network, 300),
    "a02-wolves-rabbits-grass": (wolves_and_rabbits, 120),
    "a04-boltzmann-wealth": (wealth, 120),
    "a06-stock-market": (stock_market, 300),
    "a07-forest-fire": (forest_fire, 1000),
    "a09-emergency-department": (emergency_department, 10080),
    "b01-predator-prey": (predators_and_prey, 120),
    "b02-seir-city": (seir_city, 180),
    "b04-ants-foraging": (ants, 300),
    "b05-rumor-network": (rumor, 300),
    "b07-sugarscape": (sugarscape, 200),
    "b09-irrigation-canal": (irrigation, 100),
    "c04-zombie-mall": (zombies, 500),
    "c05-axelrod-culture": (culture, 600),
    "c07-labour-market": (labour_market, 60),
    "c10-bank-run": (bank_run, 100),
    "d01-sir-1000": (sir, 200),
    "d02-sheep-wolf-grass": (sheep_and_wolves, 100),
    "d04-bass-word-of-mouth": (adoption, 60),
    "d07-bees-flowers": (bees, 60),
    "d08-vaccine-uptake": (vaccine_uptake, 150),
    "d09-energy-community": (energy, 168),
    "d11-sir-vaccination": (vaccination, 200),
    "d12-sheep-disease": (sick_sheep, 60),
    "d15-energy-community-ev": (electric_cars, 168),
}


def test_every_specification_has_its_fact() -> None:
    assert set(NAMES) == set(FACTS)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", FACTS)
def test_it_runs_and_shows_its_fact(name: str, target: str, seed: int) -> None:
    fact, steps = FACTS[name]
    run = play(name, seed, steps, target=target)
    assert all(
        math.isfinite(value)
        for series in run.recorded.values()
        for value in series
        if isinstance(value, float)
    )
    fact(run)


@pytest.mark.parametrize("name", FACTS)
def test_every_assumption_has_a_code_and_a_place(name: str) -> None:
    raw = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))["model"]
    for each in compiled(name).problems:
        assert each.code in CODES and each.severity != "error"
        place = raw
        for step in each.path.split("/")[1:]:
            place = place[int(step)] if isinstance(place, list) else place[step]

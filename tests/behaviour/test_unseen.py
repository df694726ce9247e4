"""Specifications of domains that the compiler was not made with: each shows its author's fact.

They hold the slips of careless and of literal language models: ids as indexes, networks and
coordinates of their own, types in two objects, words in the place of code, an older shape.
"""

import json
import statistics
from itertools import pairwise

import pytest

from abm_quant.contracts.problems import CODES
from corpus_runs import CORPUS, compiled, play
from generated_runs import Run

UNSEEN = CORPUS / "unseen"
NAMES = sorted(path.stem for path in UNSEEN.glob("*.json"))
SEEDS = (1, 2)


def run(name: str, seed: int, steps: int = 50) -> Run:
    return play(f"unseen/{name}", seed, steps)


def rises(series: list[float]) -> bool:
    return all(before <= after for before, after in pairwise(series))


def codes(name: str) -> set[str]:
    return {each.code for each in compiled(f"unseen/{name}").problems}


@pytest.mark.parametrize("name", NAMES)
def test_no_error_is_left_and_every_assumption_has_a_place(name: str) -> None:
    raw = json.loads((UNSEEN / f"{name}.json").read_text(encoding="utf-8"))
    assert raw
    for each in compiled(f"unseen/{name}").problems:
        assert each.severity != "error" and each.code in CODES and each.message


def test_each_has_a_line_in_the_index() -> None:
    lines = (UNSEEN / "index.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["file"] for line in lines] == [f"{name}.json" for name in NAMES]


@pytest.mark.parametrize("seed", SEEDS)
def test_orders_swing_more_the_further_up_the_chain(seed: int) -> None:
    found = run("b20-beer-game", seed)
    assert [player.position for player in found.agents] == [0, 1, 2, 3]
    assert found["customerDemand"][1:7] == [4, 4, 4, 4, 8, 8]
    assert statistics.pstdev(found["factoryOrder"]) > 2 * statistics.pstdev(found["retailerOrder"])
    assert rises(found["totalCost"]) and found["bullwhipRatio"][-1] > 4
    assert not hasattr(found.model, "grid")


@pytest.mark.parametrize("seed", SEEDS)
def test_bots_pull_opinions_over_the_network_of_the_author(seed: int) -> None:
    found = run("b21-opinion-bots", seed, steps=200)
    graph = found.model.socialNetwork
    assert sorted(agent.nodeId for agent in found.agents) == sorted(graph.nodes)
    assert (graph.number_of_edges(), hasattr(found.model, "grid")) == (3 * 297, False)
    assert sum(agent.isBot for agent in found.agents) == 15
    assert {agent.opinion for agent in found.agents if agent.isBot} == {1.0}
    assert found["meanOpinion"][-1] > found["meanOpinion"][1] + 0.1
    assert all(-1 <= agent.opinion <= 1 for agent in found.agents)


@pytest.mark.parametrize("seed", SEEDS)
def test_cars_on_a_ring_jam_without_crashing(seed: int) -> None:
    found = run("b23-ring-road", seed, steps=100)
    assert len({car.cell for car in found.agents}) == 30
    assert all(0 <= car.cell < 100 and 0 <= car.speed <= 5 for car in found.agents)
    flows = zip(found["flow"], found["meanSpeed"], strict=True)
    assert all(flow == pytest.approx(0.3 * speed) for flow, speed in flows)
    assert max(found["stoppedCars"][5:]) > 5 and True in found["isJammed"]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_house_is_vacant_or_occupied(seed: int) -> None:
    found = run("d21-housing-rents", seed)
    houses = zip(found["occupied_houses"], found["vacant_houses"], strict=True)
    assert {occupied + vacant for occupied, vacant in houses} == {120}
    homeless = zip(found["occupied_houses"], found["homeless_count"], strict=True)
    assert {occupied + without for occupied, without in homeless} == {100}
    assert len(set(found["average_rent"])) == 51
    assert "dropped" in codes("d21-housing-rents")


@pytest.mark.parametrize("seed", SEEDS)
def test_parties_move_after_votes(seed: int) -> None:
    found = run("d22-party-competition", seed)
    parties = [agent for agent in found.agents if type(agent).__name__ == "Party"]
    assert [party.party_id for party in parties] == [0, 1, 2, 3]
    assert sum(party.votes for party in parties) == 500
    assert all(0 <= party.x <= 100 and 0 <= party.y <= 100 for party in parties)
    assert found["winner"][0] is None and set(found["winner"][1:]) <= {0, 1, 2, 3}
    assert len(set(found["largest_party_share"])) > 10


@pytest.mark.parametrize("seed", SEEDS)
def test_police_of_two_objects_arrest_burglars(seed: int) -> None:
    found = run("d24-crime-police", seed)
    assert found["Police.count"][-1] == 20 and found["Burglar.count"][-1] == 15
    assert rises(found["total_crimes"]) and found["total_crimes"][-1] > 0
    assert found["arrested_count"] == found["Burglar.caught.true"]
    assert rises(found["arrested_count"]) and found["arrested_count"][-1] > 0
    assert set(found["is_night"][12:24]) == {True} and set(found["is_night"][1:12]) == {False}


@pytest.mark.parametrize("seed", SEEDS)
def test_jaeger_und_sammler_ziehen_umher(seed: int) -> None:
    found = run("d26-jaeger-sammler", seed)
    people = sum(gruppe.größe for gruppe in found.agents)
    assert found["gesamtbevölkerung"][-1] == people and len(set(found["gesamtbevölkerung"])) > 10
    assert found["Gruppe.count"][0] == 12 and rises(found["umzüge"]) and found["umzüge"][-1] > 100
    assert found.model.nahrung.shape == (15, 15)
    assert found.model.nahrung.min() > 0 and found.model.nahrung.max() <= 100


@pytest.mark.parametrize("seed", SEEDS)
def test_the_default_rate_follows_the_loans(seed: int) -> None:
    found = run("d28-microcredit-refined", seed)
    for name in ("loans_given", "repaid_loans", "defaulted_loans"):
        assert rises(found[name]) and found[name][-1] > 0
    given, failed = found["loans_given"][-1], found["defaulted_loans"][-1]
    assert found["default_rate"][-1] == pytest.approx(failed / given)
    assert found["Borrower.status.union_loan"][1] == 5
    assert "never-updated" in codes("d28-microcredit-refined")


@pytest.mark.parametrize("seed", SEEDS)
def test_beetles_of_the_older_shape_infest_trees(seed: int) -> None:
    found = run("o20-forest-pests", seed)
    states = ("healthy_trees", "infested_trees", "dead_trees", "removed_trees")
    rows = zip(*(found[name] for name in states), strict=True)
    assert {sum(row) for row in rows} == {400}
    assert found["infested_trees"][0] == 5 and found["total_beetles"][0] == 250
    assert rises(found["removed_trees"]) and found["removed_trees"][-1] > 0
    assert found.stop_reason == "globalVariable.infested_trees"

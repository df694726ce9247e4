"""Specifications in the manner of other frameworks: each shows its author's fact.

Schedulers, stages, unique ids and populations of Mesa 2, classes and scripts as the code of one
behavior, event queues, property layers.
"""

from itertools import pairwise

import pytest

from corpus_runs import compiled, play
from generated_runs import Run

SEEDS = (1, 2)


def run(name: str, seed: int, steps: int = 50) -> Run:
    return play(f"unseen/{name}", seed, steps)


def rises(series: list[float]) -> bool:
    return all(before <= after for before, after in pairwise(series))


def warnings(name: str) -> set[str]:
    problems = compiled(f"unseen/{name}").problems
    return {each.path for each in problems if each.severity == "warning"}


@pytest.mark.parametrize("seed", SEEDS)
def test_fish_are_caught_and_born(seed: int) -> None:
    found = run("f-fishery", seed)
    series = zip(found["fish_count"], found["total_births"], found["total_catch"], strict=True)
    assert all(fish == 300 + born - caught for fish, born, caught in series)
    assert rises(found["total_catch"]) and found["total_catch"][-1] > 0
    assert set(found["Boat.count"]) == {12}
    holds = [boat.hold for boat in found.agents if type(boat).__name__ == "Boat"]
    assert sum(holds) == found["total_catch"][-1]
    assert {"/agents/0/0/initialCount", "/agents/1/0/initialCount"} <= warnings("f-fishery")


def test_every_call_is_somewhere() -> None:
    first, second = run("f-call-centre", 1, 200), run("f-call-centre", 2, 200)
    for found in (first, second):
        places = zip(found["finished"], found["waiting"], found["busy"], strict=True)
        assert [sum(each) for each in places] == found["arrived"]
        assert all(0 <= busy <= 5 for busy in found["busy"])
        assert rises(found["arrived"]) and 110 < found["arrived"][-1] < 210
    assert first["arrived"] != second["arrived"]


@pytest.mark.parametrize("seed", SEEDS)
def test_termites_keep_all_chips_and_make_fewer_piles(seed: int) -> None:
    found = run("f-termites", seed, 200)
    chips = zip(found["chips_on_ground"], found["carried"], strict=True)
    assert {sum(each) for each in chips} == {200}
    assert found["piles"][0] == 200 and found["piles"][-1] < 120
    assert set(found["Termite.count"]) == {30}


@pytest.mark.parametrize("seed", SEEDS)
def test_new_shoppers_come_for_those_who_paid(seed: int) -> None:
    found = run("f-supermarket", seed)
    goods = zip(found["shelf"], found["sold"], found["in_baskets"], strict=True)
    assert {sum(each) for each in goods} == {500}
    assert rises(found["sold"]) and found["sold"][-1] > 300
    assert set(found["Shopper.count"]) == {20}


@pytest.mark.parametrize("seed", SEEDS)
def test_singles_become_couples_in_three_stages(seed: int) -> None:
    found = run("f-speed-dating", seed, 100)
    people = zip(found["singles"], found["couples"], strict=True)
    assert {single + 2 * couples for single, couples in people} == {100}
    assert rises(found["couples"]) and found["singles"][-1] == 0
    assert found.model.stop_reason == "globalVariable.singles"
    assert all(each.partner.partner is each for each in found.agents)


@pytest.mark.parametrize("seed", SEEDS)
def test_malware_spreads_until_it_is_patched(seed: int) -> None:
    found = run("f-malware", seed, 200)
    states = zip(found["clean"], found["infected"], found["patched"], strict=True)
    assert {sum(each) for each in states} == {120}
    assert found["infected"][0] == 4 and max(found["infected"]) > 8
    assert rises(found["patched"]) and found["patched"][-1] > 0
    assert found["infected"][-1] == 0 and found.model.stop_reason == "globalVariable.infected"

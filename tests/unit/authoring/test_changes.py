"""What a change of a model is called, and which removals nobody asked for."""

from typing import Any

import pytest

from abm_quant.authoring.changes import changes, unasked_removals
from abm_quant.authoring.extras import keep_extras
from abm_quant.authoring.offline.gallery import entry_named
from abm_quant.contracts.spec import ModelSpec

SIR = entry_named("sir-network").model


def changed(edit: Any) -> ModelSpec:
    raw = SIR.wire()
    edit(raw)
    return ModelSpec.model_validate(raw)


def said(new: ModelSpec) -> list[str]:
    return [each.description for each in changes(SIR, new)]


def test_nothing_is_nothing() -> None:
    assert changes(SIR, SIR) == ()


def test_the_order_of_declarations_and_blanks_do_not_count() -> None:
    def edit(raw: dict[str, Any]) -> None:
        raw["globalVariables"].reverse()
        raw["environment"]["environmentAttributes"] = []
        raw["globalVariables"][0]["description"] += ""

    assert changes(SIR, changed(edit)) == ()


def test_a_value_is_shown_before_and_after() -> None:
    new = changed(lambda raw: raw["globalVariables"][0].update(initialValue=900))
    (change,) = changes(SIR, new)
    assert change.kind == "changed"
    assert change.path == "/globalVariables/0/initialValue"
    assert change.description == "initialValue of globalVariable.population: 500 became 900"


def test_declarations_come_and_go_by_name() -> None:
    gone = SIR.wire()["globalVariables"][2]["sourceName"]

    def edit(raw: dict[str, Any]) -> None:
        extra = raw["globalVariables"][0] | {
            "name": "vaccinated_count",
            "sourceName": "globalVariable.vaccinated_count",
        }
        raw["globalVariables"] = [extra, *raw["globalVariables"][:2], *raw["globalVariables"][3:]]

    found = changes(SIR, changed(edit))
    assert [(each.kind, each.name) for each in found] == [
        ("added", "globalVariable.vaccinated_count"),
        ("removed", gone),
    ]
    assert found[0].path == "/globalVariables/0" and found[1].path == "/globalVariables/2"


def test_numbers_of_order_count_only_where_places_change() -> None:
    def insert(raw: dict[str, Any]) -> None:
        order = raw["scheduler"]["schedule"]["scheduleOrder"]
        order[0]["orderInSchedule"] = 0
        for each in order[1:]:
            each["orderInSchedule"] += 5

    assert changes(SIR, changed(insert)) == ()

    def swap(raw: dict[str, Any]) -> None:
        order = raw["scheduler"]["schedule"]["scheduleOrder"]
        first, second = order[0], order[1]
        first["orderInSchedule"], second["orderInSchedule"] = 2, 1

    assert {each.kind for each in changes(SIR, changed(swap))} == {"changed"}


def test_a_new_kind_of_agents_is_one_change() -> None:
    prey = entry_named("predator-prey").model
    raw = prey.wire()
    groups = raw["agents"]
    flat = [each for group in groups for each in group]
    raw["agents"] = [flat[:1]]
    old = ModelSpec.model_validate(raw)
    raw["agents"] = [flat]
    found = changes(old, ModelSpec.model_validate(raw))
    assert all(each.kind in ("added", "removed") for each in found) and len(found) <= 2


@pytest.mark.parametrize(
    ("prompt", "questioned"),
    [
        ("make the infection twice as likely", True),
        ("remove the rewiring", False),
        ("ohne rewiring probability bitte", False),
        ("", True),
    ],
)
def test_a_removal_is_asked_for_when_its_words_are_in_the_prompt(
    prompt: str, questioned: bool
) -> None:
    def edit(raw: dict[str, Any]) -> None:
        raw["globalVariables"] = [
            each for each in raw["globalVariables"] if each["name"] != "rewiring_probability"
        ]

    found = unasked_removals(changes(SIR, changed(edit)), prompt)
    assert bool(found) == questioned


def test_what_clients_add_is_kept_where_it_belongs() -> None:
    old = SIR.wire()
    old["clientId"] = 7
    old["globalVariables"][1]["color"] = "red"
    old["agents"][0][0]["icon"] = "person"
    new = SIR.wire()
    new["globalVariables"].reverse()
    new["globalVariables"].pop()
    kept = keep_extras(old, new)
    assert kept["clientId"] == 7
    assert kept["globalVariables"][-1]["color"] == "red"
    assert kept["agents"][0][0]["icon"] == "person"
    assert len(kept["globalVariables"]) == len(old["globalVariables"]) - 1

"""Reading: the specification is found in whatever arrives, and what is wrong has a place."""

import json
from typing import Any

import pytest

from abm_quant.compiling.read import read_spec
from small_specs import wire

WRAPPINGS = [
    lambda raw: raw,
    lambda raw: {"model": raw, "title": "T", "explanation": "E"},
    lambda raw: {"success": True, "model": raw, "supportingInfo": {"title": "T"}},
    lambda raw: json.dumps(raw),
    lambda raw: json.dumps({"model": raw}).encode(),
    lambda raw: b"\xef\xbb\xbf" + json.dumps(raw).encode(),
    lambda raw: {"model": json.dumps(raw)},
    lambda raw: f"```json\n{json.dumps(raw)}\n```",
]


@pytest.mark.parametrize("wrap", WRAPPINGS)
def test_the_specification_is_found_in_its_wrapping(wrap: Any) -> None:
    reading = read_spec(wrap(wire()))
    assert reading.problems == []
    assert reading.spec is not None
    assert reading.spec.wire() == wire()


def test_title_and_explanation_come_with_it() -> None:
    reading = read_spec({"model": wire(), "title": "Walkers", "explanation": "They walk."})
    assert (reading.title, reading.explanation) == ("Walkers", "They walk.")


def test_unknown_keys_come_back_untouched() -> None:
    raw = wire() | {"colour": {"walker": [1, None, "x"]}}
    raw["environment"]["mood"] = "good"
    spec = read_spec(raw).spec
    assert spec is not None
    assert spec.wire()["colour"] == {"walker": [1, None, "x"]}
    assert spec.wire()["environment"]["mood"] == "good"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "not-json"),
        ("no model today", "not-json"),
        ('{"model": {"agents": [', "not-json"),
        (b"\xff\xfe\x00", "not-json"),
        ("[" * 100_000, "not-json"),
        ("[1, 2]", "not-a-specification"),
        (None, "not-a-specification"),
        (5, "not-a-specification"),
        ({}, "not-a-specification"),
        ({"variables": [], "relationships": []}, "not-a-specification"),
        ({"model": None}, "not-a-specification"),
        ({"agents": [float("nan")]}, "wrong-type"),
        ({"agents": ["\ud800"]}, "wrong-type"),
        ({"agents": {1: 2}}, "wrong-type"),
    ],
)
def test_what_is_no_specification_is_said_to_be_none(raw: Any, code: str) -> None:
    reading = read_spec(raw)
    assert reading.spec is None
    assert {each.code for each in reading.problems} == {code}
    assert all(each.hint for each in reading.problems)


def test_a_specification_nested_too_deeply_is_refused() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert {p.code for p in read_spec(wire() | {"x": deep}).problems} == {"too-large"}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("codingLanguage",), ..., "missing-field"),
        (("environment", "topology", "type"), "sphere", "unknown-choice"),
        (("terminationCriteria", "maxSteps"), 0, "out-of-range"),
        (("agents", 0, 0, "agentAttributes"), 5, "wrong-type"),
        (("environment",), "a meadow", "wrong-type"),
    ],
)
def test_a_wrong_field_is_named_by_its_pointer(path: Any, value: Any, code: str) -> None:
    raw: Any = wire()
    holder = raw
    for step in path[:-1]:
        holder = holder[step]
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    found = [each for each in read_spec(raw).problems if each.severity == "error"]
    assert [(each.code, each.path) for each in found] == [
        (code, "/" + "/".join(str(step) for step in path))
    ]


def test_small_deviations_are_mended_with_a_note() -> None:
    raw = wire()
    raw["agents"] = raw["agents"][0]
    raw["globalVariables"] = ""
    raw["terminationCriteria"]["maxSteps"] = "25"
    reading = read_spec(raw)
    assert reading.spec is not None
    assert reading.spec.termination_criteria.max_steps == 25
    assert {(each.code, each.path) for each in reading.problems} == {
        ("repaired", "/agents"),
        ("repaired", "/globalVariables"),
        ("repaired", "/terminationCriteria/maxSteps"),
    }

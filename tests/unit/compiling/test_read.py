"""Reading: the specification is found in whatever arrives, and what is wrong has a place."""

import json
from typing import Any

import pytest

from abm_quant.compiling.read import read_spec
from small_specs import attribute, behavior, tracked, wire

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


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"agents": [[{"description": "word " * 250_000}]]}, "1,000,000"),
        ({"globalFunctions": [{"code": "x = 1\n" * 17_000}]}, "100,000"),
        ({"globalVariables": [{"sourceName": "globalVariable.a"}] * 2_001}, "2,000"),
    ],
)
def test_more_than_can_be_compiled_is_refused_and_the_limit_named(
    change: dict[str, Any], said: str
) -> None:
    reading = read_spec(wire() | change)
    assert reading.spec is None
    assert [each.code for each in reading.problems] == ["too-large"]
    assert said in reading.problems[0].message


def test_what_stands_beside_the_model_does_not_count() -> None:
    assert read_spec(wire() | {"picture": "x" * 2_000_000}).spec is not None


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


OLDER = {
    "coding_language": "python",
    "abm_library": "mesa",
    "global_functions": {"draw": {"code": ["def draw(model):", "    return 1"]}},
    "global_variables": {"Width": 20, "heat": {"type": "Int", "initial_value": 5}},
    "environment": {
        "name": "w",
        "topology": {"type": "2D Grid", "boundary_conditions": "Toroidal"},
    },
    "agents": [{"Wolf": {"agent_attributes": {"energy": 1.5}, "initial_count": 5}}],
    "termination_criteria": {"max_steps": "1,000", "termination_rules": {"globalVariable.heat": 0}},
    "scheduler": {"schedule": ["agent.Wolf.agentBehavior.act"], "initialization": None},
    "data_analytics": [{"source_name": "globalVariable.heat", "check_time": "End of step"}],
}


def test_the_older_shape_becomes_todays() -> None:
    reading = read_spec(OLDER)
    assert reading.spec is not None, reading.problems
    new = reading.spec.wire()
    assert new["codingLanguage"] == "python" and new["abmLibrary"] == {"name": "mesa"}
    assert new["globalFunctions"][0]["sourceName"] == "globalFunction.draw"
    assert new["globalFunctions"][0]["code"] == "def draw(model):\n    return 1"
    variables = {
        each["sourceName"]: (each["type"], each["initialValue"]) for each in new["globalVariables"]
    }
    assert variables == {
        "globalVariable.Width": ("number", 20),
        "globalVariable.heat": ("integer", 5),
    }
    topology = new["environment"]["topology"]
    assert topology == {"type": "grid", "boundaryConditions": "torus"}
    ((wolf,),) = new["agents"]
    assert wolf["agentAttributes"][0]["sourceName"] == "agent.Wolf.agentAttribute.energy"
    assert new["terminationCriteria"]["maxSteps"] == 1000
    assert new["terminationCriteria"]["terminationRules"] == [
        {"sourceName": "globalVariable.heat", "value": 0}
    ]
    schedule = new["scheduler"]["schedule"]["scheduleOrder"]
    assert schedule == [{"sourceName": "agent.Wolf.agentBehavior.act"}]
    (tracked,) = new["dataAnalytics"]["trackedVariables"]
    assert tracked == {"sourceName": "globalVariable.heat", "checkTime": "end-of-step"}
    assert {each.code for each in reading.problems} == {"repaired"}


def test_what_says_that_there_is_no_such_thing_in_the_space_is_none() -> None:
    raw = wire()
    raw["environment"]["topology"] |= {
        **{"width": "", "height": "N/A", "cellCapacity": 0, "neighborhood": "none"},
        "graph": {"generator": "none", "averageDegree": "", "rewiringProbability": None},
    }
    reading = read_spec(raw)
    assert reading.spec is not None, reading.problems
    assert reading.spec.wire() == wire()
    assert [(each.code, each.path) for each in reading.problems] == [
        ("repaired", "/environment/topology/graph"),
        ("repaired", "/environment/topology"),
    ]


def test_an_empty_word_for_a_choice_with_a_default_is_the_default() -> None:
    raw = wire(
        behaviors=[behavior("def act(self):\n    pass")],
        tracked=[tracked("agent.Walker.count")],
    )
    raw["agents"][0][0]["agentBehaviors"][0]["executionMode"] = ""
    raw["dataAnalytics"]["trackedVariables"][0] |= {"collectionLevel": "", "checkTime": ""}
    reading = read_spec(raw)
    assert reading.spec is not None, reading.problems
    assert len(reading.problems) == 3 and {each.code for each in reading.problems} == {"repaired"}


def test_names_that_are_spelled_like_keys_stay_names() -> None:
    raw = wire()
    raw["globalVariables"] = {"max_steps": 5, "Height": 3}
    spec = read_spec(raw).spec
    assert spec is not None and spec.global_variables is not None
    assert [each.name for each in spec.global_variables] == ["max_steps", "Height"]


def test_json_is_found_between_words() -> None:
    text = f"Here is the model you asked for:\n{json.dumps(wire())}\nEnjoy!"
    spec = read_spec(text).spec
    assert spec is not None and spec.wire() == wire()


WORDS = [
    (("agents", 0, 0, "agentBehaviors", 0, "executionMode"), "Model-Once", "model-once"),
    (("agents", 0, 0, "agentBehaviors", 0, "executionMode"), "per agent", "per-agent"),
    (("environment", "topology", "boundaryConditions"), "Torus", "torus"),
    (("environment", "topology", "boundaryConditions"), "toroidal", "torus"),
    (("environment", "topology", "boundaryConditions"), False, "fixed"),
    (("environment", "topology", "neighborhood"), "von Neumann", "von_neumann"),
    (("environment", "topology", "type"), "Network", "network"),
    (("dataAnalytics", "trackedVariables", 0, "checkTime"), "endOfStep", "end-of-step"),
    (("dataAnalytics", "trackedVariables", 0, "collectionLevel"), "Agents", "agent"),
    (("agents", 0, 0, "agentAttributes", 0, "type"), "list[float]", "array"),
    (("agents", 0, 0, "agentAttributes", 0, "type"), "Boolean", "boolean"),
    (("scheduler", "schedule", "scheduleOrder", 0, "type"), "behaviour", None),
]


@pytest.mark.parametrize(("path", "word", "meant"), WORDS)
def test_words_are_read_in_any_spelling(path: Any, word: Any, meant: Any) -> None:
    raw: Any = wire(
        attributes=[attribute("energy", 1)],
        behaviors=[behavior("def act(self):\n    pass")],
        schedule=["agent.Walker.agentBehavior.act"],
        tracked=[tracked("agent.Walker.agentAttribute.energy")],
    )
    holder = raw
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = word
    reading = read_spec(raw)
    assert reading.spec is not None, reading.problems
    found: Any = reading.spec.wire()
    for step in path:
        found = found[step]
    assert found == meant
    places = [(each.code, each.path) for each in reading.problems]
    assert places == [("repaired", "/" + "/".join(map(str, path)))]


@pytest.mark.parametrize("nothing", ["", " \n\t", b""])
def test_an_empty_text_is_called_empty(nothing: str | bytes) -> None:
    (found,) = read_spec(nothing).problems
    assert (found.code, found.message) == ("not-json", "It is empty.")

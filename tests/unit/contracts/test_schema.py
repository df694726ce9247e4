"""The exported JSON Schema and the pydantic models are one format."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from abm_quant import resources
from abm_quant.contracts.gallery import GalleryEntry
from abm_quant.contracts.schema import model_schema
from abm_quant.contracts.spec import ModelSpec
from export_schema import SCHEMA_FILE, schema_text

SCHEMAS = resources.root("schemas")
EXAMPLES = sorted((SCHEMAS / "examples").glob("*.json"))
INVALID = sorted((SCHEMAS / "invalid").glob("*.json"))
VALIDATOR = Draft202012Validator(model_schema())


def by_name(path: Path) -> str:
    return path.stem


def pydantic_accepts(value: Any) -> bool:
    try:
        ModelSpec.model_validate(value)
    except ValidationError:
        return False
    return True


def verdicts(value: Any) -> tuple[bool, bool]:
    """Give what the JSON Schema and pydantic say about a value."""
    return VALIDATOR.is_valid(value), pydantic_accepts(value)


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_file_is_what_the_code_exports() -> None:
    assert (
        SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()
    ), "Run: python tests/export_schema.py"


def test_schema_is_valid_json_schema_with_a_urn() -> None:
    Draft202012Validator.check_schema(model_schema())
    assert model_schema()["$id"].startswith("urn:")
    assert model_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_property_is_described_in_camel_case() -> None:
    schema = model_schema()
    parts = [schema, *schema["$defs"].values()]
    properties = {
        (id(part), key): value for part in parts for key, value in part["properties"].items()
    }
    assert len(properties) > 70
    for (_, key), value in properties.items():
        assert "_" not in key
        target = schema["$defs"].get(value.get("$ref", "").rpartition("/")[2], {})
        assert value.get("description") or target.get("description"), key


def test_schema_uses_only_keywords_of_the_standard() -> None:
    def keywords(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("properties", "$defs"):
                    for each in value.values():
                        yield from keywords(each)
                else:
                    yield key
                    yield from keywords(value)
        elif isinstance(node, list):
            for each in node:
                yield from keywords(each)

    known = {"$schema", "$id", "$defs", "$ref", "title", "description", "type", "properties"}
    known |= {"required", "items", "anyOf", "enum", "default", "additionalProperties"}
    known |= {"minimum", "maximum", "exclusiveMinimum", "minLength"}
    assert set(keywords(model_schema())) <= known


@pytest.mark.parametrize("path", EXAMPLES, ids=by_name)
def test_both_accept_each_example(path: Path) -> None:
    entry = load(path)
    assert verdicts(entry["model"]) == (True, True)
    assert GalleryEntry.model_validate(entry).model.wire() == entry["model"]


@pytest.mark.parametrize("path", EXAMPLES, ids=by_name)
def test_what_comes_back_from_an_example_is_valid(path: Path) -> None:
    spec = ModelSpec.model_validate(load(path)["model"])
    assert verdicts(json.loads(spec.model_dump_json(by_alias=True))) == (True, True)


def test_there_are_ten_examples() -> None:
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("path", INVALID, ids=by_name)
def test_both_refuse_each_invalid_file(path: Path) -> None:
    assert verdicts(load(path)) == (False, False)


def test_there_are_enough_invalid_files() -> None:
    assert len(INVALID) >= 25


SUBSTITUTES: list[Any] = [None, "", "x", 7, 1000.0, 2.5, -1, 0, True, [], ["x"], {}, {"x": 1}]


def places(node: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to each key of a specification; of a list, to its first element."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*steps, key)
            yield from places(value, (*steps, key))
    elif isinstance(node, list) and node:
        yield (*steps, 0)
        yield from places(node[0], (*steps, 0))


def mutated(spec: Any, steps: tuple[Any, ...], change: Any) -> Any:
    copied = copy.deepcopy(spec)
    node = copied
    for step in steps[:-1]:
        node = node[step]
    change(node, steps[-1])
    return copied


def snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


@pytest.mark.parametrize("name", ["predator-prey", "sir-network"])
def test_both_agree_on_every_changed_field(name: str) -> None:
    spec = load(SCHEMAS / "examples" / f"{name}.json")["model"]
    seen = {True: 0, False: 0}
    for steps in places(spec):

        def remove(node: Any, key: Any) -> None:
            del node[key]

        def rename(node: Any, key: Any) -> None:
            if isinstance(key, str):
                node[snake(key)] = node.pop(key)

        changes: list[Any] = [remove, rename]
        changes += [lambda node, key, v=value: node.__setitem__(key, v) for value in SUBSTITUTES]
        for index, change in enumerate(changes):
            schema_says, pydantic_says = verdicts(mutated(spec, steps, change))
            assert schema_says == pydantic_says, (steps, index, schema_says, pydantic_says)
            seen[schema_says] += 1
    assert min(seen.values()) > 100


def test_whole_floats_count_as_integers_and_booleans_do_not() -> None:
    spec = load(SCHEMAS / "examples" / "predator-prey.json")["model"]
    spec["terminationCriteria"]["maxSteps"] = 1000.0
    assert verdicts(spec) == (True, True)
    assert ModelSpec.model_validate(spec).termination_criteria.max_steps == 1000
    spec["terminationCriteria"]["maxSteps"] = True
    assert verdicts(spec) == (False, False)


@pytest.mark.parametrize("count", ["globalVariable.n", {"function": "f"}, 0, 12.0])
def test_counts_may_be_numbers_calls_or_references(count: Any) -> None:
    spec = load(SCHEMAS / "examples" / "predator-prey.json")["model"]
    spec["agents"][0][0]["initialCount"] = count
    assert verdicts(spec) == (True, True)


@pytest.mark.parametrize("count", [-1, 2.5, True, None, [], {}, {"function": ""}])
def test_a_bad_count_is_one_error_at_its_place(count: Any) -> None:
    spec = load(SCHEMAS / "examples" / "predator-prey.json")["model"]
    spec["agents"][0][0]["initialCount"] = count
    with pytest.raises(ValidationError) as refusal:
        ModelSpec.model_validate(spec)
    assert [each["loc"] for each in refusal.value.errors()] == [("agents", 0, 0, "initialCount")]


def test_unknown_keys_come_back_untouched() -> None:
    spec = load(SCHEMAS / "examples" / "sir-network.json")["model"]
    spec["clientNotes"] = {"seen": [1, None, "ü"]}
    spec["agents"][0][0]["color"] = "red"
    assert verdicts(spec) == (True, True)
    assert ModelSpec.model_validate(spec).wire() == spec


OPTIONAL_LISTS = {
    *("globalFunctions", "globalVariables", "environmentAttributes", "environmentBehaviors"),
    *("agentAttributes", "agentBehaviors", "terminationRules", "initializationOrder"),
    *("scheduleOrder", "trackedVariables", "inputs", "outputs", "functionInputs"),
    *("functionOutputs", "args", "abmLibrary", "dataAnalytics", "boundaryConditions", "graph"),
}


def with_optional(node: Any, change: Any) -> Any:
    """Give a copy in which every optional key is changed."""
    if isinstance(node, list):
        return [with_optional(each, change) for each in node]
    if not isinstance(node, dict):
        return node
    copied = {key: with_optional(value, change) for key, value in node.items()}
    for key in OPTIONAL_LISTS & set(copied):
        change(copied, key)
    return copied


@pytest.mark.parametrize("path", EXAMPLES, ids=by_name)
@pytest.mark.parametrize("form", ["null", "absent"])
def test_none_may_be_written_as_null_or_left_out(path: Path, form: str) -> None:
    def change(node: dict[str, Any], key: str) -> None:
        if form == "null":
            node[key] = None
        else:
            del node[key]

    assert verdicts(with_optional(load(path)["model"], change)) == (True, True)


CLIENT_MODELS: dict[str, Any] = {
    "least": {
        "codingLanguage": "python",
        "environment": {"topology": {"type": "none"}},
        "agents": [],
        "terminationCriteria": {"maxSteps": 1},
        "scheduler": {},
    },
    "other language": {
        "codingLanguage": "netlogo",
        "abmLibrary": {"name": "netlogo"},
        "environment": {"topology": {"type": "none", "boundaryConditions": "fixed"}},
        "agents": [[{"initialCount": "500"}], [{"initialCount": {"function": "f", "args": None}}]],
        "terminationCriteria": {"maxSteps": 100, "terminationRules": []},
        "scheduler": {"initialization": None, "schedule": {"scheduleOrder": []}},
        "dataAnalytics": {},
    },
    "values of every kind": {
        "codingLanguage": "python",
        "globalVariables": [
            {"name": "a", "type": kind, "initialValue": value, "sourceName": "globalVariable.a"}
            for kind, value in [
                ("integer", "5"),
                ("float", "random.uniform(0, 1)"),
                ("array", [1, [2, {"x": None}]]),
                ("object", {"function": ""}),
                ("object", {"function": "f", "args": ["globalVariable.b", {"function": "g"}]}),
                ("boolean", "True"),
                ("string", None),
                ("number", -1e308),
            ]
        ],
        "environment": {
            "topology": {"type": "network", "graph": {"generator": "complete"}, "extra": 1}
        },
        "agents": [[]],
        "terminationCriteria": {
            "maxSteps": 5,
            "terminationRules": [{"sourceName": "globalVariable.a", "type": "ABC", "value": None}],
        },
        "scheduler": {"schedule": {"scheduleOrder": [{"sourceName": "x", "orderInSchedule": 1.5}]}},
    },
}


@pytest.mark.parametrize("name", CLIENT_MODELS)
def test_both_accept_what_clients_send(name: str) -> None:
    assert verdicts(CLIENT_MODELS[name]) == (True, True)
    assert ModelSpec.model_validate(CLIENT_MODELS[name]).wire() == CLIENT_MODELS[name]

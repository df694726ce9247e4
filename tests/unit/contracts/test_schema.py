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

"""The lean form of the specification: within every vendor's published limits, and without loss."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from abm_quant.authoring.changes import changes
from abm_quant.authoring.offline.gallery import load_gallery
from abm_quant.authoring.wire import wire_schema, with_blanks, without_blanks
from abm_quant.compiling.read import read_spec
from abm_quant.contracts.gallery import GalleryEntry
from corpus_runs import CORPUS

GALLERY = load_gallery()


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Give every schema inside a schema."""
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from parts(each)
    elif isinstance(node, list):
        for each in node:
            yield from parts(each)


def inlined(node: Any, definitions: dict[str, Any]) -> Any:
    """Give a schema with each reference replaced by what it refers to."""
    if isinstance(node, list):
        return [inlined(each, definitions) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return inlined(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {key: inlined(each, definitions) for key, each in node.items() if key != "$defs"}


def depth(node: Any) -> int:
    """Give how deep objects stand in objects."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    here = isinstance(node, dict) and node.get("type") == "object"
    return here + max(map(depth, inner), default=0)


SCHEMA = wire_schema()
WHOLE = inlined(SCHEMA, SCHEMA["$defs"])
OBJECTS = [each for each in parts(SCHEMA) if each.get("type") == "object"]


def test_openai_takes_it() -> None:
    """Every key required, closed objects, no defaults; 5,000 properties, 10 levels, 120k of names."""
    for each in OBJECTS:
        assert each["required"] == list(each["properties"])
        assert each["additionalProperties"] is False
    keywords = {key for each in parts(SCHEMA) for key in each}
    assert not keywords & {"default", "allOf", "oneOf", "not", "if", "patternProperties"}
    assert sum(len(each["properties"]) for each in OBJECTS) <= 5000
    assert depth(WHOLE) <= 10
    names = [name for each in OBJECTS for name in each["properties"]]
    words = [word for each in parts(SCHEMA) for word in each.get("enum", ())]
    assert len("".join(names + words)) <= 120_000 and len(words) <= 1000


def test_anthropic_takes_it() -> None:
    """At most 16 unions and 24 optional keys, no recursion."""
    unions = [each for each in parts(WHOLE) if "anyOf" in each]
    assert 0 < len(unions) <= 16
    assert not [each for each in parts(SCHEMA) if isinstance(each.get("type"), list)]


def test_google_takes_it() -> None:
    """No key beside a reference, none of the keywords that it does not list."""
    for each in parts(SCHEMA):
        assert "$ref" not in each or each.keys() == {"$ref"}
    keywords = {key for each in parts(SCHEMA) for key in each}
    assert not keywords & {"const", "exclusiveMinimum", "exclusiveMaximum", "pattern", "minLength"}


def test_small_models_find_numbers_before_text() -> None:
    for each in parts(SCHEMA):
        kinds = [choice.get("type") for choice in each.get("anyOf", ())]
        assert "string" not in kinds or kinds.index("string") > 0


def answer(model: dict[str, Any]) -> dict[str, Any]:
    return {"plan": "", "model": model, "title": "", "explanation": "", "assumptions": []}


@pytest.mark.parametrize("entry", GALLERY, ids=lambda each: each.name)
def test_a_model_comes_back_as_it_was(entry: GalleryEntry) -> None:
    lean = with_blanks(entry.model.wire())
    jsonschema.validate(answer(lean), SCHEMA)
    back = read_spec(without_blanks(lean)).spec
    assert back is not None
    assert changes(entry.model, back) == ()


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda each: each.stem)
def test_what_language_models_wrote_fits_the_lean_form(path: Any) -> None:
    """Older answers that are sent along as the current model are shown in the form of the answer."""
    spec = read_spec(json.loads(path.read_text("utf-8"))).spec
    assert spec is not None
    lean = with_blanks(spec.wire())
    jsonschema.Draft202012Validator(SCHEMA["properties"]["model"] | {"$defs": SCHEMA["$defs"]})
    back = read_spec(without_blanks(lean)).spec
    assert back is not None
    assert [each for each in changes(spec, back) if each.kind != "changed"] == []


def test_blanks_are_left_out_only_where_the_format_allows_it() -> None:
    lean = with_blanks(GALLERY[0].model.wire())
    plain = without_blanks(lean)
    assert "graph" not in plain["environment"]["topology"]
    assert "cellCapacity" not in plain["environment"]["topology"]
    assert plain["environment"]["topology"]["type"] == lean["environment"]["topology"]["type"]


@pytest.mark.parametrize("odd", [{}, {"agents": 3}, {"agents": [[3]]}, {"environment": None}])
def test_answers_of_another_shape_are_left_to_the_reader(odd: dict[str, Any]) -> None:
    assert without_blanks(odd).keys() <= odd.keys()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("array", "[]", []),
        ("object", "{}", {}),
        ("object", "None", None),
        ("array", "[1, 2]", [1, 2]),
        ("array", "[0] * 3", "[0] * 3"),
        ("string", "[]", "[]"),
    ],
)
def test_lists_and_objects_that_are_written_as_text_are_what_they_say(
    kind: str, text: str, value: Any
) -> None:
    lean = with_blanks(GALLERY[0].model.wire())
    lean["globalVariables"][0] |= {"type": kind, "initialValue": text}
    assert without_blanks(lean)["globalVariables"][0]["initialValue"] == value

"""A specification with each field in turn missing or of a wrong type gets a clear refusal."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from abm_quant.contracts.problems import CODES

Place = tuple[str | int, ...]
FREE = {"initialValue", "value", "args", "defaultValue", "initialCount", "width", "height"}
"""Fields that take a value of any type."""


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Give the place of each field, once for each kind of part."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield (*place, key)
            yield from places(each, (*place, key))
    elif isinstance(value, list):
        for index, each in enumerate(value[:1]):
            yield (*place, index)
            yield from places(each, (*place, index))


def changed(spec: dict[str, Any], place: Place, value: Any = ...) -> dict[str, Any]:
    """Give a copy with one place removed, or replaced by a value."""
    broken = copy.deepcopy(spec)
    holder: Any = broken
    for step in place[:-1]:
        holder = holder[step]
    if value is ...:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    return broken


@pytest.mark.parametrize(
    ("name", "values"), [("predator-prey", (..., 17.5)), ("sir-network", ([[]], {"a": {}}, True))]
)
def test_each_field_missing_or_wrong(client, gallery, name, values):
    spec = gallery(name)
    refused = 0
    for place in places(spec):
        if FREE & set(place):
            continue
        for value in values:
            answer = client.post("/api/v1/validate", json={"model": changed(spec, place, value)})
            assert answer.status_code in (200, 422), (place, value)
            document = answer.json()
            if answer.status_code == 422:
                refused += 1
                assert answer.headers["content-type"] == "application/problem+json"
                assert document["detail"]
                assert [each for each in document["problems"] if each["severity"] == "error"]
            for each in document["problems"]:
                assert each["code"] in CODES
                assert each["message"]
    assert refused > 100


REQUIRED = [
    "codingLanguage",
    "environment",
    "agents",
    "terminationCriteria",
    "scheduler",
]


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("route", ["models", "validate", "compile"])
def test_a_missing_required_field_is_named(client, gallery, route, field):
    spec = changed(gallery("boltzmann-wealth"), (field,))
    answer = client.post(f"/api/v1/{route}", json={"model": spec})
    assert answer.status_code == 422
    assert f"/{field}" in [each["path"] for each in answer.json()["problems"]]


@pytest.mark.parametrize("route", ["models", "validate", "compile", "runs"])
@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        (b"", 400, "empty"),
        (b"{", 400, "not JSON"),
        (b"a=b", 400, "not JSON"),
        (b"\xff\xfe{", 400, "UTF-8"),
        (b"[]", 400, "an array"),
        (b"null", 400, "null"),
        (b'{"model": NaN}', 400, "NaN"),
        (b'{"model": -Infinity}', 400, "Infinity"),
        (b'{"model": {"a": 1e400}}', 400, "too large"),
        (b'{"model": "\\udc00"}', 400, "half of a character"),
        (b'{"model":' * 2000 + b"1" + b"}" * 2000, 400, "nested"),
        (b"[" * 100_000, 400, "nested"),
        (b'{"model": ' + b"9" * 5000 + b"}", 400, "cannot be read as JSON"),
        (b"{}", 422, ""),
        (b'{"model": null}', 422, ""),
        (b'{"model": {}}', 422, ""),
        (b'{"model": []}', 422, ""),
        (b'{"model": 5}', 422, ""),
        (b'{"model": "hello"}', 422, ""),
        (b'{"model": {"agents": [[]], "environment": {}}}', 422, ""),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_body_that_is_no_specification(client, route, content, status, word):
    answer = client.post(f"/api/v1/{route}", content=content)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert word in document["detail"]
    assert document["detail"]

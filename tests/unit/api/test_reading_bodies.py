"""parse_json and field_errors: JSON as the standard has it, refusals in plain words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from abm_quant.api.bodies import RunBody
from abm_quant.api.plain import field_errors
from abm_quant.api.problems import InvalidFields, MalformedBody
from abm_quant.api.reading import MAX_DEPTH, is_deep, parse_json


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b' \r\n{"a": 1.5e3}\n', {"a": 1500.0}),
        ('{"ä": "\\ud83d\\ude00"}'.encode(), {"ä": "😀"}),
        (b'{"a": 1e-400}', {"a": 0.0}),
    ],
)
def test_json_is_read(data, value):
    assert parse_json(data) == value


def test_the_place_of_a_mistake_is_named():
    with pytest.raises(MalformedBody, match="line 2, column 3"):
        parse_json(b"{\n  a: 1}")


def test_depth_is_bounded():
    assert parse_json(nested(MAX_DEPTH)) is not None
    for depth in (MAX_DEPTH + 2, 900, 5_000, 200_000):
        with pytest.raises(MalformedBody, match="nested"):
            parse_json(nested(depth))


def test_wide_values_are_not_deep():
    assert not is_deep([[1]] * 1000)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.binary(max_size=40)
    | st.text('[]{}",:\\ud80e0123456789-.NaInfty ', max_size=40).map(str.encode)
)
def test_any_bytes_are_a_value_or_a_refusal(data):
    try:
        parse_json(data)
    except MalformedBody as refusal:
        assert str(refusal).endswith(".")


def test_each_wrong_field_is_named_once():
    wrong = {
        "modelId": "m",
        "steps": "x",
        "parameters": {"a": [], "b": None},
        "limits": {"cpuS": 0},
    }
    with pytest.raises(ValidationError) as caught:
        RunBody.model_validate(wrong)
    fields = field_errors(caught.value.errors(include_url=False))
    assert fields == [
        {"path": "/steps", "message": "must be a whole number"},
        {"path": "/parameters/a", "message": "must be a number, text, true or false"},
        {"path": "/parameters/b", "message": "must be a number, text, true or false"},
        {"path": "/limits/cpuS", "message": "must be greater than 0"},
    ]
    assert str(InvalidFields(fields)).startswith("`steps` must be a whole number; ")

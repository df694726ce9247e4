"""Values become plain JSON, the same in every process."""

import json
from collections import OrderedDict, defaultdict
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from abm_quant.running.inside.values import NotJson, clean_text, column_to_json, to_json


class Word(str):
    """A text of a class of its own."""


class Color(Enum):
    RED = 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2.5, 2.5),
        (float("nan"), None),
        (float("-inf"), None),
        (np.int64(4), 4),
        (np.float32(0.5), 0.5),
        (np.float64("nan"), None),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array([1.0, np.inf]), [1.0, None]),
        ((1, "a"), [1, "a"]),
        ({"a": (1,), 2: 3, True: 4}, {"a": [1], "2": 3, "true": 4}),
        (defaultdict(int, a=1), {"a": 1}),
        (OrderedDict(b=1), {"b": 1}),
        (Fraction(1, 2), 0.5),
        (Word("w"), "w"),
        ("\ud800", "?"),
    ],
)
def test_a_value_has_a_plain_form(value: Any, expected: Any) -> None:
    found = to_json(value)
    assert found == expected
    assert type(found) is type(expected)
    json.dumps(found, allow_nan=False).encode()


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ({1}, "set", "{1}"),
        (Decimal("0.1"), "Decimal", "Decimal('0.1')"),
        (1j, "complex", "1j"),
        (Color.RED, "Color", "<Color.RED: 1>"),
        (object(), "object", "<object object>"),
        (10**400, "int", "a whole number of 1329 bits"),
        ({(1, 2): 3}, "tuple", "(1, 2)"),
        (nested(9), "list", "[1]"),
    ],
)
def test_a_value_without_plain_form_is_told_by_its_text(value: Any, kind: str, text: str) -> None:
    with pytest.raises(NotJson) as caught:
        to_json(value)
    assert (caught.value.kind, caught.value.text) == (kind, text)


def test_a_column_tells_its_first_odd_value() -> None:
    column, reason = column_to_json([1, {2}, np.float64(3), 4j])
    assert column == [1, "{2}", 3.0, "4j"]
    assert reason is not None and reason.kind == "set"


def test_a_long_text_is_cut() -> None:
    assert clean_text("abcdef", 3) == "abc..."


def test_a_large_array_is_not_sent_whole() -> None:
    with pytest.raises(NotJson) as caught:
        to_json(np.zeros(10_001))
    assert len(caught.value.text) < 200

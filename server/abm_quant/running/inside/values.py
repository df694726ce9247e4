"""What a model computed, as JSON values: plain, finite, bounded, and the same in every process."""

import math
import numbers
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

MAX_TEXT = 10_000
MOST_ID = 10**15
MAX_ITEMS = 10_000
MAX_DEPTH = 8
_MAX_BITS = 1_000
_LARGE = 2**_MAX_BITS
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class NotJson(Exception):
    """A value has no JSON form; `kind` says what it is, `text` is what is recorded for it."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text
        super().__init__(kind)


def to_json(value: Any, depth: int = 0) -> Any:
    """Give the JSON form of a value; NaN and infinities become None. Raises NotJson."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is int:
        return _whole(value)
    if kind is str:
        return clean_text(value, MAX_TEXT)
    if isinstance(value, np.generic | np.ndarray):
        return _from_numpy(value, depth)
    if isinstance(value, list | tuple):
        return _items(value, depth)
    if isinstance(value, Mapping):
        return _pairs(value, depth)
    if isinstance(value, str | numbers.Real):
        return _plain_part(value)
    raise not_json(value)


def column_to_json(values: list[Any]) -> tuple[list[Any], NotJson | None]:
    """Give the JSON forms of many values, and the first that has none (its text is recorded)."""
    if _are_plain(values):
        return values, None
    found: NotJson | None = None
    column = []
    for value in values:
        try:
            column.append(to_json(value))
        except NotJson as reason:
            found = found or reason
            column.append(reason.text)
    return column, found


def _are_plain(values: list[Any]) -> bool:
    """Tell, fast, whether all values are finite floats, or small whole numbers, or booleans."""
    kinds = set(map(type, values))
    if kinds == {float}:
        return all(map(math.isfinite, values))
    ends: list[int] = [min(values), max(values)] if kinds == {int} else []
    return kinds in ({bool}, {int}) and all(-_LARGE < each < _LARGE for each in ends)


def id_number(identity: Any) -> int:
    """Give the id of an agent: a whole number from 0 to below MOST_ID, else -1."""
    return identity if type(identity) is int and 0 <= identity < MOST_ID else -1


def not_json(value: Any) -> NotJson:
    """Give what is recorded for a value without JSON form: its repr, without memory addresses."""
    text = _ADDRESS.sub("", repr(value))
    return NotJson(clean_text(type(value).__name__, 100), clean_text(text, MAX_TEXT))


def clean_text(text: str, most: int) -> str:
    """Give a text that can be sent as UTF-8, cut at a number of characters."""
    text = str.__str__(text)
    if len(text) > most:
        text = text[:most] + "..."
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _whole(value: int) -> int:
    if value.bit_length() > _MAX_BITS:
        raise NotJson("int", f"a whole number of {value.bit_length()} bits")
    return value


def _from_numpy(value: Any, depth: int) -> Any:
    if value.size > MAX_ITEMS:
        raise not_json(value)
    plain = value.tolist()
    if isinstance(plain, np.generic | np.ndarray):
        raise not_json(value)
    return to_json(plain, depth)


def _items(values: Any, depth: int) -> list[Any]:
    if depth >= MAX_DEPTH or len(values) > MAX_ITEMS:
        raise not_json(values)
    return [to_json(each, depth + 1) for each in values]


def _pairs(values: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    if depth >= MAX_DEPTH or len(values) > MAX_ITEMS:
        raise not_json(values)
    return {_key(key): to_json(each, depth + 1) for key, each in values.items()}


def _key(key: Any) -> str:
    if isinstance(key, str):
        return clean_text(key, MAX_TEXT)
    plain = to_json(key)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, int | float):
        return str(plain)
    raise not_json(key)


def _plain_part(value: Any) -> Any:
    """Give the text or number in a subclass, a fraction, a decimal."""
    if isinstance(value, str):
        return clean_text(value, MAX_TEXT)
    try:
        if isinstance(value, numbers.Integral):
            return _whole(int(value))
        return to_json(float(value))
    except (OverflowError, TypeError, ValueError) as failure:
        raise not_json(value) from failure

"""Finds the answer in what a language model wrote, whatever it has wrapped it in."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from abm_quant.compiling.read import json_in

MOST_STARTS = 100
"""Braces at which an object is looked for; words around an answer hold a few."""
MOST_WRAPPINGS = 3
"""Objects and texts around each other in which an answer is looked for."""
_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found in a text."""

    answer: Any
    """The object {model, title, explanation, ...}; the text itself where it holds no object."""
    notes: tuple[str, ...] = ()
    """Sentences on what was read otherwise than it was written."""


def answer_in(text: str) -> Found:
    """Give the last object with a model in it; else the object that the text is, else the text.

    Words, fences, a tool call or a text may stand around it.
    """
    answers = [
        Found(answer=answer, notes=each.notes)
        for each in _objects(text)
        if (answer := _with_model(each.answer)) is not None
    ]
    if not answers:
        return Found(answer=_object_or_text(text))
    last = answers[-1]
    several = ("The answer held several models; the last one was read.",) if answers[1:] else ()
    return Found(answer=last.answer, notes=several + last.notes)


def _objects(text: str) -> Iterator[Found]:
    """Give the JSON objects of a text, one after the other."""
    for _ in range(MOST_WRAPPINGS):
        inner = _value(text)
        text = inner if isinstance(inner, str) else text
    doubled: list[str] = []
    decoder = json.JSONDecoder(object_pairs_hook=lambda pairs: _merged(pairs, doubled))
    start = text.find("{")
    for _ in range(MOST_STARTS):
        if start < 0:
            return
        doubled.clear()
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            yield Found(answer=value, notes=tuple(map(_note, dict.fromkeys(doubled))))
        start = text.find("{", end)


def _object_or_text(text: str) -> Any:
    """Give the object of a text without a model, such as a bare specification."""
    try:
        value = json_in(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict) else text


def _note(key: str) -> str:
    return (
        f"The answer held `{key[:_SHOWN]}` twice: lists were joined, of other values the last "
        "one counts."
    )


def _with_model(value: Any, depth: int = 0) -> dict[str, Any] | None:
    """Give the object that has a model, from under what wraps it."""
    value = _value(value)
    if not isinstance(value, dict) or depth > MOST_WRAPPINGS:
        return None
    if "model" in value:
        model = _value(value["model"])
        return value | {"model": model} if isinstance(model, dict) else None
    inner = (_with_model(each, depth + 1) for each in value.values())
    return next((each for each in inner if each is not None), None)


def _value(value: Any) -> Any:
    """Give the value of JSON text, and everything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.lstrip().startswith(("{", '"')) else value
    except (ValueError, RecursionError):
        return value


def _merged(pairs: list[tuple[str, Any]], doubled: list[str]) -> dict[str, Any]:
    """Give an object; of a key that stands twice, lists are joined and else the last one counts."""
    merged: dict[str, Any] = {}
    for key, value in pairs:
        known = merged.get(key)
        if key in merged and known != value:
            doubled.append(key)
            value = known + value if isinstance(known, list) and isinstance(value, list) else value
        merged[key] = value
    return merged

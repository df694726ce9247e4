"""Reads a specification from whatever arrives: an object, an author's answer, JSON text or bytes.

Reading is total: no input makes it raise. What is read otherwise than it was written is a note.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from abm_quant.compiling.reading.legacy import modernized
from abm_quant.compiling.reading.merging import merged
from abm_quant.compiling.reading.tidying import tidied
from abm_quant.contracts.problems import Problem, pointer, problem
from abm_quant.contracts.spec import ModelSpec

MAX_DEPTH = 60
MAX_BYTES = 50 * 2**20
MAX_TEXT = 1_000_000
MAX_CODE = 100_000
MAX_PARTS = 2_000
OWN_FIELDS = {
    name for key, field in ModelSpec.model_fields.items() for name in (key, field.alias or key)
}
ENVELOPE_KEYS = ("model", "spec", "specification", "currentModel")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A specification as it was understood; `spec` is None when there is none to be found."""

    spec: ModelSpec | None
    problems: list[Problem]
    title: str = ""
    explanation: str = ""


@dataclass
class _Finder:
    """Digs the specification out of its wrappings and collects the words around it."""

    problems: list[Problem] = field(default_factory=list)
    title: str = ""
    explanation: str = ""

    def find(self, raw: Any, depth: int = 0) -> dict[str, Any] | None:
        """Give the object that holds the model; None, with a problem, when there is none."""
        if isinstance(raw, (str, bytes, bytearray)):
            raw = self._parse(raw)
            if raw is None:
                return None
        if not isinstance(raw, dict):
            self._refuse(f"A specification is a JSON object, and this is {_kind(raw)}.")
            return None
        self._take_words(raw)
        if "agents" not in raw and "environment" not in raw:
            inner = next((raw[key] for key in ENVELOPE_KEYS if raw.get(key)), None)
            if inner is not None and depth < 4:
                return self.find(inner, depth + 1)
            self._refuse("There is no model in it: neither `agents` nor `environment`.")
            return None
        return raw

    def _parse(self, text: str | bytes | bytearray) -> Any:
        if len(text) > MAX_BYTES:
            self._refuse(f"It is larger than {MAX_BYTES // 2**20} MiB.", "too-large")
            return None
        try:
            decoded = text if isinstance(text, str) else bytes(text).decode("utf-8-sig")
            if decoded.strip():
                return json_in(decoded)
            self._refuse("It is empty.", "not-json")
        except UnicodeDecodeError as error:
            self._refuse(f"It is not UTF-8 text (byte {error.start}).", "not-json")
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            self._refuse(f"It is not JSON: {error.msg} at {place}.", "not-json")
        except (RecursionError, ValueError) as error:
            self._refuse(f"It cannot be read as JSON: {error}.", "not-json")
        return None

    def _take_words(self, raw: dict[str, Any]) -> None:
        info = raw.get("supportingInfo")
        for source in (raw, info if isinstance(info, dict) else {}):
            title, explanation = source.get("title"), source.get("explanation")
            self.title = title if isinstance(title, str) else self.title
            self.explanation = explanation if isinstance(explanation, str) else self.explanation

    def _refuse(self, message: str, code: str = "not-a-specification") -> None:
        hint = "Send a model specification, or an author's answer with the key `model`."
        self.problems.append(problem(code, "", message, hint))


def read_spec(raw: Any) -> Reading:
    """Give the specification in any JSON value, text or bytes, with a Problem for each obstacle."""
    finder = _Finder()
    found = finder.find(raw)
    if found is None:
        return Reading(spec=None, problems=finder.problems)
    obstacles = _not_json(found) or _too_much(found)
    if obstacles:
        return Reading(spec=None, problems=obstacles)
    tidy, notes = _tidied(found)
    words = {"title": finder.title, "explanation": finder.explanation}
    try:
        spec = ModelSpec.model_validate(tidy)
    except ValidationError as error:
        problems = [_shape_problem(each) for each in error.errors(include_url=False)]
        return Reading(spec=None, problems=notes + list(dict.fromkeys(problems)), **words)
    return Reading(spec=spec, problems=notes, **words)


def json_in(text: str) -> Any:
    """Give the JSON of a text, where words may stand around one whole object.

    Raises json.JSONDecodeError, another ValueError or RecursionError when there is none.
    """
    try:
        return json.loads(_without_fence(text))
    except json.JSONDecodeError:
        start = text.find("{")
        if start < 0:
            raise
        try:
            found, _ = json.JSONDecoder().raw_decode(text, start)
        except json.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise
        return found


def _without_fence(text: str) -> str:
    """Give the text inside a Markdown code fence, where the whole text is one."""
    stripped = text.strip().removeprefix("\ufeff").strip()
    if stripped.startswith("```") and stripped.endswith("```") and "\n" in stripped:
        return stripped[stripped.index("\n") + 1 : -3]
    return stripped


def _kind(value: Any) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, (int, float)) else "no JSON")


def _not_json(value: Any) -> list[Problem]:
    """Give a problem for what a JSON document cannot hold: too deep, NaN, broken Unicode."""
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while pending:
        steps, item = pending.pop()
        if len(steps) > MAX_DEPTH:
            return [_obstacle("too-large", (), f"It is nested deeper than {MAX_DEPTH} levels.")]
        if isinstance(item, dict):
            if not all(isinstance(key, str) and _is_unicode(key) for key in item):
                return [_obstacle("wrong-type", steps, "A key of this object is not text.")]
            pending += [((*steps, key), each) for key, each in item.items()]
        elif isinstance(item, list):
            pending += [((*steps, index), each) for index, each in enumerate(item)]
        elif isinstance(item, float) and not -1e308 < item < 1e308:
            return [_obstacle("wrong-type", steps, "NaN and infinity are not numbers in JSON.")]
        elif isinstance(item, str) and not _is_unicode(item):
            return [_obstacle("wrong-type", steps, "The text holds half of a character.")]
        elif not isinstance(item, (str, bool, int, float, type(None))):
            return [_obstacle("wrong-type", steps, "This is not a JSON value.")]
        elif isinstance(item, int) and abs(item) >= 10**308:
            return [_obstacle("wrong-type", steps, "The number is too large.")]
    return []


def _too_much(found: dict[str, Any]) -> list[Problem]:
    """Give a problem for more text, code or parts than can be compiled in a few seconds.

    What stands beside the model's own fields is not compiled and does not count.
    """
    texts = code = parts = 0
    pending: list[tuple[str, Any]] = [(key, found[key]) for key in found if key in OWN_FIELDS]
    while pending:
        key, item = pending.pop()
        if isinstance(item, dict):
            parts += "sourceName" in item or "source_name" in item
            pending += item.items()
        elif isinstance(item, list):
            pending += [(key, each) for each in item]
        elif isinstance(item, str):
            texts += len(item)
            code += len(item) if key == "code" else 0
    counted = (
        (code, MAX_CODE, "characters of code"),
        (texts, MAX_TEXT, "characters of text"),
        (parts, MAX_PARTS, "parts with a sourceName"),
    )
    return [
        problem("too-large", "", f"It has {each:,} {what}; the most is {most:,}.", "Shorten it.")
        for each, most, what in counted
        if each > most
    ]


def _obstacle(code: str, steps: tuple[str | int, ...], message: str) -> Problem:
    return problem(code, pointer(*steps), message, "Write a plain JSON value here.")


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _tidied(raw: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Give a copy in which small deviations from the format are mended, and a note on each."""
    notes: list[Problem] = []

    def note(steps: tuple[str | int, ...], message: str) -> None:
        notes.append(problem("repaired", pointer(*steps), message))

    def merge(steps: tuple[str | int, ...], message: str) -> None:
        hint = "Put all parts of an agent type into one object."
        notes.append(problem("name-assumed", pointer(*steps), message, hint))

    tidy: dict[str, Any] = tidied(merged(modernized(raw, note), merge), (), note)
    return tidy, notes


SHAPE_CODES = {
    "missing": ("missing-field", "Add it."),
    "literal_error": ("unknown-choice", "Use one of these words."),
    "greater_than": ("out-of-range", "Change the number."),
    "greater_than_equal": ("out-of-range", "Change the number."),
    "less_than_equal": ("out-of-range", "Change the number."),
    "string_too_short": ("out-of-range", "Write at least one character."),
}


def _shape_problem(error: ErrorDetails) -> Problem:
    code, hint = SHAPE_CODES.get(error["type"], ("wrong-type", "Change the value."))
    steps = [step for step in error["loc"] if isinstance(step, int) or step[:1].islower()]
    field_name = steps[-1] if steps else "the model"
    message = f"`{field_name}`: {error['msg'][0].lower()}{error['msg'][1:]}."
    if code == "wrong-type":
        message = f"{message[:-1]}, and this is {_kind(error['input'])}."
    return problem(code, pointer(*steps), message, hint)

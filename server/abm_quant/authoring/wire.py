"""The lean form of the specification that language models fill in.

Vendors limit the schemas that they enforce: OpenAI wants every key required and no defaults,
Anthropic allows few unions and optional keys, Google no keys beside `$ref`. So in this form every
key is required, and what is absent is written as "", 0, [] or "none". Both directions are derived
from the fields of ModelSpec; nothing is listed twice.
"""

import json
import math
import types
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from abm_quant.contracts.spec import Call, Count, Extent, ModelSpec, Part, Share, Value

NONE = "none"
TEXT_OR_NUMBER = (Extent, Share)
"""Written as text: a number or a reference."""

PLAN = (
    "Think before you write: the kinds of agents and their state, the rules of a step in order, "
    "who starts in which state so that something happens, which parameters there are, what is "
    "measured and what a correct run must show. At most 150 words."
)
TITLE = "A title of the model, at most 7 words."
EXPLANATION = (
    "For the user, in Markdown without HTML and in the user's language: what the model does and "
    "how to read its outputs; for a change, what was changed."
)
ASSUMPTIONS = (
    "One sentence for each thing that the user did not say and that you decided, with its value."
)


@cache
def wire_schema() -> dict[str, Any]:
    """Give the JSON Schema of an answer: {plan, model, title, explanation, assumptions}."""
    definitions: dict[str, Any] = {}
    model = _object(ModelSpec, definitions, False)
    text = {"type": "array", "items": {"type": "string"}, "description": ASSUMPTIONS}
    properties = {
        "plan": {"type": "string", "description": PLAN},
        "model": model,
        "title": {"type": "string", "description": TITLE},
        "explanation": {"type": "string", "description": EXPLANATION},
        "assumptions": text,
    }
    return _closed(properties) | {"$defs": definitions}


def without_blanks(model: dict[str, Any]) -> dict[str, Any]:
    """Give a model of the lean form without the values that mean "none"; others stay as they are."""
    cleaned = _cleaned(model, ModelSpec)
    assert isinstance(cleaned, dict)
    return cleaned


def with_blanks(model: dict[str, Any]) -> dict[str, Any]:
    """Give a specification in the lean form: every key is there, in order; further keys are not."""
    filled = _filled(model, ModelSpec)
    assert isinstance(filled, dict)
    return filled


@cache
def format_keys() -> frozenset[str]:
    """Give every key of the format, wherever it stands."""
    definitions: dict[str, Any] = {}
    schemas = [_object(ModelSpec, definitions, False), *definitions.values()]
    return frozenset(key for schema in schemas for key in schema["properties"])


def _object(part: type[Part], definitions: dict[str, Any], is_optional: bool) -> dict[str, Any]:
    """Give the schema of a part; in one that may be absent, each choice may be."""
    properties = {
        name: _field(
            info, kind, may_lack or (is_optional and get_origin(kind) is Literal), definitions
        )
        for name, info, kind, may_lack in _fields(part)
    }
    return _closed(properties, part.__doc__ or "")


def _closed(properties: dict[str, Any], description: str = "") -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if description:
        schema["description"] = _one_line(description)
    return schema | {
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@cache
def _fields(part: type[Part]) -> tuple[tuple[str, FieldInfo, Any, bool], ...]:
    """Give the wire name, the field, its type and whether it may be absent, of each field."""
    return tuple(
        (info.alias or name, info, *_kind(_annotation(part, name)))
        for name, info in part.model_fields.items()
    )


def _annotation(part: type[Part], name: str) -> Any:
    """Give the annotation as it was written; pydantic keeps only what is inside Annotated."""
    return next(base.__annotations__[name] for base in part.__mro__ if name in base.__annotations__)


def _field(
    info: FieldInfo, kind: Any, is_optional: bool, definitions: dict[str, Any]
) -> dict[str, Any]:
    """Give the schema of a field."""
    schema = _type(kind, is_optional, definitions)
    if "$ref" in schema:
        return schema
    description = _one_line(info.description or "")
    blank = _blank(kind, is_optional, schema)
    if blank:
        description = f"{description} {blank}".strip()
    return ({"description": description} if description else {}) | schema


def _blank(kind: Any, is_optional: bool, schema: dict[str, Any]) -> str:
    """Give the sentence on what to write where a field does not apply."""
    if not is_optional:
        return ""
    if kind in TEXT_OR_NUMBER or schema.get("type") == "string":
        return f'"{NONE if "enum" in schema else ""}" where it does not apply.'
    return "0 where it does not apply." if schema.get("type") in ("integer", "number") else ""


def _type(kind: Any, is_optional: bool, definitions: dict[str, Any]) -> dict[str, Any]:
    """Give the schema of a type."""
    if kind in TEXT_OR_NUMBER:
        return {"type": "string"}
    if kind in (Value, Count):
        return {"anyOf": _alternatives(kind, definitions)}
    if get_origin(kind) is Literal:
        words = list(get_args(kind))
        return {"type": "string", "enum": words + ([NONE] if is_optional else [])}
    if get_origin(kind) is list:
        items, _ = _kind(get_args(kind)[0])
        return {"type": "array", "items": _type(items, False, definitions)}
    if isinstance(kind, type) and issubclass(kind, Part):
        return _part(kind, definitions, is_optional)
    if kind == int | float:
        return {"type": "integer"}
    return {"type": {str: "string", bool: "boolean", int: "integer"}.get(kind, "string")}


def _alternatives(kind: Any, definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the forms of a value; small models take the first that fits, so text comes late."""
    number = {"type": "integer"} if kind == Count else {"type": "number"}
    flag = [] if kind == Count else [{"type": "boolean"}]
    return [number, *flag, {"type": "string"}, _part(Call, definitions)]


def _part(
    part: type[Part], definitions: dict[str, Any], is_optional: bool = False
) -> dict[str, Any]:
    """Give a part: by reference, so that what stands in several places is sent once."""
    name = part.__name__
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _object(part, definitions, is_optional)
    return {"$ref": f"#/$defs/{name}"}


def _kind(annotation: Any) -> tuple[Any, bool]:
    """Give a type without None and bounds, and whether None was in it."""
    if annotation in (Value, Count, *TEXT_OR_NUMBER):
        return annotation, annotation in TEXT_OR_NUMBER
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        members = [each for each in get_args(annotation) if each is not type(None)]
        kinds = [_kind(each)[0] for each in members]
        kind = kinds[0] if len(kinds) == 1 else int | float
        return kind, len(members) < len(get_args(annotation))
    return annotation, False


def _cleaned(value: Any, kind: Any) -> Any:
    """Give a value of the lean form without blanks, as far as it has the expected shape."""
    if isinstance(value, list) and get_origin(kind) is list:
        items, _ = _kind(get_args(kind)[0])
        return [_cleaned(each, items) for each in value]
    if kind in TEXT_OR_NUMBER:
        return _number_in(value)
    if not (isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, Part)):
        return value
    cleaned: dict[str, Any] = {}
    known = {name: rest for name, *rest in _fields(kind)}
    for name, each in value.items():
        info, inner, is_optional = known.get(name, [None, None, False])
        may_lack = is_optional or (info is not None and not info.is_required())
        if may_lack and _is_blank(each, inner):
            continue
        if get_origin(inner) is Literal and each == NONE and NONE not in get_args(inner):
            if info is not None and info.is_required():
                return {}
            continue
        if inner == Value and isinstance(each, str) and value.get("type") != "string":
            cleaned[name] = _written(each)
            continue
        part = _cleaned(each, inner)
        if part != {} or not is_optional:
            cleaned[name] = part
    return cleaned


def _written(text: str) -> Any:
    """Give the value of a text that stands for nothing, a list or an object; else the text."""
    if text == "None":
        return None
    if text[:1] not in ("[", "{"):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _is_blank(value: Any, kind: Any) -> bool:
    """Tell whether a value means that the field does not apply; 0 does for sizes only."""
    return value in ("", [], None) or (kind is int and value == 0)


def _number_in(value: Any) -> Any:
    """Give the number that a text is, and everything else as it is."""
    try:
        number = float(value) if isinstance(value, str) else None
    except ValueError:
        return value
    if number is None or not math.isfinite(number):
        return value
    return int(number) if number.is_integer() else number


def _filled(value: Any, kind: Any, info: FieldInfo | None = None) -> Any:
    """Give a value with a blank for everything that is absent."""
    if get_origin(kind) is list:
        items, _ = _kind(get_args(kind)[0])
        return [_filled(each, items) for each in value] if isinstance(value, list) else []
    if isinstance(kind, type) and issubclass(kind, Part):
        given = value if isinstance(value, dict) else {}
        return {
            name: _filled(given.get(name, _default(info)), inner, info)
            for name, info, inner, _ in _fields(kind)
        }
    if value is None and kind == Value and info is not None and info.is_required():
        return "None"
    if value is None or value == "":
        return _blank_of(kind)
    if kind == Value and isinstance(value, (list, dict)) and "function" not in value:
        return json.dumps(value)
    return str(value) if kind in TEXT_OR_NUMBER and not isinstance(value, dict) else value


def _default(info: FieldInfo) -> Any:
    return None if info.is_required() else info.get_default()


def _blank_of(kind: Any) -> Any:
    if get_origin(kind) is Literal:
        return NONE
    return 0 if kind in (int, int | float) else False if kind is bool else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())

"""What is wrong with a field, in plain words."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from abm_quant.contracts.problems import pointer

PLAIN: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this request",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "list_type": "must be an array",
    "finite_number": "must be a finite number",
}
"""By pydantic's type of the error; others keep pydantic's own words."""

_SCALAR = "must be a number, text, true or false"
UNIONS: Mapping[Any, tuple[int, str]] = {
    "parameters": (2, _SCALAR),
    "value": (1, _SCALAR),
    "ref": (1, "must be text of at most 100 characters or a whole number"),
}
"""Fields of several types: where the value stands, and what is wrong for every type it is not."""


def field_errors(errors: Sequence[ErrorDetails | dict[str, Any]]) -> list[dict[str, str]]:
    """Give, for each invalid field once, its JSON pointer and what is wrong with it."""
    found: dict[str, str] = {}
    for error in errors:
        steps = error["loc"]
        message = PLAIN.get(error["type"]) or _reworded(error["msg"])
        depth, plain = UNIONS.get(steps[0] if steps else "", (len(steps), ""))
        if len(steps) > depth:
            steps, message = steps[:depth], plain
        found.setdefault(pointer(*steps), message)
    return [{"path": path, "message": message} for path, message in found.items()]


def _reworded(message: str) -> str:
    message = message.removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    message = message.replace("should be", "must be").replace("should have", "must have")
    return message[:1].lower() + message[1:]

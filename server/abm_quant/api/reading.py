"""Reads request bodies: JSON as the standard has it, and a sentence for everything else."""

import json
import math
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from abm_quant.api.plain import field_errors
from abm_quant.api.problems import InvalidFields, MalformedBody

B = TypeVar("B", bound=BaseModel)
MAX_DEPTH = 100
MAX_VALUES = 2_000_000
"""Objects, arrays and their items; reading more would keep every other request waiting."""


async def json_object(request: Request) -> dict[str, Any]:
    """Give the body of a request as a JSON object; raises MalformedBody when it is none."""
    data = await request.body()
    value = await run_in_threadpool(parse_json, data)
    if not isinstance(value, dict):
        raise MalformedBody(f"The body must be a JSON object, and it is {kind_of(value)}.")
    return value


def body_of(model: type[B]) -> Callable[[Request], Awaitable[B]]:
    """Give a dependency that reads the body as a model; it raises InvalidFields in plain words."""

    async def read(request: Request) -> B:
        value = await json_object(request)
        try:
            return model.model_validate(value)
        except ValidationError as error:
            raise InvalidFields(field_errors(error.errors(include_url=False))) from None

    return read


def parse_json(data: bytes, *, what: str = "body") -> Any:
    """Give the JSON value of some bytes; raises MalformedBody with the place where it broke.

    `what` is what the bytes are called there.
    """
    if not data.strip():
        raise MalformedBody(f"The {what} is empty. Send a JSON object.")
    if sum(map(data.count, (b"[", b"{", b","))) > MAX_VALUES:
        raise MalformedBody(f"The {what} holds more than {MAX_VALUES:,} values.")
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # finds halves of characters
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The {what} is not UTF-8 text (byte {error.start}).") from None
    except UnicodeEncodeError:
        raise MalformedBody(f"The {what} holds half of a character (a lone surrogate).") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedBody(f"The {what} is not JSON: {error.msg} at {place}.") from None
    except RecursionError:
        raise MalformedBody(f"The {what} is nested too deeply.") from None
    except ValueError as error:
        raise MalformedBody(f"The {what} cannot be read as JSON: {error}.") from None
    if is_deep(value):
        raise MalformedBody(f"The {what} is nested deeper than {MAX_DEPTH} levels.")
    return value


def is_deep(value: Any) -> bool:
    """Tell whether a JSON value is nested deeper than any request needs."""
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            inner = each.values() if isinstance(each, dict) else each
            if isinstance(each, (dict, list)):
                below += [item for item in inner if isinstance(item, (dict, list))]
        if not below:
            return False
        level = below
    return True


def kind_of(value: Any) -> str:
    """Give what a JSON value is, in words."""
    words = {
        dict: "an object",
        list: "an array",
        str: "a string",
        bool: "a boolean",
        type(None): "null",
    }
    return words.get(type(value), "a number")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value

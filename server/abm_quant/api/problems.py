"""The one place where failures become answers.

Our own routes answer with RFC 9457 problem documents. The engines routes, whose form existing
clients fix, answer with `{success: false, message}`. Nothing else leaves the service.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from abm_quant.api.plain import field_errors
from abm_quant.contracts.problems import errors
from abm_quant.errors import (
    AbmError,
    BadRequest,
    InvalidModel,
    ModelRefused,
    ModelUnavailable,
    NotFound,
    NothingFits,
    QuestionsRefused,
    ReplyTruncated,
    ReplyUnreadable,
    ResourceMissing,
    SandboxUnavailable,
    StorageError,
    TargetLacks,
    TooManyRuns,
    WorkerLost,
    WorkTooLarge,
)
from abm_quant.llm.secrets import without_keys

log = structlog.get_logger(__name__)

ENGINE_PATH = re.compile(r"(?:/api/v1)?/(?:engines|initialize)(?:/.*)?", re.DOTALL)


class DoorError(AbmError):
    """A request that the door itself refuses."""


class MalformedBody(DoorError):
    """The body is not a JSON object."""


class BodyTooLarge(DoorError):
    """The body is larger than the service reads."""


class InvalidFields(DoorError):
    """Fields of the request are wrong; `fields` lists path and message of each."""

    def __init__(self, fields: list[dict[str, str]]) -> None:
        self.fields = fields
        named = [
            f"`{each['path'].strip('/') or 'the body'}` {each['message']}" for each in fields[:5]
        ]
        super().__init__("; ".join(named) + ".")


class NotReadyYet(DoorError):
    """What was asked for will exist later."""


class Forbidden(DoorError):
    """The request is understood and refused."""


@dataclass(frozen=True)
class Kind:
    """How a kind of failure is answered."""

    status: int
    name: str
    title: str


KINDS: Mapping[type[AbmError], Kind] = {
    InvalidModel: Kind(422, "invalid-model", "The model has errors"),
    TargetLacks: Kind(422, "target-lacks", "The target cannot express the model"),
    NothingFits: Kind(422, "nothing-fits", "No model fits the prompt"),
    ModelUnavailable: Kind(503, "model-unavailable", "The language model cannot be asked"),
    ModelRefused: Kind(422, "model-refused", "The language model declined"),
    ReplyTruncated: Kind(502, "reply-truncated", "The language model's answer was cut off"),
    ReplyUnreadable: Kind(502, "reply-unreadable", "The language model's answer is no answer"),
    NotFound: Kind(404, "not-found", "Not found"),
    BadRequest: Kind(422, "bad-request", "The request cannot be followed"),
    StorageError: Kind(500, "storage", "The data folder cannot be used"),
    SandboxUnavailable: Kind(503, "sandbox-unavailable", "Models cannot be run here"),
    WorkTooLarge: Kind(422, "work-too-large", "It takes too much time or memory"),
    WorkerLost: Kind(503, "worker-lost", "The work was interrupted"),
    QuestionsRefused: Kind(422, "questions-refused", "The model's questions are not answered"),
    ResourceMissing: Kind(500, "resource-missing", "The installation is incomplete"),
    MalformedBody: Kind(400, "malformed-body", "The body cannot be read"),
    BodyTooLarge: Kind(413, "body-too-large", "The body is too large"),
    InvalidFields: Kind(422, "invalid-fields", "Fields of the request are wrong"),
    NotReadyYet: Kind(409, "not-ready-yet", "Not ready yet"),
    Forbidden: Kind(403, "forbidden", "Refused"),
    TooManyRuns: Kind(429, "too-many-runs", "Too many runs"),
    AbmError: Kind(500, "failure", "The request failed"),
}
"""By exception class; the nearest class of an exception decides."""


def kind_of_error(error: AbmError) -> Kind:
    """Give how an exception is answered."""
    return next(KINDS[each] for each in type(error).__mro__ if each in KINDS)


def sentence(error: AbmError) -> str:
    """Give what a failure tells a person; of many errors in a model, the number and the first."""
    if not isinstance(error, InvalidModel):
        return str(error)
    found = errors(error.problems) or error.problems
    if not found:
        return "The model has errors."
    first = found[0]
    place = f" (at {first.path})" if first.path else ""
    text = f"{first.message} {first.hint}".strip()
    if len(found) == 1:
        return f"The model has an error{place}: {text}"
    return f"The model has {len(found)} errors, the first{place}: {text}"


def problem_document(error: AbmError, path: str, request_id: str) -> dict[str, Any]:
    """Give the RFC 9457 document of a failure."""
    kind = kind_of_error(error)
    document: dict[str, Any] = {
        "type": f"urn:abm-quant:problem:{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "detail": sentence(error),
        "instance": path,
        "requestId": request_id,
    }
    if isinstance(error, InvalidModel):
        document["problems"] = [each.model_dump() for each in error.problems]
    if isinstance(error, InvalidFields):
        document["fields"] = error.fields
    if isinstance(error, NothingFits):
        document["closest"] = error.closest
    return document


def answer(error: AbmError, path: str, request_id: str) -> Response:
    """Give the answer for a failure, in the form of the route that was asked."""
    document = problem_document(error, path, request_id)
    if ENGINE_PATH.fullmatch(path):
        return failure(sentence(error), status=document["status"])
    response = _problem(document)
    if response.status_code in (409, 429):
        response.headers["Retry-After"] = "5"
    return response


def failure(message: str, *, status: int = 200, **more: Any) -> JSONResponse:
    """Give the engines routes' form of a failure."""
    return JSONResponse(failure_body(message, **more), status)


def failure_body(message: str, **more: Any) -> dict[str, Any]:
    """Give the body of the engines routes' form of a failure, without any key."""
    body: dict[str, Any] = _hidden({"success": False, "message": message, **more})
    return body


def crash(path: str, request_id: str) -> Response:
    """Give the answer for a failure that nobody foresaw; the details are in the log only."""
    detail = f"The service failed unexpectedly. Its log tells more under the id {request_id}."
    return _plain(500, detail, path, request_id)


def add_handlers(app: FastAPI) -> None:
    """Let the application answer all failures as this module says."""
    app.add_exception_handler(AbmError, _foreseen)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _foreseen(request: Request, error: Exception) -> Response:
    assert isinstance(error, AbmError)
    if kind_of_error(error).status >= 500:
        log.error("request failed", kind=type(error).__name__, reason=str(error))
    return answer(error, request.url.path, request_id_of(request))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = field_errors([{**each, "loc": each["loc"][1:]} for each in error.errors()])
    return answer(InvalidFields(fields), request.url.path, request_id_of(request))


async def _of_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    details = {
        404: f"There is nothing at {path}. The routes are listed at /docs and /openapi.json.",
        405: f"{path} does not take {request.method}.",
    }
    detail = details.get(error.status_code, str(error.detail))
    response = _plain(error.status_code, detail, path, request_id_of(request))
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        response.headers["Allow"] = ", ".join(_allowed(request))
    return response


def _allowed(request: Request) -> list[str]:
    """Give the methods that a path takes; HEAD where it takes GET, and OPTIONS, as all do."""
    taken = {
        method
        for method in ("GET", "POST", "DELETE")
        for route in request.app.routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    }
    return sorted(taken | {"OPTIONS"} | ({"HEAD"} if "GET" in taken else set()))


def _plain(status: int, detail: str, path: str, request_id: str) -> Response:
    if ENGINE_PATH.fullmatch(path):
        return failure(detail, status=status)
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": path,
        "requestId": request_id,
    }
    return _problem(document)


def _problem(document: dict[str, Any]) -> Response:
    return JSONResponse(
        _hidden(document), document["status"], media_type="application/problem+json"
    )


def _hidden(value: Any) -> Any:
    """Give a JSON value without the keys that a client put where they do not belong."""
    if isinstance(value, str):
        return without_keys(value)
    if isinstance(value, dict):
        return {name: _hidden(each) for name, each in value.items()}
    return [_hidden(each) for each in value] if isinstance(value, list) else value


def request_id_of(request: Request) -> str:
    """Give the id under which a request is logged."""
    return str(getattr(request.state, "request_id", ""))

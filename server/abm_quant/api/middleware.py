"""What surrounds every request: its id and log line, CORS, plain paths, the size of its body."""

import asyncio
import re
import secrets
import time
from contextlib import suppress

import structlog
from sse_starlette.sse import SendTimeoutError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from abm_quant.api.problems import BodyTooLarge, answer, crash
from abm_quant.llm.secrets import without_keys

log = structlog.get_logger(__name__)

SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
EXPOSED = "X-Request-Id, Location, Content-Disposition, Preference-Applied, Retry-After"
DRAIN_FACTOR = 4
DRAIN_S = 20


class Surroundings:
    """Gives every answer, also that to a crash, a request id and CORS headers, and logs it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "websocket":
            await self._converse(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        method = scope["method"]
        scope.setdefault("state", {}).update(request_id=request_id, is_head=method == "HEAD")
        scope["path"] = scope["path"].rstrip("/") or "/"
        answered = _Answered(send, request_id, has_body=method != "HEAD")
        if method == "HEAD":  # a copy: the server looks at its own to leave out the body
            scope = {**scope, "method": "GET"}
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if method == "OPTIONS":
                    await preflight(scope)(scope, receive, answered.send)
                else:
                    await self.app(scope, receive, answered.send)
            except (ClientDisconnect, SendTimeoutError):
                log.info("client went away")
            except Exception:
                log.exception("request crashed", method=method, path=scope["path"])
                if answered.status is None:
                    await crash(scope["path"], request_id)(scope, receive, answered.send)
            finally:
                log.info(
                    "request",
                    method=method,
                    path=scope["path"],
                    status=answered.status,
                    ms=round(1000 * (time.perf_counter() - started), 1),
                )

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        scope["path"] = scope["path"].rstrip("/") or "/"
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send)
            except Exception:
                log.exception("connection crashed", path=scope["path"])
                with suppress(Exception):
                    await send({"type": "websocket.close", "code": 1011})
            finally:
                log.info("connection over", path=scope["path"])


class BodyLimit:
    """Refuses bodies above a size, whether they declare it or not."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self.max_bytes:
            await self._drain(receive, 0)
            request_id = scope["state"]["request_id"]
            await answer(self._error(), scope["path"], request_id)(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.max_bytes:
                if message.get("more_body"):
                    await self._drain(receive, size)
                raise self._error()
            return message

        await self.app(scope, counted, send)

    def _error(self) -> BodyTooLarge:
        size = f"{self.max_bytes / 2**20:g}"
        return BodyTooLarge(f"The body is larger than {size} MiB, the most that is read.")

    async def _drain(self, receive: Receive, size: int) -> None:
        """Take in the rest of the body, within bounds, so that the client hears the answer."""
        try:
            async with asyncio.timeout(DRAIN_S):
                while size < DRAIN_FACTOR * self.max_bytes:
                    message = await receive()
                    size += len(message.get("body", b""))
                    if not message.get("more_body"):
                        return
        except TimeoutError:
            return


class _Answered:
    """Sends an answer with the headers that every answer has, and remembers its status."""

    def __init__(self, send: Send, request_id: str, *, has_body: bool) -> None:
        self._send = send
        self._request_id = request_id
        self._has_body = has_body
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self._request_id
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = EXPOSED
            headers["X-Content-Type-Options"] = "nosniff"
        elif not self._has_body:
            message = {**message, "body": b""}
        await self._send(message)


def preflight(scope: Scope) -> Response:
    """Give the answer to OPTIONS: everything that is asked is allowed."""
    asked = Request(scope).headers.get("access-control-request-headers", "*")
    headers = {
        "Access-Control-Allow-Methods": "GET, HEAD, POST, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": asked,
        "Access-Control-Max-Age": "86400",
        "Allow": "GET, HEAD, POST, DELETE, OPTIONS",
    }
    return Response(status_code=204, headers=headers)


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    is_usable = SANE_ID.fullmatch(given) and without_keys(given) == given
    return given if is_usable else secrets.token_hex(8)

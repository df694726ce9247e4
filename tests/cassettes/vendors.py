"""Language-model vendors on loopback: servers that speak their wire formats, so that the real SDKs
talk to them over a real socket.

The base URL of a vendor is `http://127.0.0.1:PORT/<scenario>` (with `/v1` for OpenAI's protocols).
A scenario is one of SCENARIOS; `ok` answers with the next of `answers`, the last one again and
again. Everything that is asked is kept in `requests`.
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from cassettes.formats import ANTHROPIC, CHAT, GEMINI, OPENAI, Protocol

SLOW_S = 5
KEY = "sk-loopback-0123456789abcdef"


GOOGLE = {
    400: "INVALID_ARGUMENT",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
"""Google's names of statuses."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What a vendor answers instead of a model."""

    status: int
    message: str
    code: str
    """OpenAI's word for it."""
    kind: str = "invalid_request_error"
    """Anthropic's word for it."""
    param: str | None = None
    statuses: dict[str, int] = field(default_factory=dict)
    """By vendor: the status where it is another."""
    retry_after_s: int | None = None

    def response(self, vendor: str) -> JSONResponse:
        """Give the answer in a vendor's form."""
        status = self.statuses.get(vendor, self.status)
        said: dict[str, Any] = {"message": self.message}
        headers = {"retry-after": str(self.retry_after_s)} if self.retry_after_s else {}
        if vendor == "google":
            delay = f"{self.retry_after_s}s"
            info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
            said |= {"code": status, "status": GOOGLE.get(status, "UNKNOWN")}
            said["details"], headers = [info] if headers else [], {}
        elif vendor == "openai":
            said |= {"type": self.kind, "code": self.code, "param": self.param}
        else:
            said["type"] = self.kind
        envelope = {"type": "error"} if vendor == "anthropic" else {}
        return JSONResponse(envelope | {"error": said}, status, headers)


FAILURES = {
    "badkey": Failure(
        status=401,
        message=f"Incorrect API key provided: {KEY}. API key not valid.",
        code="invalid_api_key",
        kind="authentication_error",
        statuses={"google": 400},
    ),
    "limited": Failure(
        status=429,
        message="Rate limit reached for requests per minute.",
        code="rate_limit_exceeded",
        kind="rate_limit_error",
        retry_after_s=1,
    ),
    "limited-long": Failure(
        status=429,
        message="Rate limit reached for tokens per day.",
        code="rate_limit_exceeded",
        kind="rate_limit_error",
        retry_after_s=4000,
    ),
    "nocredit": Failure(
        status=429,
        message="You exceeded your current quota, your credit balance is too low; "
        "check your billing.",
        code="insufficient_quota",
        statuses={"anthropic": 400},
    ),
    "overloaded": Failure(
        status=503,
        message="The model is overloaded.",
        code="overloaded",
        kind="overloaded_error",
        statuses={"anthropic": 529},
    ),
    "context": Failure(
        status=400,
        message="prompt is too long: the input token count exceeds the maximum context length",
        code="context_length_exceeded",
    ),
    "schema": Failure(
        status=400,
        message="Invalid schema: the compiled grammar is too large (response_json_schema)",
        code="invalid_json_schema",
    ),
    "nostream": Failure(
        status=400,
        message="Your organization must be verified to stream this model.",
        code="unsupported_value",
        param="stream",
    ),
    "length": Failure(
        status=400,
        message="max_tokens is too large: 48000. This model supports at most 32000 tokens.",
        code="invalid_value",
        param="max_tokens",
    ),
    "unknown-model": Failure(
        status=404,
        message="model: no-such-model",
        code="model_not_found",
        kind="not_found_error",
    ),
    "strange": Failure(
        status=418, message=f"I am a teapot {KEY}", code="teapot", kind="teapot_error"
    ),
}
MALFORMED = {"malformed": b'{"type": nonsense}', "garbled": b'\xff\xfe{"type": 1}'}
SCENARIOS = (
    "ok",
    *FAILURES,
    "flaky",
    "schema-once",
    "stream-once",
    "length-once",
    "buffered",
    "truncated",
    "refused",
    "midstream",
    "broken",
    "slow",
    "nothtml",
    "silent",
    *MALFORMED,
)
"""What follows `-once` is refused as long as it is asked for; `buffered` answers whole, whatever is
asked; `midstream` fails and `broken` breaks off in the middle of an answer."""
MOST_TOKENS = 32_000


@dataclass
class Asked:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Vendors:
    """The three vendors, and what they were asked."""

    def __init__(self, answers: list[str]) -> None:
        self.answers = answers
        self.requests: list[Asked] = []
        self.closed = 0
        """Streams that the client left before their end."""
        self.url = ""
        self.pause_s = 0.0
        """Wait between two pieces of an answer."""
        self.price: float | None = None
        """What a chat server says that an answer cost; only OpenRouter does."""

    def base_url(self, vendor: str, scenario: str = "ok") -> str:
        """Give the base URL of a vendor in a scenario."""
        version = "/v1" if vendor in ("openai", "local") else ""
        return f"{self.url}/{scenario}{version}"

    def app(self) -> Starlette:
        """Give the application."""
        paths: dict[str, Callable[[Request], Any]] = {
            "/{scenario}/v1/responses": self._openai,
            "/{scenario}/v1/chat/completions": self._chat,
            "/{scenario}/v1/messages": self._anthropic,
            "/{scenario}/{version}/models/{call:path}": self._google,
        }
        return Starlette(
            routes=[Route(path, each, methods=["POST"]) for path, each in paths.items()]
        )

    async def _openai(self, request: Request) -> Response:
        return await self._answer(request, OPENAI)

    async def _chat(self, request: Request) -> Response:
        return await self._answer(request, CHAT)

    async def _anthropic(self, request: Request) -> Response:
        return await self._answer(request, ANTHROPIC)

    async def _google(self, request: Request) -> Response:
        return await self._answer(request, GEMINI)

    async def _answer(self, request: Request, protocol: Protocol) -> Response:
        scenario = request.path_params["scenario"]
        body = json.loads(await request.body())
        self.requests.append(Asked(request.url.path, dict(request.headers), body))
        streams = body.get("stream") or request.url.path.endswith(":streamGenerateContent")
        failure = self._failure(scenario, body, streams=bool(streams))
        if failure is not None:
            return failure.response(protocol.vendor)
        if scenario == "nothtml":
            return Response("<html>Bad gateway</html>", media_type="text/html")
        if scenario == "slow":
            await asyncio.sleep(SLOW_S)
        text = self._next_answer()
        body["price"] = self.price
        if streams and scenario != "buffered":
            stream = self._send(protocol.events(scenario, text, body), scenario)
            return StreamingResponse(stream, media_type="text/event-stream")
        if scenario == "midstream" and protocol.vendor == "google":
            return FAILURES["overloaded"].response("google")
        whole = self._send_whole(protocol.whole(scenario, text, body), scenario)
        return StreamingResponse(whole, media_type="application/json")

    def _failure(self, scenario: str, body: dict[str, Any], *, streams: bool) -> Failure | None:
        if scenario == "flaky" and len(self.requests) < 3:
            return FAILURES["overloaded"]
        if scenario == "schema-once":
            return FAILURES["schema"] if _is_strict(body) else None
        if scenario == "stream-once":
            return FAILURES["nostream"] if streams else None
        if scenario == "length-once":
            return FAILURES["length"] if _length(body) > MOST_TOKENS else None
        return FAILURES.get(scenario)

    def _next_answer(self) -> str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def _send(self, events: Iterator[bytes], scenario: str) -> AsyncIterator[bytes]:
        finished = False
        try:
            for place, event in enumerate(events):
                if scenario == "silent" and place == 2:
                    await asyncio.sleep(SLOW_S)
                if scenario == "broken" and place == 3:
                    raise ConnectionResetError("the vendor's machine went away")
                yield b"data: %b\n\n" % MALFORMED[scenario] if scenario in MALFORMED else event
                await asyncio.sleep(self.pause_s)
            finished = True
        finally:
            self.closed += not finished

    async def _send_whole(self, answer: dict[str, Any], scenario: str) -> AsyncIterator[bytes]:
        finished, text = False, json.dumps(answer).encode()
        half = len(text) // 2
        try:
            await asyncio.sleep(self.pause_s)
            yield MALFORMED.get(scenario, text[:half])
            await asyncio.sleep(SLOW_S if scenario == "silent" else self.pause_s)
            if scenario == "broken":
                raise ConnectionResetError("the vendor's machine went away")
            yield b"" if scenario in MALFORMED else text[half:]
            finished = True
        finally:
            self.closed += not finished


def _length(body: dict[str, Any]) -> int:
    """Give how long the answer may be, in each vendor's words."""
    asked = body | body.get("generationConfig", {})
    names = ("max_tokens", "max_output_tokens", "maxOutputTokens")
    return max(asked.get(name, 0) for name in names)


def _is_strict(body: dict[str, Any]) -> bool:
    text = json.dumps(body)
    return any(
        mark in text for mark in ('"json_schema"', '"responseJsonSchema"', '"response_json_schema"')
    )


@contextmanager
def loopback_vendors(*answers: str) -> Iterator[Vendors]:
    """Serve the vendors on a free port."""
    vendors = Vendors(list(answers) or ["{}"])
    config = uvicorn.Config(vendors.app(), port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    vendors.url = f"http://127.0.0.1:{port}"
    try:
        yield vendors
    finally:
        server.should_exit = True
        thread.join(10)


def main() -> None:
    """Serve on a port, with an answer from a file: `-m cassettes.vendors PORT FILE PAUSE_S`."""
    port, file, pause_s = sys.argv[1:]
    vendors = Vendors([Path(file).read_text("utf-8")])
    vendors.pause_s = float(pause_s)
    uvicorn.run(vendors.app(), port=int(port), log_level="critical", lifespan="off")


if __name__ == "__main__":
    main()

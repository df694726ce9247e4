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

PIECE = 60
KEY = "sk-loopback-0123456789abcdef"


@dataclass(frozen=True)
class Failure:
    """What a vendor answers instead of a stream."""

    status: int
    openai: dict[str, Any]
    anthropic: dict[str, Any]
    google: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def _failure(
    status: int,
    message: str,
    *,
    code: str,
    kind: str,
    google: tuple[int, str, list[dict[str, Any]]] | None = None,
    headers: dict[str, str] | None = None,
) -> Failure:
    number, name, details = google or (status, "UNKNOWN", [])
    return Failure(
        status=status,
        openai={"error": {"message": message, "type": kind, "param": None, "code": code}},
        anthropic={"type": "error", "error": {"type": kind, "message": message}},
        google={"error": {"code": number, "message": message, "status": name, "details": details}},
        headers=headers or {},
    )


RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}
FAILURES = {
    "badkey": _failure(
        401,
        f"Incorrect API key provided: {KEY}. API key not valid.",
        code="invalid_api_key",
        kind="authentication_error",
        google=(400, "INVALID_ARGUMENT", []),
    ),
    "limited": _failure(
        429,
        "Rate limit reached for requests per minute.",
        code="rate_limit_exceeded",
        kind="rate_limit_error",
        google=(429, "RESOURCE_EXHAUSTED", [RETRY_INFO]),
        headers={"retry-after": "1"},
    ),
    "limited-long": _failure(
        429,
        "Rate limit reached for tokens per day.",
        code="rate_limit_exceeded",
        kind="rate_limit_error",
        google=(429, "RESOURCE_EXHAUSTED", [RETRY_INFO | {"retryDelay": "4000s"}]),
        headers={"retry-after": "4000"},
    ),
    "nocredit": _failure(
        429,
        "You exceeded your current quota, your credit balance is too low; check your billing.",
        code="insufficient_quota",
        kind="invalid_request_error",
        google=(429, "RESOURCE_EXHAUSTED", []),
    ),
    "overloaded": _failure(
        503,
        "The model is overloaded.",
        code="overloaded",
        kind="overloaded_error",
        google=(503, "UNAVAILABLE", []),
    ),
    "context": _failure(
        400,
        "prompt is too long: the input token count exceeds the maximum context length",
        code="context_length_exceeded",
        kind="invalid_request_error",
        google=(400, "INVALID_ARGUMENT", []),
    ),
    "schema": _failure(
        400,
        "Invalid schema: the compiled grammar is too large (response_json_schema)",
        code="invalid_json_schema",
        kind="invalid_request_error",
        google=(400, "INVALID_ARGUMENT", []),
    ),
    "unknown-model": _failure(
        404,
        "model: no-such-model",
        code="model_not_found",
        kind="not_found_error",
        google=(404, "NOT_FOUND", []),
    ),
    "strange": _failure(
        418, f"I am a teapot {KEY}", code="teapot", kind="teapot_error", google=(418, "TEAPOT", [])
    ),
}
SCENARIOS = (
    "ok",
    *FAILURES,
    "flaky",
    "schema-once",
    "truncated",
    "refused",
    "midstream",
    "broken",
    "slow",
    "nothtml",
    "silent",
    "malformed",
)


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
        return await self._answer(request, "openai", openai_events)

    async def _chat(self, request: Request) -> Response:
        return await self._answer(request, "openai", chat_events)

    async def _anthropic(self, request: Request) -> Response:
        return await self._answer(request, "anthropic", anthropic_events)

    async def _google(self, request: Request) -> Response:
        return await self._answer(request, "google", google_events)

    async def _answer(self, request: Request, vendor: str, events: Any) -> Response:
        scenario = request.path_params["scenario"]
        body = json.loads(await request.body())
        self.requests.append(Asked(request.url.path, dict(request.headers), body))
        failure = self._failure(scenario, body)
        if failure is not None:
            content = getattr(failure, vendor)
            status = content["error"]["code"] if vendor == "google" else failure.status
            headers = {} if vendor == "google" else failure.headers
            return JSONResponse(content, status_code=status, headers=headers)
        if scenario == "nothtml":
            return Response("<html>Bad gateway</html>", media_type="text/html")
        if scenario == "slow":
            await asyncio.sleep(5)
        text = self._next_answer()
        stream = self._send(events(scenario, text, body), scenario)
        return StreamingResponse(stream, media_type="text/event-stream")

    def _failure(self, scenario: str, body: dict[str, Any]) -> Failure | None:
        if scenario == "flaky" and len(self.requests) < 3:
            return FAILURES["overloaded"]
        if scenario == "schema-once":
            return FAILURES["schema"] if _is_strict(body) else None
        return FAILURES.get(scenario)

    def _next_answer(self) -> str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def _send(self, events: Iterator[bytes], scenario: str) -> AsyncIterator[bytes]:
        finished = False
        try:
            for place, event in enumerate(events):
                if scenario == "silent" and place == 2:
                    await asyncio.sleep(5)
                if scenario == "broken" and place == 3:
                    raise ConnectionResetError("the vendor's machine went away")
                yield b'data: {"type": nonsense}\n\n' if scenario == "malformed" else event
                await asyncio.sleep(self.pause_s)
            finished = True
        finally:
            self.closed += not finished


def _is_strict(body: dict[str, Any]) -> bool:
    text = json.dumps(body)
    return any(
        mark in text for mark in ('"json_schema"', '"responseJsonSchema"', '"response_json_schema"')
    )


def _sse(data: dict[str, Any], name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]


def openai_events(scenario: str, text: str, body: dict[str, Any]) -> Iterator[bytes]:
    """Give the events of OpenAI's Responses."""
    base = {
        "id": "resp_1",
        "object": "response",
        "created_at": 0,
        "model": body["model"],
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "usage": None,
    }
    number = 0

    def event(kind: str, **more: Any) -> bytes:
        nonlocal number
        number += 1
        return _sse({"type": kind, "sequence_number": number} | more, kind)

    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    yield event("response.created", response=base)
    if scenario == "refused":
        yield event("response.refusal.delta", delta="I cannot help with that.", **place)
    else:
        for index, piece in enumerate(_pieces(text)):
            if scenario == "midstream" and index == 3:
                error = {"code": "server_error", "message": "The server had an error"}
                yield event("response.failed", response=base | {"status": "failed", "error": error})
                return
            yield event("response.output_text.delta", delta=piece, logprobs=[], **place)
    usage = {
        "input_tokens": 1000,
        "input_tokens_details": {"cached_tokens": 200},
        "output_tokens": 500,
        "output_tokens_details": {"reasoning_tokens": 100},
        "total_tokens": 1500,
    }
    if scenario == "truncated":
        more = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
        yield event("response.incomplete", response=base | more | {"usage": usage})
    else:
        yield event("response.completed", response=base | {"status": "completed", "usage": usage})


def chat_events(scenario: str, text: str, body: dict[str, Any]) -> Iterator[bytes]:
    """Give the chunks of OpenAI's chat protocol."""

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        head = {"id": "c1", "object": "chat.completion.chunk", "created": 0}
        return _sse(head | {"model": body["model"], "choices": [choice]} | more)

    yield chunk({"role": "assistant", "content": ""})
    if scenario == "refused":
        yield chunk({"refusal": "I cannot help with that."})
    else:
        for index, piece in enumerate(_pieces(text)):
            if scenario == "midstream" and index == 3:
                yield _sse({"error": {"message": "server_error: it broke", "code": 500}})
                return
            calls = {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
            yield chunk(calls if "tools" in body else {"content": piece})
    yield chunk({}, "length" if scenario == "truncated" else "stop")
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 500,
        "total_tokens": 1500,
        "prompt_tokens_details": {"cached_tokens": 200},
    }
    yield _sse(
        {
            "id": "c1",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": body["model"],
            "choices": [],
            "usage": usage,
        }
    )
    yield b"data: [DONE]\n\n"


def anthropic_events(scenario: str, text: str, body: dict[str, Any]) -> Iterator[bytes]:
    """Give the events of Anthropic's Messages."""
    usage = {
        "input_tokens": 700,
        "cache_read_input_tokens": 200,
        "cache_creation_input_tokens": 100,
        "output_tokens": 1,
    }
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }

    def event(kind: str, **more: Any) -> bytes:
        return _sse({"type": kind} | more, kind)

    yield event("message_start", message=message)
    by_tool = "tools" in body
    block: dict[str, Any] = {"type": "text", "text": ""}
    if by_tool:
        block = {"type": "tool_use", "id": "t1", "name": body["tools"][0]["name"], "input": {}}
    if scenario != "refused":
        yield event("content_block_start", index=0, content_block=block)
        for index, piece in enumerate(_pieces(text)):
            if scenario == "midstream" and index == 3:
                yield event("error", error={"type": "overloaded_error", "message": "Overloaded"})
                return
            delta = {"type": "text_delta", "text": piece}
            if by_tool:
                delta = {"type": "input_json_delta", "partial_json": piece}
            yield event("content_block_delta", index=0, delta=delta)
        yield event("content_block_stop", index=0)
    reasons = {"truncated": "max_tokens", "refused": "refusal"}
    reason = reasons.get(scenario, "tool_use" if by_tool else "end_turn")
    delta = {"stop_reason": reason, "stop_sequence": None}
    if scenario == "refused":
        delta["stop_details"] = {"type": "refusal", "category": "cyber", "explanation": "no"}
    yield event("message_delta", delta=delta, usage={"output_tokens": 500})
    yield event("message_stop")


def google_events(scenario: str, text: str, body: dict[str, Any]) -> Iterator[bytes]:
    """Give the chunks of Gemini."""
    usage = {
        "promptTokenCount": 1000,
        "cachedContentTokenCount": 200,
        "candidatesTokenCount": 400,
        "thoughtsTokenCount": 100,
        "totalTokenCount": 1500,
    }
    if scenario == "refused":
        yield _sse({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": usage})
        return
    for index, piece in enumerate(_pieces(text)):
        if scenario == "midstream" and index == 3:
            error = {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}
            yield _sse({"error": error})
            return
        part = {"content": {"role": "model", "parts": [{"text": piece}]}, "index": 0}
        yield _sse({"candidates": [part]})
    finish = "MAX_TOKENS" if scenario == "truncated" else "STOP"
    last = {"content": {"role": "model", "parts": [{"text": ""}]}, "finishReason": finish}
    yield _sse({"candidates": [last | {"index": 0}], "usageMetadata": usage})


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
    """Serve on a port, with an answer from a file: `vendors.py PORT FILE PAUSE_S`."""
    port, file, pause_s = sys.argv[1:]
    vendors = Vendors([Path(file).read_text("utf-8")])
    vendors.pause_s = float(pause_s)
    uvicorn.run(vendors.app(), port=int(port), log_level="critical", lifespan="off")


if __name__ == "__main__":
    main()

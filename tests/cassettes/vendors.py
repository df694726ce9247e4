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

    async def _answer(self, request: Request, protocol: "Protocol") -> Response:
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


def _sse(data: dict[str, Any], name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def _pieces(text: str) -> Iterator[str]:
    size = max(PIECE, len(text) // 2_000)
    for start in range(0, len(text), size):
        yield text[start : start + size]


OPENAI_USAGE = {
    "input_tokens": 1000,
    "input_tokens_details": {"cached_tokens": 200},
    "output_tokens": 500,
    "output_tokens_details": {"reasoning_tokens": 100},
    "total_tokens": 1500,
}
BROKEN = {"code": "server_error", "message": "The server had an error"}
REFUSAL = "I cannot help with that."


def openai_response(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Give a response of OpenAI's."""
    return {
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
    } | more


def openai_end(scenario: str) -> dict[str, Any]:
    """Give how a response ends."""
    if scenario == "midstream":
        return {"status": "failed", "error": BROKEN}
    if scenario == "truncated":
        details = {"reason": "max_output_tokens"}
        return {"status": "incomplete", "incomplete_details": details, "usage": OPENAI_USAGE}
    return {"status": "completed", "usage": OPENAI_USAGE}


def openai_whole(scenario: str, text: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give a whole response."""
    part = {"type": "output_text", "text": text, "annotations": []}
    if scenario == "refused":
        part = {"type": "refusal", "refusal": REFUSAL}
    thought = {"id": "rs_1", "type": "reasoning", "summary": []}
    said = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
    output = [thought, said | {"content": [part]}]
    return openai_response(body, output=output, **openai_end(scenario))


def openai_events(scenario: str, text: str, body: dict[str, Any]) -> Iterator[bytes]:
    """Give the events of OpenAI's Responses."""
    number = 0

    def event(kind: str, **more: Any) -> bytes:
        nonlocal number
        number += 1
        return _sse({"type": kind, "sequence_number": number} | more, kind)

    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    yield event("response.created", response=openai_response(body))
    if scenario == "refused":
        yield event("response.refusal.delta", delta=REFUSAL, **place)
    else:
        for index, piece in enumerate(_pieces(text)):
            if scenario == "midstream" and index == 3:
                failed = openai_response(body, **openai_end(scenario))
                yield event("response.failed", response=failed)
                return
            yield event("response.output_text.delta", delta=piece, logprobs=[], **place)
    last = openai_response(body, **openai_end(scenario))
    yield event(f"response.{last['status']}", response=last)


CHAT_USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 500,
    "total_tokens": 1500,
    "prompt_tokens_details": {"cached_tokens": 200},
}


def chat_usage(body: dict[str, Any]) -> dict[str, Any]:
    """Give the usage, with the price where there is one."""
    return CHAT_USAGE if body["price"] is None else CHAT_USAGE | {"cost": body["price"]}


CHAT_BROKEN = {"error": {"message": "server_error: it broke", "code": 500}}


def chat_whole(scenario: str, text: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give a whole completion of OpenAI's chat protocol."""
    if scenario == "midstream":
        return CHAT_BROKEN
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if scenario == "refused":
        message |= {"content": None, "refusal": REFUSAL}
    elif "tools" in body:
        called = {"name": body["tools"][0]["function"]["name"], "arguments": text}
        calls = [{"id": "t1", "type": "function", "function": called}]
        message |= {"content": None, "tool_calls": calls}
    finish = "length" if scenario == "truncated" else "stop"
    choice = {"index": 0, "message": message, "finish_reason": finish}
    head = {"id": "c1", "object": "chat.completion", "created": 0, "model": body["model"]}
    return head | {"choices": [choice], "usage": chat_usage(body)}


def chat_events(scenario: str, text: str, body: dict[str, Any]) -> Iterator[bytes]:
    """Give the chunks of OpenAI's chat protocol."""

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        head = {"id": "c1", "object": "chat.completion.chunk", "created": 0}
        return _sse(head | {"model": body["model"], "choices": [choice]} | more)

    yield chunk({"role": "assistant", "content": ""})
    if scenario == "refused":
        yield chunk({"refusal": REFUSAL})
    else:
        for index, piece in enumerate(_pieces(text)):
            if scenario == "midstream" and index == 3:
                yield _sse(CHAT_BROKEN)
                return
            calls = {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
            yield chunk(calls if "tools" in body else {"content": piece})
    yield chunk({}, "length" if scenario == "truncated" else "stop")
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 0, "model": body["model"]}
    yield _sse(head | {"choices": [], "usage": chat_usage(body)})
    yield b"data: [DONE]\n\n"


ANTHROPIC_USAGE = {
    "input_tokens": 700,
    "cache_read_input_tokens": 200,
    "cache_creation_input_tokens": 100,
    "output_tokens": 1,
}
OVERLOADED = {"type": "overloaded_error", "message": "Overloaded"}


def anthropic_message(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Give a message of Anthropic's."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": ANTHROPIC_USAGE,
    } | more


def anthropic_end(scenario: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give how a message ends."""
    reasons = {"truncated": "max_tokens", "refused": "refusal"}
    usual = "tool_use" if "tools" in body else "end_turn"
    end: dict[str, Any] = {"stop_reason": reasons.get(scenario, usual), "stop_sequence": None}
    if scenario == "refused":
        end["stop_details"] = {"type": "refusal", "category": "cyber", "explanation": "no"}
    return end


def anthropic_whole(scenario: str, text: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give a whole message."""
    if scenario == "midstream":
        return {"type": "error", "error": OVERLOADED}
    block: dict[str, Any] = {"type": "text", "text": text}
    if "tools" in body:
        name = body["tools"][0]["name"]
        block = {"type": "tool_use", "id": "t1", "name": name, "input": json.loads(text)}
    content = [] if scenario == "refused" else [block]
    usage = ANTHROPIC_USAGE | {"output_tokens": 500}
    end = anthropic_end(scenario, body)
    return anthropic_message(body, content=content, usage=usage, **end)


def anthropic_events(scenario: str, text: str, body: dict[str, Any]) -> Iterator[bytes]:
    """Give the events of Anthropic's Messages."""

    def event(kind: str, **more: Any) -> bytes:
        return _sse({"type": kind} | more, kind)

    yield event("message_start", message=anthropic_message(body))
    by_tool = "tools" in body
    block: dict[str, Any] = {"type": "text", "text": ""}
    if by_tool:
        block = {"type": "tool_use", "id": "t1", "name": body["tools"][0]["name"], "input": {}}
    if scenario != "refused":
        yield event("content_block_start", index=0, content_block=block)
        for index, piece in enumerate(_pieces(text)):
            if scenario == "midstream" and index == 3:
                yield event("error", error=OVERLOADED)
                return
            delta = {"type": "text_delta", "text": piece}
            if by_tool:
                delta = {"type": "input_json_delta", "partial_json": piece}
            yield event("content_block_delta", index=0, delta=delta)
        yield event("content_block_stop", index=0)
    end = anthropic_end(scenario, body)
    yield event("message_delta", delta=end, usage={"output_tokens": 500})
    yield event("message_stop")


GOOGLE_USAGE = {
    "promptTokenCount": 1000,
    "cachedContentTokenCount": 200,
    "candidatesTokenCount": 400,
    "thoughtsTokenCount": 100,
    "totalTokenCount": 1500,
}


def google_whole(scenario: str, text: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give a whole answer of Gemini's."""
    if scenario == "refused":
        return {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": GOOGLE_USAGE}
    finish = "MAX_TOKENS" if scenario == "truncated" else "STOP"
    said = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": finish}
    return {"candidates": [said | {"index": 0}], "usageMetadata": GOOGLE_USAGE}


def google_events(scenario: str, text: str, body: dict[str, Any]) -> Iterator[bytes]:
    """Give the chunks of Gemini."""
    if scenario == "refused":
        yield _sse(google_whole(scenario, text, body))
        return
    for index, piece in enumerate(_pieces(text)):
        if scenario == "midstream" and index == 3:
            error = {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}
            yield _sse({"error": error})
            return
        part = {"content": {"role": "model", "parts": [{"text": piece}]}, "index": 0}
        yield _sse({"candidates": [part]})
    yield _sse(google_whole(scenario, "", body))


@dataclass(frozen=True)
class Protocol:
    """What a vendor says, streamed and whole."""

    vendor: str
    events: Callable[[str, str, dict[str, Any]], Iterator[bytes]]
    whole: Callable[[str, str, dict[str, Any]], dict[str, Any]]


OPENAI = Protocol("openai", openai_events, openai_whole)
CHAT = Protocol("openai", chat_events, chat_whole)
ANTHROPIC = Protocol("anthropic", anthropic_events, anthropic_whole)
GEMINI = Protocol("google", google_events, google_whole)


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

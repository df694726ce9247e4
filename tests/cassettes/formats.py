"""What the vendors of language models say on the wire: streamed and whole, in each scenario."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

PIECE = 60


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


CHAT_BROKEN = {"error": {"message": "It broke", "code": 500}}


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

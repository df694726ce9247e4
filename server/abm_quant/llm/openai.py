"""OpenAI, through its Responses interface."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from abm_quant.errors import ModelUnavailable
from abm_quant.llm.chat import ChatEvent, ChatReply, ChatRequest, Endpoint, TextDelta, Usage
from abm_quant.llm.failures import VendorError, not_connected, unavailable, unreadable
from abm_quant.llm.openai_client import openai_client

SCHEMA_NAME = "abm_model"


class OpenAIModel:
    """Asks OpenAI."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer, then the whole; see ChatModel."""
        async with (
            openai_client(self._endpoint, request.model) as client,
            await client.responses.create(**_arguments(request)) as events,
            aclosing(self._read(events, request.model)) as pieces,
        ):
            async for piece in pieces:
                yield piece

    async def _read(self, events: Any, model: str) -> AsyncGenerator[ChatEvent]:
        text, refusal, began = "", "", False
        async for event in events:
            began = True
            if event.type == "response.output_text.delta":
                text += event.delta
                yield TextDelta(text=event.delta)
            elif event.type == "response.refusal.delta":
                refusal += event.delta
            elif event.type in ("response.completed", "response.incomplete"):
                yield _reply(event.response, text, refusal)
                return
            elif event.type in ("response.failed", "error"):
                raise self._failed(event, model)
        broken = not_connected if began else unreadable
        raise broken(self._endpoint, model)

    def _failed(self, event: Any, model: str) -> ModelUnavailable:
        error = event.response.error if event.type == "response.failed" else event
        words = f"{error.code} {error.message}" if error else "server_error"
        return unavailable(self._endpoint, model, VendorError(status=None, text=words))


def _arguments(request: ChatRequest) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": request.model,
        "instructions": request.system,
        "input": [{"role": each.role, "content": each.text} for each in request.messages],
        "max_output_tokens": request.max_output_tokens,
        "store": False,
        "stream": True,
    }
    if request.schema is not None and request.is_strict:
        arguments["text"] = {
            "format": {
                "type": "json_schema",
                "name": SCHEMA_NAME,
                "strict": True,
                "schema": dict(request.schema),
            }
        }
    if request.effort:
        arguments["reasoning"] = {"effort": request.effort}
    return arguments


def _reply(response: Any, text: str, refusal: str) -> ChatReply:
    reason = response.incomplete_details.reason if response.incomplete_details else ""
    stop_reason: Any = "complete"
    if refusal or reason == "content_filter":
        stop_reason = "refused"
    elif response.status == "incomplete":
        stop_reason = "truncated"
    return ChatReply(
        text=text, stop_reason=stop_reason, usage=_usage(response.usage), detail=refusal
    )


def _usage(usage: Any) -> Usage:
    if usage is None:
        return Usage()
    details = usage.input_tokens_details
    return Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=(details.cached_tokens or 0) if details else 0,
    )

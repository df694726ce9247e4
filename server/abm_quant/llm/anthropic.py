"""Anthropic, through its Messages interface."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from abm_quant.llm.chat import ChatEvent, ChatReply, ChatRequest, Endpoint, TextDelta, Usage
from abm_quant.llm.failures import (
    VendorError,
    not_connected,
    translated,
    unreadable,
    wait_asked,
)
from abm_quant.llm.openai import SCHEMA_NAME
from abm_quant.llm.transport import http_client, load

if TYPE_CHECKING:
    from anthropic import APIError, AsyncAnthropic

TRUNCATED = ("max_tokens", "model_context_window_exceeded")


class AnthropicModel:
    """Asks Anthropic."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer, then the whole; see ChatModel."""
        reading = _Reading()
        async with (
            _client(self._endpoint, request.model) as client,
            await client.messages.create(**_arguments(request)) as events,
        ):
            async for event in events:
                piece = reading.take(event)
                if piece:
                    yield TextDelta(text=piece)
        if reading.stop_reason is None:
            broken = not_connected if reading.began else unreadable
            raise broken(self._endpoint, request.model)
        yield reading.reply()


class _Reading:
    """What the events of one answer have said so far."""

    def __init__(self) -> None:
        self.began = False
        self.text = ""
        self.stop_reason: str | None = None
        self.detail = ""
        self._counts: dict[str, int] = {}

    def take(self, event: Any) -> str:
        """Read an event and give the text that it adds."""
        self.began, added = True, ""
        if event.type == "message_start":
            self._count(event.message.usage)
        elif event.type == "content_block_delta" and event.delta.type == "text_delta":
            added = event.delta.text
        elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
            added = event.delta.partial_json
        elif event.type == "message_delta":
            self._count(event.usage)
            self.stop_reason = event.delta.stop_reason
            details = event.delta.stop_details
            self.detail = str(getattr(details, "category", "") or "") if details else ""
        self.text += added
        return added

    def reply(self) -> ChatReply:
        """Give the whole answer."""
        stop_reason: Any = "complete"
        if self.stop_reason == "refusal":
            stop_reason = "refused"
        elif self.stop_reason in TRUNCATED:
            stop_reason = "truncated"
        return ChatReply(
            text=self.text, stop_reason=stop_reason, usage=self._usage(), detail=self.detail
        )

    def _count(self, usage: Any) -> None:
        """Take counts, which are totals so far."""
        names = ("input_tokens", "output_tokens")
        for name in (*names, "cache_read_input_tokens", "cache_creation_input_tokens"):
            value = getattr(usage, name, None)
            if value is not None:
                self._counts[name] = value

    def _usage(self) -> Usage:
        """Give the usage; Anthropic's input tokens are those that no cache was asked for."""
        count = self._counts.get
        cached = count("cache_read_input_tokens", 0)
        written = count("cache_creation_input_tokens", 0)
        return Usage(
            input_tokens=count("input_tokens", 0) + cached + written,
            output_tokens=count("output_tokens", 0),
            cached_tokens=cached,
        )


def _arguments(request: ChatRequest) -> dict[str, Any]:
    cached = {"type": "text", "text": request.system, "cache_control": {"type": "ephemeral"}}
    arguments: dict[str, Any] = {
        "model": request.model,
        "system": [cached],
        "messages": [{"role": each.role, "content": each.text} for each in request.messages],
        "max_tokens": request.max_output_tokens,
        "stream": True,
    }
    config: dict[str, Any] = {}
    if request.effort:
        config["effort"] = request.effort
        arguments["thinking"] = {"type": "adaptive"}
    if request.schema is not None and request.is_strict:
        config["format"] = {"type": "json_schema", "schema": dict(request.schema)}
    elif request.schema is not None:
        tool = {"name": SCHEMA_NAME, "input_schema": dict(request.schema)}
        arguments["tools"] = [tool | {"description": "Takes the model that was asked for."}]
        arguments["tool_choice"] = {"type": "tool", "name": SCHEMA_NAME}
        arguments.pop("thinking", None)  # A forced tool and thinking exclude each other.
    return arguments | ({"output_config": config} if config else {})


@asynccontextmanager
async def _client(endpoint: Endpoint, model: str) -> AsyncIterator["AsyncAnthropic"]:
    """Give a client that nothing in the environment redirects; what it raises is translated."""
    await load("anthropic")
    import anthropic

    async with http_client(endpoint.timeout_s) as http:
        client = anthropic.AsyncAnthropic(
            api_key=endpoint.key_text,
            base_url=endpoint.base_url,
            default_headers={"Authorization": f"Bearer {endpoint.key_text}"},
            timeout=http.timeout,
            max_retries=0,
            http_client=http,
        )
        with translated(anthropic, endpoint, model, _vendor_error):
            yield client


def _vendor_error(failure: "APIError") -> VendorError:
    response = getattr(failure, "response", None)
    return VendorError(
        status=getattr(failure, "status_code", None),
        text=f"{getattr(failure, 'type', '') or ''} {failure.message}",
        retry_after_s=wait_asked(response.headers) if response is not None else None,
    )

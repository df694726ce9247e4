"""Anthropic, through its Messages interface."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from abm_quant.contracts.usage import Usage
from abm_quant.llm.answers import answered, items_of
from abm_quant.llm.chat import ChatEvent, ChatReply, ChatRequest, Endpoint
from abm_quant.llm.failures import VendorError, failed_inside, translated, wait_asked
from abm_quant.llm.openai import SCHEMA_NAME
from abm_quant.llm.transport import http_client, load

if TYPE_CHECKING:
    from anthropic import APIError, AsyncAnthropic

MOST_OF_ALL = 32_000
"""What every model that is served may write; Anthropic wants a number."""
TRUNCATED = ("max_tokens", "model_context_window_exceeded")


class AnthropicModel:
    """Asks Anthropic."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer, then the whole; see ChatModel."""
        endpoint = self._endpoint.waiting_for(request)
        return answered(_items(endpoint, request), _Reading(), endpoint, request.model)


@asynccontextmanager
async def _items(endpoint: Endpoint, request: ChatRequest) -> AsyncGenerator[AsyncIterator[Any]]:
    async with _client(endpoint, request.model) as client:
        from anthropic.types import Message

        opened = await client.messages.create(**_arguments(request))
        async with items_of(opened, Message) as items:
            yield items


class _Reading:
    """What the events of one answer have said so far."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._stop_reason: str | None = None
        self._detail = ""
        self._counts: dict[str, int] = {}

    def take(self, item: Any) -> str:
        """Read an event or a whole message, and give the text that it adds."""
        added = ""
        if item.type == "message":
            self._count(item.usage)
            self._end(item)
            added = "".join(map(_text_of, item.content))
        elif item.type == "message_start":
            self._count(item.message.usage)
        elif item.type == "content_block_delta" and item.delta.type == "text_delta":
            added = item.delta.text
        elif item.type == "content_block_delta" and item.delta.type == "input_json_delta":
            added = item.delta.partial_json
        elif item.type == "message_delta":
            self._count(item.usage)
            self._end(item.delta)
        elif item.type == "error":
            raise failed_inside(item.error)
        self._pieces.append(added)
        return added

    def reply(self) -> ChatReply | None:
        """Give the whole answer, None while its end is missing."""
        if self._stop_reason is None:
            return None
        stop_reason: Any = "complete"
        if self._stop_reason == "refusal":
            stop_reason = "refused"
        elif self._stop_reason in TRUNCATED:
            stop_reason = "truncated"
        return ChatReply(
            text="".join(self._pieces),
            stop_reason=stop_reason,
            usage=self.usage,
            detail=self._detail,
        )

    def _end(self, said: Any) -> None:
        self._stop_reason = said.stop_reason
        self._detail = str(getattr(said.stop_details, "category", "") or "")

    def _count(self, usage: Any) -> None:
        """Take counts, which are totals so far."""
        names = ("input_tokens", "output_tokens")
        for name in (*names, "cache_read_input_tokens", "cache_creation_input_tokens"):
            value = getattr(usage, name, None)
            if value is not None:
                self._counts[name] = value

    @property
    def usage(self) -> Usage:
        """What the answer took; Anthropic's input tokens are those that no cache was asked for."""
        count = self._counts.get
        cached = count("cache_read_input_tokens", 0)
        stored = count("cache_creation_input_tokens", 0)
        return Usage(
            input_tokens=count("input_tokens", 0) + cached + stored,
            output_tokens=count("output_tokens", 0),
            cached_tokens=cached,
            stored_tokens=stored,
        )


def _text_of(block: Any) -> str:
    if block.type == "tool_use":
        return json.dumps(block.input, ensure_ascii=False)
    return block.text if block.type == "text" else ""


def _arguments(request: ChatRequest) -> dict[str, Any]:
    cached = {"type": "text", "text": request.system, "cache_control": {"type": "ephemeral"}}
    arguments: dict[str, Any] = {
        "model": request.model,
        "system": [cached],
        "messages": [{"role": each.role, "content": each.text} for each in request.messages],
        "max_tokens": request.max_output_tokens or MOST_OF_ALL,
        "stream": request.is_streamed,
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

"""Servers that speak OpenAI's chat protocol: Ollama, vLLM, llama.cpp, LM Studio, OpenRouter, ...

They differ in how they take a schema; Dialect says which way a server understands.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from abm_quant.contracts.usage import Usage
from abm_quant.llm.answers import answered, items_of
from abm_quant.llm.catalogue import Dialect
from abm_quant.llm.chat import ChatEvent, ChatReply, ChatRequest, Endpoint
from abm_quant.llm.failures import failed_inside
from abm_quant.llm.openai import SCHEMA_NAME
from abm_quant.llm.openai_client import openai_client


class CompatibleModel:
    """Asks a server that speaks OpenAI's chat protocol."""

    def __init__(self, endpoint: Endpoint, dialect: Dialect = "json_schema") -> None:
        self._endpoint = endpoint
        self._dialect = dialect

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer, then the whole; see ChatModel."""
        endpoint = self._endpoint.waiting_for(request)
        items = _items(endpoint, request.model, _arguments(request, self._dialect))
        return answered(items, _Reading(), endpoint, request.model)


@asynccontextmanager
async def _items(
    endpoint: Endpoint, model: str, arguments: dict[str, Any]
) -> AsyncGenerator[AsyncIterator[Any]]:
    async with openai_client(endpoint, model) as client:
        from openai.types.chat import ChatCompletion

        opened = await client.chat.completions.create(**arguments)
        async with items_of(opened, ChatCompletion) as items:
            yield items


class _Reading:
    """What the chunks of one answer have said so far."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._refusal = ""
        self._finish_reason: str | None = None
        self.usage = Usage()

    def take(self, item: Any) -> str:
        """Read a chunk or a whole completion, and give the text that it adds."""
        if error := getattr(item, "error", None):
            raise failed_inside(error)
        if item.usage is not None:
            self.usage = _usage(item.usage)
        added = ""
        for choice in item.choices[:1]:
            said = choice.delta if hasattr(choice, "delta") else choice.message
            self._finish_reason = choice.finish_reason or self._finish_reason
            self._refusal += said.refusal or ""
            added += said.content or ""
            for call in said.tool_calls or ():
                added += (call.function.arguments or "") if call.function else ""
        self._pieces.append(added)
        return added

    def reply(self) -> ChatReply | None:
        """Give the whole answer, None while its end is missing."""
        if self._finish_reason is None:
            return None
        stop_reason: Any = "complete"
        if self._refusal or self._finish_reason == "content_filter":
            stop_reason = "refused"
        elif self._finish_reason == "length":
            stop_reason = "truncated"
        return ChatReply(
            text="".join(self._pieces),
            stop_reason=stop_reason,
            usage=self.usage,
            detail=self._refusal,
        )


def _arguments(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    messages = [{"role": each.role, "content": each.text} for each in request.messages]
    arguments: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": "system", "content": request.system}, *messages],
        "stream": request.is_streamed,
    }
    if request.is_streamed:
        arguments["stream_options"] = {"include_usage": True}
    if request.max_output_tokens:
        arguments["max_tokens"] = request.max_output_tokens
    if request.effort:
        arguments["reasoning_effort"] = request.effort
    if request.schema is not None:
        arguments |= _format(dict(request.schema), dialect if request.is_strict else "json_object")
    return arguments


def _format(schema: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Give the arguments that ask for JSON, in a server's dialect."""
    named = {"name": SCHEMA_NAME, "schema": schema, "strict": True}
    tool = {"type": "function", "function": {"name": SCHEMA_NAME, "parameters": schema}}
    ways: dict[str, dict[str, Any]] = {
        "json_schema": {"response_format": {"type": "json_schema", "json_schema": named}},
        "json_object+schema": {
            "response_format": {"type": "json_object", "schema": schema},
        },
        "json_object": {"response_format": {"type": "json_object"}},
        "tool": {
            "tools": [tool],
            "tool_choice": {"type": "function", "function": {"name": SCHEMA_NAME}},
        },
    }
    return ways[dialect]


def _usage(usage: Any) -> Usage:
    """Give the usage; OpenRouter says the price as well."""
    details = usage.prompt_tokens_details
    return Usage(
        input_tokens=usage.prompt_tokens or 0,
        output_tokens=usage.completion_tokens or 0,
        cached_tokens=getattr(details, "cached_tokens", 0) or 0,
        cost_usd=getattr(usage, "cost", None),
    )

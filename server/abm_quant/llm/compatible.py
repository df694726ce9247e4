"""Servers that speak OpenAI's chat protocol: Ollama, vLLM, llama.cpp, LM Studio, OpenRouter, ...

They differ in how they take a schema; Dialect says which way a server understands.
"""

from collections.abc import AsyncGenerator
from typing import Any

from abm_quant.llm.catalogue import Dialect
from abm_quant.llm.chat import ChatEvent, ChatReply, ChatRequest, Endpoint, TextDelta, Usage
from abm_quant.llm.failures import not_connected, unreadable
from abm_quant.llm.openai import SCHEMA_NAME
from abm_quant.llm.openai_client import openai_client


class CompatibleModel:
    """Asks a server that speaks OpenAI's chat protocol."""

    def __init__(self, endpoint: Endpoint, dialect: Dialect = "json_schema") -> None:
        self._endpoint = endpoint
        self._dialect = dialect

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer, then the whole; see ChatModel."""
        reading = _Reading()
        async with openai_client(self._endpoint, request.model) as client:
            arguments = _arguments(request, self._dialect)
            async with await client.chat.completions.create(**arguments) as chunks:
                async for chunk in chunks:
                    piece = reading.take(chunk)
                    if piece:
                        yield TextDelta(text=piece)
        if reading.finish_reason is None:
            broken = not_connected if reading.began else unreadable
            raise broken(self._endpoint, request.model)
        yield reading.reply()


class _Reading:
    """What the chunks of one answer have said so far."""

    def __init__(self) -> None:
        self.began = False
        self.text = ""
        self.refusal = ""
        self.finish_reason: str | None = None
        self.usage = Usage()

    def take(self, chunk: Any) -> str:
        """Read a chunk and give the text that it adds."""
        self.began = True
        if chunk.usage is not None:
            self.usage = _usage(chunk.usage)
        added = ""
        for choice in chunk.choices[:1]:
            self.finish_reason = choice.finish_reason or self.finish_reason
            self.refusal += choice.delta.refusal or ""
            added += choice.delta.content or ""
            for call in choice.delta.tool_calls or ():
                added += (call.function.arguments or "") if call.function else ""
        self.text += added
        return added

    def reply(self) -> ChatReply:
        """Give the whole answer."""
        stop_reason: Any = "complete"
        if self.refusal or self.finish_reason == "content_filter":
            stop_reason = "refused"
        elif self.finish_reason == "length":
            stop_reason = "truncated"
        return ChatReply(
            text=self.text, stop_reason=stop_reason, usage=self.usage, detail=self.refusal
        )


def _arguments(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    messages = [{"role": each.role, "content": each.text} for each in request.messages]
    arguments: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": "system", "content": request.system}, *messages],
        "max_tokens": request.max_output_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
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
    details = usage.prompt_tokens_details
    return Usage(
        input_tokens=usage.prompt_tokens or 0,
        output_tokens=usage.completion_tokens or 0,
        cached_tokens=(details.cached_tokens or 0) if details else 0,
    )

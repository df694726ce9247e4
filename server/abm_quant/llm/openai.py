"""OpenAI, through its Responses interface."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from abm_quant.contracts.usage import Usage
from abm_quant.llm.answers import answered, items_of
from abm_quant.llm.chat import ChatEvent, ChatReply, ChatRequest, Endpoint
from abm_quant.llm.failures import VendorError, VendorFailed
from abm_quant.llm.openai_client import openai_client

SCHEMA_NAME = "abm_model"
ENDS = ("response.completed", "response.incomplete", "response.failed")


class OpenAIModel:
    """Asks OpenAI."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer, then the whole; see ChatModel."""
        endpoint = self._endpoint.waiting_for(request)
        return answered(_items(endpoint, request), _Reading(), endpoint, request.model)


@asynccontextmanager
async def _items(endpoint: Endpoint, request: ChatRequest) -> AsyncGenerator[AsyncIterator[Any]]:
    async with openai_client(endpoint, request.model) as client:
        from openai.types.responses import Response

        opened = await client.responses.create(**_arguments(request))
        async with items_of(opened, Response) as items:
            yield items


class _Reading:
    """What the events of one answer have said so far."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._refusal = ""
        self._response: Any = None

    @property
    def usage(self) -> Usage:
        """What the answer took; known at its end only."""
        return _usage(self._response.usage) if self._response else Usage()

    def take(self, item: Any) -> str:
        """Read an event or a whole response, and give the text that it adds."""
        added = ""
        if hasattr(item, "output"):
            added = item.output_text
            self._refusal = "".join(map(_refusal_of, item.output))
            self._end(item)
        elif item.type == "response.output_text.delta":
            added = item.delta
        elif item.type == "response.refusal.delta":
            self._refusal += item.delta
        elif item.type in ENDS:
            self._end(item.response)
        elif item.type == "error":
            raise VendorFailed(_error(item))
        self._pieces.append(added)
        return added

    def reply(self) -> ChatReply | None:
        """Give the whole answer, None while its end is missing."""
        if self._response is None:
            return None
        details = self._response.incomplete_details
        reason = details.reason if details else ""
        stop_reason: Any = "complete"
        if self._refusal or reason == "content_filter":
            stop_reason = "refused"
        elif self._response.status == "incomplete":
            stop_reason = "truncated"
        return ChatReply(
            text="".join(self._pieces),
            stop_reason=stop_reason,
            usage=self.usage,
            detail=self._refusal or (reason if stop_reason == "refused" else ""),
        )

    def _end(self, response: Any) -> None:
        self._response = response
        if response.status == "failed":
            raise VendorFailed(_error(response.error))


def _refusal_of(item: Any) -> str:
    parts = item.content if item.type == "message" else ()
    return "".join(part.refusal for part in parts if part.type == "refusal")


def _error(said: Any) -> VendorError:
    words = f"{said.code} {said.message}" if said else "server_error"
    return VendorError(status=None, text=words)


def _arguments(request: ChatRequest) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": request.model,
        "instructions": request.system,
        "input": [{"role": each.role, "content": each.text} for each in request.messages],
        "store": False,
        "stream": request.is_streamed,
    }
    if request.max_output_tokens:
        arguments["max_output_tokens"] = request.max_output_tokens
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


def _usage(usage: Any) -> Usage:
    if usage is None:
        return Usage()
    details = usage.input_tokens_details
    return Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=getattr(details, "cached_tokens", 0) or 0,
        stored_tokens=getattr(details, "cache_write_tokens", 0) or 0,
    )

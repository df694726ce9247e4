"""Google's Gemini."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2

from abm_quant.contracts.usage import Usage
from abm_quant.llm.answers import answered, only
from abm_quant.llm.chat import PATIENCE, ChatEvent, ChatReply, ChatRequest, Endpoint
from abm_quant.llm.failures import (
    MISREAD,
    VendorError,
    VendorFailed,
    not_connected,
    timed_out,
    unavailable,
    unreadable,
    wait_asked,
)
from abm_quant.llm.transport import http_client, load, trusted

if TYPE_CHECKING:
    from google.genai.client import AsyncClient
    from google.genai.errors import APIError

SERVER_TIMEOUT = "X-Server-Timeout"
"""When Google gives up on the whole answer; the SDK would send the limit for a silence there."""
API_VERSION = "v1beta"
"""The version whose schemas and aliases Google documents."""
TRUNCATED = ("MAX_TOKENS", "CONTINUATION")
FAULTS = ("MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL")
"""Ends that are mistakes of the model or its server, and may not happen again."""
COMPLETE = ("STOP", "FINISH_REASON_UNSPECIFIED")


class GeminiModel:
    """Asks Gemini."""

    def __init__(self, endpoint: Endpoint, api_version: str = "") -> None:
        self._endpoint = endpoint
        self._api_version = api_version or API_VERSION

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer, then the whole; see ChatModel."""
        endpoint = self._endpoint.waiting_for(request)
        items = _items(endpoint, self._api_version, request)
        return answered(items, _Reading(), endpoint, request.model)


@asynccontextmanager
async def _items(
    endpoint: Endpoint, api_version: str, request: ChatRequest
) -> AsyncGenerator[AsyncIterator[Any]]:
    async with _client(endpoint, api_version, request.model) as client:
        models, arguments = client.models, _arguments(request)
        if not request.is_streamed:
            yield only(await models.generate_content(**arguments))
            return
        chunks: Any = await models.generate_content_stream(**arguments)
        async with aclosing(chunks):
            yield chunks


class _Reading:
    """What the chunks of one answer have said so far; a whole answer is a single chunk."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._stop_reason: str | None = None
        self.usage = Usage()

    def take(self, item: Any) -> str:
        """Read a chunk and give the text that it adds."""
        if item.usage_metadata is not None:
            self.usage = _usage(item.usage_metadata)
        feedback = item.prompt_feedback
        if feedback is not None and feedback.block_reason is not None:
            self._stop_reason = _name(feedback.block_reason)
        added = ""
        for candidate in (item.candidates or [])[:1]:
            parts = candidate.content.parts if candidate.content else None
            added += "".join(part.text or "" for part in parts or () if not part.thought)
            if candidate.finish_reason is not None:
                self._stop_reason = _name(candidate.finish_reason)
        if self._stop_reason in FAULTS:
            raise VendorFailed(VendorError(status=500, text=f"server_error {self._stop_reason}"))
        self._pieces.append(added)
        return added

    def reply(self) -> ChatReply | None:
        """Give the whole answer, None while its end is missing."""
        if self._stop_reason is None:
            return None
        stop_reason: Any = "refused"
        if self._stop_reason in COMPLETE:
            stop_reason = "complete"
        elif self._stop_reason in TRUNCATED:
            stop_reason = "truncated"
        detail = self._stop_reason if stop_reason == "refused" else ""
        return ChatReply(
            text="".join(self._pieces), stop_reason=stop_reason, usage=self.usage, detail=detail
        )


def _arguments(request: ChatRequest) -> dict[str, Any]:
    roles = {"user": "user", "assistant": "model"}
    config: dict[str, Any] = {
        "system_instruction": request.system,
        "automatic_function_calling": {"disable": True},
    }
    if request.max_output_tokens:
        config["max_output_tokens"] = request.max_output_tokens
    if request.schema is not None:
        config["response_mime_type"] = "application/json"
    if request.schema is not None and request.is_strict:
        config["response_json_schema"] = dict(request.schema)
    if request.effort:
        config["thinking_config"] = {"thinking_level": request.effort.upper()}
    return {
        "model": request.model,
        "contents": [
            {"role": roles[each.role], "parts": [{"text": each.text}]} for each in request.messages
        ],
        "config": config,
    }


@asynccontextmanager
async def _client(endpoint: Endpoint, api_version: str, model: str) -> AsyncIterator["AsyncClient"]:
    """Give a client that nothing in the environment redirects; what it raises is translated."""
    await load("google.genai")
    from google import genai
    from google.genai import errors
    from google.genai.types import HttpOptions

    async with http_client(endpoint.timeout_s) as http:
        client = genai.Client(
            api_key=endpoint.key_text,
            vertexai=False,
            http_options=HttpOptions(
                base_url=endpoint.base_url,
                api_version=api_version,
                timeout=int(endpoint.timeout_s * 1000),
                headers={SERVER_TIMEOUT: str(int(endpoint.timeout_s * PATIENCE) + 1)},
                httpx_client=httpx2.Client(verify=trusted()),
                httpx_async_client=http,
            ),
        )
        try:
            yield client.aio
        except httpx2.TimeoutException as failure:
            raise timed_out(endpoint, model) from failure
        except httpx2.TransportError as failure:
            raise not_connected(endpoint, model) from failure
        except errors.APIError as failure:
            raise unavailable(endpoint, model, _vendor_error(failure)) from failure
        except MISREAD as failure:
            raise unreadable(endpoint, model) from failure


def _vendor_error(failure: "APIError") -> VendorError:
    details = json.dumps(failure.details, default=str)
    delay = re.search(r'"retryDelay": "(\d+(?:\.\d+)?)s"', details)
    headers = getattr(failure.response, "headers", {})
    return VendorError(
        status=failure.code,
        text=f"{failure.status or ''} {failure.message or ''}",
        retry_after_s=float(delay[1]) if delay else wait_asked(headers),
    )


def _usage(counts: Any) -> Usage:
    """Give the usage; Google bills thoughts as output."""
    return Usage(
        input_tokens=counts.prompt_token_count or 0,
        output_tokens=(counts.candidates_token_count or 0) + (counts.thoughts_token_count or 0),
        cached_tokens=counts.cached_content_token_count or 0,
    )


def _name(value: Any) -> str:
    """Give the plain name of an enumeration's member."""
    return str(getattr(value, "value", value))

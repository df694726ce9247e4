"""The OpenAI SDK's client, for OpenAI and for the many servers that speak its chat protocol."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from abm_quant.llm.chat import Endpoint
from abm_quant.llm.failures import (
    VendorError,
    translated,
    wait_asked,
)
from abm_quant.llm.transport import http_client, load

if TYPE_CHECKING:
    from openai import APIError, AsyncOpenAI


@asynccontextmanager
async def openai_client(endpoint: Endpoint, model: str) -> AsyncIterator["AsyncOpenAI"]:
    """Give a client that nothing in the environment redirects; what it raises is translated.

    Raises ModelUnavailable and ReplyUnreadable instead of the SDK's exceptions.
    """
    await load("openai")
    import openai

    async with http_client(endpoint.timeout_s) as http:
        client = openai.AsyncOpenAI(
            api_key=endpoint.key_text,
            base_url=endpoint.base_url,
            default_headers={"Authorization": f"Bearer {endpoint.key_text}"},
            timeout=http.timeout,
            max_retries=0,
            http_client=http,
        )
        client.organization = client.project = None
        with translated(openai, endpoint, model, _vendor_error):
            yield client


def _vendor_error(failure: "APIError") -> VendorError:
    response, code = getattr(failure, "response", None), failure.code or ""
    inside = int(code) if code.isdecimal() else None  # An error in the middle of a stream.
    return VendorError(
        status=getattr(failure, "status_code", inside),
        text=f"{code} {failure.param or ''} {failure.type or ''} {failure.message}",
        retry_after_s=wait_asked(response.headers) if response is not None else None,
    )

"""The OpenAI SDK's client, for OpenAI and for the many servers that speak its chat protocol."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2

from abm_quant.llm.chat import Endpoint
from abm_quant.llm.failures import (
    VendorError,
    not_connected,
    timed_out,
    unavailable,
    unreadable,
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
        try:
            yield client
        except (openai.APITimeoutError, httpx2.TimeoutException) as failure:
            raise timed_out(endpoint, model) from failure
        except (openai.APIConnectionError, httpx2.TransportError) as failure:
            raise not_connected(endpoint, model) from failure
        except openai.APIError as failure:
            raise unavailable(endpoint, model, _vendor_error(failure)) from failure
        except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError) as failure:
            raise unreadable(endpoint, model) from failure


def _vendor_error(failure: "APIError") -> VendorError:
    response = getattr(failure, "response", None)
    return VendorError(
        status=getattr(failure, "status_code", None),
        text=f"{failure.code or ''} {failure.type or ''} {failure.message}",
        retry_after_s=wait_asked(response.headers) if response is not None else None,
    )

"""The HTTP client under every vendor's SDK."""

import asyncio
import importlib
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import httpx2

CONNECT_TIMEOUT_S = 10.0


@cache
def trusted() -> ssl.SSLContext:
    """Give the trusted certificates; reading them takes longer than all the rest of a client."""
    return httpx2.create_ssl_context()


@asynccontextmanager
async def http_client(timeout_s: float) -> AsyncIterator[httpx2.AsyncClient]:
    """Give a client; `timeout_s` bounds each wait for the next bytes, not the whole answer.

    Answers that were left in the middle are closed with it, whatever an SDK does.
    """
    answers: list[httpx2.Response] = []

    async def remember(response: httpx2.Response) -> None:
        answers.append(response)

    timeout = httpx2.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))
    hooks = {"response": [remember]}
    async with httpx2.AsyncClient(verify=trusted(), timeout=timeout, event_hooks=hooks) as client:
        try:
            yield client
        finally:
            for answer in answers:
                await answer.aclose()


async def load(sdk: str) -> None:
    """Import an SDK, which takes a second or two, while the service goes on."""
    if sdk not in sys.modules:
        await asyncio.to_thread(importlib.import_module, sdk)

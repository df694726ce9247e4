"""The HTTP client under every vendor's SDK."""

import asyncio
import gc
import importlib
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, get_args

import httpx2
from pydantic import BaseModel

CONNECT_TIMEOUT_S = 10.0
EVENTS = {
    "openai": ("openai.types.responses", "ResponseStreamEvent"),
    "anthropic": ("anthropic.types", "RawMessageStreamEvent"),
}
"""The pieces of answers, by SDK: module and name of their type."""
LOADING = threading.Lock()
"""Who asks while an SDK is being loaded waits in a thread, not in the event loop."""


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
    """Import an SDK and make it ready, which takes a second or two, while the service goes on."""
    await asyncio.to_thread(_loaded, sdk)


def _loaded(sdk: str) -> None:
    with LOADING:
        _load(sdk)


@cache
def _load(sdk: str) -> None:
    """Import an SDK, and build now what it would build when the first piece of an answer comes."""
    importlib.import_module(sdk)
    trusted()
    if sdk in EVENTS:
        module, name = EVENTS[sdk]
        for each in _models(getattr(importlib.import_module(module), name)):
            each.model_rebuild()
    gc.freeze()  # it stays; looking through it again and again holds up the service


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    """Give the models of a type: itself, or those of which it is made."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from _models(part)

"""Answers that come piece by piece, and end their work when the client goes away."""

import asyncio
import json
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from abm_quant.errors import AbmError

T = TypeVar("T")
HEARTBEAT_S = 15
_WATCH_S = 0.5


def accepts_events(request: Request) -> bool:
    """Tell whether a client asks for server-sent events."""
    return "text/event-stream" in request.headers.get("accept", "").lower()


def events_of(items: AsyncGenerator[dict[str, Any]]) -> Response:
    """Give server-sent events, named by each item's `type`; a comment every 15 s keeps them open.

    The generator is closed when the client goes away.
    """
    return EventSourceResponse(_numbered(items), ping=HEARTBEAT_S)


async def _numbered(items: AsyncGenerator[dict[str, Any]]) -> AsyncGenerator[ServerSentEvent]:
    number = 0
    async with aclosing(items) as each:
        async for item in each:
            number += 1
            data = json.dumps(item, ensure_ascii=False, allow_nan=False)
            yield ServerSentEvent(data=data, event=item["type"], id=str(number))


async def until_closed(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """Give what work gives; None, and the work is cancelled, when the client goes away first."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=_WATCH_S))[0]:
            if await request.is_disconnected():
                return None
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError, AbmError):
                await task

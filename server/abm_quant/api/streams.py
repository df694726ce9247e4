"""Answers that come piece by piece, and end their work when the client goes away."""

import asyncio
import json
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from abm_quant.api.feeds import Told
from abm_quant.errors import AbmError

T = TypeVar("T")
HEARTBEAT_S = 15
STUCK_S = 60
"""A client that takes nothing in for so long is given up."""


def accepts_events(request: Request) -> bool:
    """Tell whether a client asks for server-sent events."""
    return "text/event-stream" in request.headers.get("accept", "").lower()


def events_of(items: AsyncGenerator[dict[str, Any]]) -> Response:
    """Give server-sent events, named by each item's `type`; a comment every 15 s keeps them open.

    The generator is closed when the client goes away.
    """
    return _open(_numbered(items))


async def _numbered(items: AsyncGenerator[dict[str, Any]]) -> AsyncGenerator[ServerSentEvent]:
    number = 0
    async with aclosing(items) as each:
        async for item in each:
            number += 1
            data = json.dumps(item, ensure_ascii=False, allow_nan=False)
            yield ServerSentEvent(data=data, event=item["type"], id=str(number))


def told_events(request: Request, status: str, groups: AsyncGenerator[list[Told]]) -> Response:
    """Give the events of a run as server-sent events, after its `run-status`, which has no id."""
    if request.state.is_head:
        return Response(media_type="text/event-stream", headers={"Cache-Control": "no-store"})
    return _open(_framed(status, groups))


async def _framed(status: str, groups: AsyncGenerator[list[Told]]) -> AsyncGenerator[bytes]:
    """Give server-sent events as bytes: what is there together goes out together."""
    yield f"event: run-status\r\ndata: {status}\r\n\r\n".encode()
    async with aclosing(groups) as each:
        async for group in each:
            yield b"".join(
                b"id: %d\r\nevent: %s\r\ndata: %s\r\n\r\n"
                % (told.id, told.type.encode(), told.data)
                for told in group
            )


def _open(content: AsyncGenerator[Any]) -> Response:
    return EventSourceResponse(content, ping=HEARTBEAT_S, send_timeout=STUCK_S)


async def until_closed(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """Give what work gives; None, and the work is cancelled, when the client goes away first."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        gone.cancel()
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError, AbmError):
                await task


async def _gone(request: Request) -> None:
    """Wait until the client goes away; its body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass

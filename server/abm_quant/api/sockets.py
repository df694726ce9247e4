"""A watcher's WebSocket: the events of a run go out, commands come in, each one is answered."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

import structlog
from fastapi import WebSocket, WebSocketDisconnect
from starlette.status import (
    WS_1000_NORMAL_CLOSURE,
    WS_1003_UNSUPPORTED_DATA,
    WS_1008_POLICY_VIOLATION,
    WS_1009_MESSAGE_TOO_BIG,
)

from abm_quant.api.commands import (
    MOST_A_SECOND,
    Allowance,
    Command,
    accepted,
    read_command,
    read_message,
    refused,
)
from abm_quant.api.feeds import Told
from abm_quant.api.streams import STUCK_S
from abm_quant.errors import AbmError

log = structlog.get_logger(__name__)

MOST_BYTES = 2**16
"""Size of the largest message that is read."""
Order = Callable[[Command], None]


class Fault(Exception):
    """What a watcher did that ends its connection, with the code of WebSockets for it."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


async def converse(
    socket: WebSocket, status: str, groups: AsyncGenerator[list[Told]], order: Order
) -> None:
    """Tell a watcher the events, and pass its commands on, until one of the two sides ends.

    `order` raises an AbmError for a command that cannot be followed.
    """
    await socket.accept()
    code, reason = WS_1000_NORMAL_CLOSURE, "The run is over."
    try:
        await socket.send_text(status)
        await _first(_tell(socket, groups), _listen(socket, order))
    except Fault as fault:
        code, reason = fault.code, str(fault)
    except (WebSocketDisconnect, TimeoutError):
        return
    with suppress(WebSocketDisconnect, RuntimeError):  # the watcher may have left meanwhile
        await socket.close(code, reason)


async def _first(*works: Awaitable[None]) -> None:
    """Wait until one of some works ends, then end the others; raises what the first one raised."""
    tasks = [asyncio.ensure_future(each) for each in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for each in done:
        each.result()


async def _tell(socket: WebSocket, groups: AsyncGenerator[list[Told]]) -> None:
    async with aclosing(groups) as each:
        async for group in each:
            for told in group:
                async with asyncio.timeout(STUCK_S):
                    await socket.send_text(told.data.decode())


async def _listen(socket: WebSocket, order: Order) -> None:
    allowance = Allowance()
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if not allowance.take():
            reason = f"More than {MOST_A_SECOND} messages a second."
            raise Fault(WS_1008_POLICY_VIOLATION, reason)
        if text is None:
            raise Fault(WS_1003_UNSUPPORTED_DATA, "Commands are text: one JSON object a message.")
        if len(text) > MOST_BYTES:
            raise Fault(WS_1009_MESSAGE_TOO_BIG, f"A message may hold {MOST_BYTES} bytes.")
        await socket.send_text(json.dumps(_answer(text, order), ensure_ascii=False))


def _answer(text: str, order: Order) -> dict[str, Any]:
    """Follow the command of a message, and give the answer."""
    message: dict[str, Any] = {}
    try:
        message = read_message(text)
        command = read_command(message)
        order(command)
    except AbmError as error:
        return refused(message, str(error))
    return accepted(command)

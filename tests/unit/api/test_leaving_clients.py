"""Clients that leave before they are answered."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from fastapi import WebSocket
from sse_starlette.sse import SendTimeoutError
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from abm_quant.api import sockets
from abm_quant.api.feeds import Told
from abm_quant.api.logs import configure_logging
from abm_quant.api.middleware import Surroundings
from abm_quant.api.streams import until_closed


@pytest.mark.parametrize("failure", [ClientDisconnect, SendTimeoutError])
async def test_a_client_that_leaves_or_takes_nothing_is_no_crash(
    capsys: pytest.CaptureFixture[str], failure: type[Exception]
) -> None:
    async def gone(scope: Scope, receive: Receive, send: Send) -> None:
        raise failure

    async def nothing(*_: object) -> Message:
        raise AssertionError("nothing is sent to nobody")

    configure_logging()
    scope = {"type": "http", "method": "POST", "path": "/engines", "headers": []}
    await Surroundings(gone)(scope, nothing, nothing)
    logged = capsys.readouterr().err
    assert "client went away" in logged
    assert "crashed" not in logged


def request_of(messages: list[Message]) -> Request:
    """Give a request whose client sends some messages and then is silent."""

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(60)
        raise AssertionError("nobody waits so long")

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


async def test_work_ends_when_its_client_leaves() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    request = request_of([{"type": "http.request", "body": b""}, {"type": "http.disconnect"}])
    assert await asyncio.wait_for(until_closed(request, work()), 5) is None
    assert ended.is_set()


async def test_work_is_given_to_a_client_that_stays() -> None:
    assert await asyncio.wait_for(until_closed(request_of([]), asyncio.sleep(0.01, 7)), 5) == 7
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_watcher_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "STUCK_S", 0.05)

    async def receive() -> Message:
        if not received:
            received.append("connect")
            return {"type": "websocket.connect"}
        return await asyncio.Event().wait()

    async def send(message: Message) -> None:
        sent.append(message["type"])
        if len(sent) > 2:
            await asyncio.Event().wait()

    async def groups() -> AsyncGenerator[list[Told]]:
        yield [Told(1, "x", b"{}")]

    received: list[str] = []
    sent: list[str] = []
    socket = WebSocket({"type": "websocket"}, receive, send)
    async with asyncio.timeout(5):
        await sockets.converse(socket, "{}", groups(), lambda command: None)
    assert sent == ["websocket.accept", "websocket.send", "websocket.send"]

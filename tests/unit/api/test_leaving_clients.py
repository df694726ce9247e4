"""Clients that leave before they are answered."""

import asyncio

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from abm_quant.api.logs import configure_logging
from abm_quant.api.middleware import Surroundings
from abm_quant.api.streams import until_closed


async def test_a_client_that_leaves_is_no_crash(capsys: pytest.CaptureFixture[str]) -> None:
    async def gone(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientDisconnect

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

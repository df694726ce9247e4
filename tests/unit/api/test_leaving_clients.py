"""Clients that leave before they are answered."""

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from abm_quant.api.logs import configure_logging
from abm_quant.api.middleware import Surroundings


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

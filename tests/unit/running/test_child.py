"""The service's end of a child's channel: lines, whole and counted, whatever their pieces."""

import asyncio
import socket
import time

import pytest

from abm_quant.contracts.jobs import Limits
from abm_quant.running.child import Channel, LineTooLong, TooMuchOutput

MIB = 2**20


async def lines_of(*pieces: bytes, limits: Limits | None = None) -> list[bytes]:
    """Give all lines of what a child sends piece by piece before it closes its end."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours, limits or Limits())
    found: list[bytes] = []

    async def send() -> None:
        loop = asyncio.get_running_loop()
        with theirs:
            for piece in pieces:
                await loop.sock_sendall(theirs, piece)
                await asyncio.sleep(0)

    theirs.setblocking(False)
    try:
        sending = asyncio.create_task(send())
        while lines := await channel.lines():
            found += lines
        await sending
    finally:
        channel.close()
    return found


async def test_lines_are_put_together_from_their_pieces() -> None:
    pieces = (b"on", b"e\ntwo\nth", b"", b"ree", b"\n\n", b"left over")
    assert await lines_of(*pieces) == [b"one", b"two", b"three", b""]


async def test_a_line_may_be_as_long_as_a_message() -> None:
    assert await lines_of(b"x" * MIB, b"\n") == [b"x" * MIB]


@pytest.mark.parametrize("end", [b"", b"\n", b"\nnext\n"])
async def test_a_line_may_not_be_longer(end: bytes) -> None:
    with pytest.raises(LineTooLong):
        await lines_of(b"x" * (MIB + 1) + end)


async def test_bytes_are_counted() -> None:
    limits = Limits(output_mb=0.5)
    assert await lines_of(b"x\n" * (MIB // 4), limits=limits) == [b"x"] * (MIB // 4)
    with pytest.raises(TooMuchOutput):
        await lines_of(b"x\n" * (MIB // 4) + b"x", limits=limits)


def test_a_line_in_tiny_pieces_costs_little() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(ours, Limits())
        before = time.process_time()
        for _ in range(100_000):
            assert channel._take(b"x" * 10) == []
        tiny = time.process_time() - before
        assert channel._take(b"\n") == [b"x" * 1_000_000]
    assert tiny < 1

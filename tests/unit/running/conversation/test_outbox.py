"""What the service says to a child: in order, and all of the beginning in one piece."""

import asyncio
import socket

import pytest

from abm_quant.contracts.jobs import Limits
from abm_quant.running.child import Channel
from abm_quant.running.conversation.controls import Controls
from abm_quant.running.conversation.outbox import Outbox
from sandboxed import confined, walkers


async def test_nothing_is_sent_before_the_beginning_and_then_all_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        outbox = Outbox(Channel(ours, Limits()))
        assert [outbox.put(b"job"), outbox.put(b"pause")] == [1, 2]
        with pytest.raises(BlockingIOError):
            theirs.recv(100)
        outbox.begin()
        assert (theirs.recv(100), outbox.sent) == (b"job\npause\n", 2)
        assert outbox.put(b"resume") == 3
        assert (theirs.recv(100), outbox.sent) == (b"resume\n", 3)


async def test_what_does_not_fit_is_sent_later_and_in_order() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        outbox = Outbox(Channel(ours, Limits()))
        outbox.put(b"a" * 2_000_000)
        outbox.begin()
        outbox.put(b"b")
        assert outbox.sent == 0
        taken = b""
        while not taken.endswith(b"b\n"):
            taken += await asyncio.get_running_loop().sock_recv(theirs, 1 << 20)
        assert taken == b"a" * 2_000_000 + b"\nb\n"
        await asyncio.sleep(0)
        assert outbox.sent == 2


async def test_what_was_asked_before_the_start_comes_with_the_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a quick model could take steps before it hears that it shall pause."""
    pieces: list[bytes] = []
    push = Channel.push

    def heard(channel: Channel, data: bytes) -> bytes:
        pieces.append(data)
        return push(channel, data)

    monkeypatch.setattr(Channel, "push", heard)
    job = walkers(steps=2)
    controls = Controls(job.bundle)
    controls.pause()
    async for event in confined().run(job, controls=controls):
        if event.type == "run-paused":
            assert event.step == 0
            controls.resume()
    first, second, *_ = pieces[0].splitlines()
    assert b'"source"' in first and b'"pause"' in second

"""Following a run: Ctrl-C ends it in order where it can, and at once where it must."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from abm_quant.cli import following
from abm_quant.cli.following import follow, latest
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.events import RunEvent, RunFinished, RunStarted, StepRecorded
from abm_quant.contracts.jobs import SandboxReport
from abm_quant.running.conversation.controls import Controls

STARTED = RunStarted(seed=1, steps=9, sandbox=SandboxReport(level="kernel"))
BUNDLE = CodeBundle(
    target="mesa",
    files={"model.py": ""},
    entry_point="M",
    parameters=(),
    max_steps=9,
    requirements=(),
)


class Course(Controls):
    """A run that takes a step and then waits until it is stopped, if it listens."""

    def __init__(self, *, listens: bool) -> None:
        super().__init__(BUNDLE)
        self.listens = listens
        self.stopped = asyncio.Event()
        self.closed = False

    def stop(self) -> None:
        if self.listens:
            self.stopped.set()

    async def events(self) -> AsyncIterator[RunEvent]:
        try:
            yield STARTED
            yield StepRecorded(step=0, model={"n": 5})
            os.kill(os.getpid(), signal.SIGINT)
            await self.stopped.wait()
            yield RunFinished(steps=0, stop_reason="stopped")
        finally:
            self.closed = True


async def test_a_run_that_listens_ends_in_order():
    course = Course(listens=True)
    result = await follow(course.events(), "A model", course)
    assert (result.stop_reason, result.failure) == ("stopped", None)
    assert result.model == {"n": [5]}


async def test_a_run_that_does_not_listen_is_broken_off(monkeypatch):
    monkeypatch.setattr(following, "GRACE_S", 0.1)
    course = Course(listens=False)
    result = await follow(course.events(), "A model", course)
    assert (result.stop_reason, result.failure) == (None, "cancelled")
    assert result.model == {"n": [5]}
    assert course.closed


async def test_the_second_interrupt_does_not_wait():
    course = Course(listens=False)
    asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGINT)
    start = time.monotonic()
    result = await follow(course.events(), "A model", course)
    assert result.failure == "cancelled"
    assert time.monotonic() - start < following.GRACE_S


async def test_being_cancelled_by_anyone_else_is_no_interrupt():
    course = Course(listens=False)
    course.events = endless  # type: ignore[method-assign]
    task = asyncio.create_task(follow(course.events(), "A model", course))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def endless() -> AsyncIterator[RunEvent]:
    yield STARTED
    await asyncio.Event().wait()


def test_some_numbers_of_a_step_are_shown_counts_first():
    model = {"mood": "calm", "a": 1, "b": 0.123456, "c": None, "x.count": 1_000_000, "e": 3}
    assert latest(StepRecorded(step=1, model=model)) == "x.count 1,000,000   a 1   b 0.1235"

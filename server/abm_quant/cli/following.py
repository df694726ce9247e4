"""Follows a run: shows on a terminal how far it is, and lets Ctrl-C end it with what it recorded."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from types import TracebackType
from typing import Any, Self, cast

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column

from abm_quant.cli.console import console, plain
from abm_quant.cli.series import brief, number
from abm_quant.contracts.events import RunEvent, RunStarted, StepRecorded
from abm_quant.contracts.results import RunResult, add_event
from abm_quant.errors import BadRequest
from abm_quant.running.conversation.controls import Controls

GRACE_S = 1.0
"""Time for which a step that is being taken may go on after Ctrl-C."""
SHOWN_EVERY_S = 0.1
MOST_VALUES = 3
STOPPED = "stopped"


async def follow(events: AsyncIterator[RunEvent], title: str, controls: Controls) -> RunResult:
    """Give the result of a run, which Ctrl-C ends early.

    An orderly end has the stop reason `stopped`; a step that does not end is broken off, and the
    failure is then `cancelled`. What was recorded until then is in the result.
    """
    result = RunResult()
    task = asyncio.current_task()
    assert task is not None
    with Interrupts(controls, task.cancel) as interrupts, Bar(title) as bar:
        try:
            async with aclosing(cast(Any, events)) as stream:
                async for event in stream:
                    add_event(result, event)
                    bar.show(event)
        except asyncio.CancelledError:
            if not interrupts.heard:
                raise
            task.uncancel()
            result.failure = "cancelled"
    return result


class Interrupts:
    """What Ctrl-C does to a run: asks it to stop, and ends it a moment later. Use as a context."""

    def __init__(self, controls: Controls, end: Callable[[], object]) -> None:
        self._controls = controls
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def heard(self) -> bool:
        """Whether the user has asked for an end."""
        return self._timer is not None

    def __enter__(self) -> Self:
        with suppress(
            NotImplementedError, RuntimeError, ValueError
        ):  # not here, or not in a thread
            self._loop.add_signal_handler(signal.SIGINT, self._hear)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            self._loop.remove_signal_handler(signal.SIGINT)
        if self._timer is not None:
            self._timer.cancel()

    def _hear(self) -> None:
        if self._timer is not None:
            self._end()
            return
        self._timer = self._loop.call_later(GRACE_S, self._end)
        with suppress(BadRequest):  # it is over by now
            self._controls.stop()


class Bar:
    """A line on the terminal: how far a run is, and the latest values. Use as a context."""

    def __init__(self, title: str) -> None:
        screen = console(to_stderr=True)
        values = Column(no_wrap=True, overflow="ellipsis", ratio=1)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[values]}", markup=False, style="dim", table_column=values),
            console=screen,
            transient=True,
            expand=True,
            disable=not screen.is_terminal,
        )
        self._task = self._progress.add_task(plain(title), total=None, values="starting")
        self._due = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, event: RunEvent) -> None:
        """Show an event; of many that come together, the first."""
        if isinstance(event, RunStarted):
            self._progress.update(self._task, total=event.steps, values="")
        elif isinstance(event, StepRecorded) and time.monotonic() > self._due:
            self._due = time.monotonic() + SHOWN_EVERY_S
            self._progress.update(self._task, completed=event.step, values=latest(event))


def latest(event: StepRecorded) -> str:
    """Give some numbers of a step in a few words, counts before others."""
    found = [(name, value) for name, value in event.model.items() if number(value) is not None]
    found.sort(key=lambda pair: not pair[0].endswith("count"))
    return plain("   ".join(f"{name} {brief(value)}" for name, value in found[:MOST_VALUES]))

"""Decides which runs may compute now, for all threads and event loops of the process.

At most as many runs compute at once as there are processor cores, and the memory that all runs may
use together, those that pause among them, is bounded. Who cannot be let in waits in line.
"""

import asyncio
import contextlib
import functools
import os
import threading
from collections import deque
from enum import Enum, auto
from pathlib import Path
from typing import Self

from abm_quant.errors import BadRequest, TooManyRuns
from abm_quant.running.limits import MIB

MOST_WAITING = 1_000
_SHARE_OF_MEMORY = 0.7
_MEMORY_OF_CONTAINER = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


class _State(Enum):
    OUTSIDE = auto()
    WAITING = auto()
    COMPUTING = auto()


class Admission:
    """Lets runs in, the first come first; any thread and any event loop may ask."""

    def __init__(
        self,
        *,
        at_once: int | None = None,
        memory_mb: int | None = None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """Take how many may compute at once (by default the cores) and their memory (70 % of all)."""
        self._at_once = at_once or _cores()
        self._memory_mb = memory_mb or int(_SHARE_OF_MEMORY * machine_memory_mb())
        self._most_waiting = most_waiting
        # Reentrant, since the garbage collector may drop a forgotten place at any moment.
        self._lock = threading.RLock()
        self._computing = 0
        self._reserved_mb = 0
        self._new: deque[Place] = deque()
        self._returning: deque[Place] = deque()

    def place(self, memory_mb: int) -> "Place":
        """Give a place for one run with its budget of memory, to be used as an async context.

        Raises BadRequest when all runs together may not use as much. Entering the context waits,
        and raises TooManyRuns when too many wait already.
        """
        if memory_mb > self._memory_mb:
            raise BadRequest(
                f"The run may use {memory_mb} MiB (memory_mb), and all runs together may use "
                f"{self._memory_mb} MiB here. Ask for less; whoever runs the service can lower "
                "ABM_LIMIT_MEMORY_MB, or raise ABM_MAX_MEMORY_MB."
            )
        return Place(self, memory_mb)

    def line_up(self, place: "Place") -> None:
        """Let a place wait for its turn, which may be at once; raises TooManyRuns."""
        with self._lock:
            if not place.holds_memory and len(self._new) >= self._most_waiting:
                raise TooManyRuns(
                    f"{self._most_waiting} runs wait already, the most that may. "
                    "Ask again when some of them have ended."
                )
            self._line_of(place).append(place)
            place.state = _State.WAITING
            self._let_in()

    def let_go(self, place: "Place", *, for_good: bool) -> None:
        """Take the turn of a place from it, or its place in line; for good also its memory."""
        with self._lock:
            if place.state is _State.COMPUTING:
                self._computing -= 1
            elif place.state is _State.WAITING:
                self._line_of(place).remove(place)
            place.state = _State.OUTSIDE
            if for_good and place.holds_memory:
                place.holds_memory = False
                self._reserved_mb -= place.memory_mb
            self._let_in()

    def _let_in(self) -> None:
        """Let in who can be: first those that return, since they hold memory until they end."""
        while self._computing < self._at_once:
            if self._returning:
                place = self._returning.popleft()
            elif self._new and self._reserved_mb + self._new[0].memory_mb <= self._memory_mb:
                place = self._new.popleft()
                place.holds_memory = True
                self._reserved_mb += place.memory_mb
            else:
                return
            place.state = _State.COMPUTING
            self._computing += 1
            if not place.wake():
                self.let_go(place, for_good=True)

    def _line_of(self, place: "Place") -> "deque[Place]":
        return self._returning if place.holds_memory else self._new


class Place:
    """One run's place among all: it waits for its turn, can leave for a while, and return."""

    def __init__(self, admission: Admission, memory_mb: int) -> None:
        self.memory_mb = memory_mb
        self.holds_memory = False
        self.state = _State.OUTSIDE
        self._admission = admission
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = asyncio.Event()

    async def __aenter__(self) -> Self:
        with contextlib.ExitStack() as undoing:
            undoing.callback(self._end)
            await self.enter()
            undoing.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._end()

    def __del__(self) -> None:
        self._end()

    async def enter(self) -> None:
        """Wait until this run may compute; one that may already goes on at once."""
        if self.state is _State.COMPUTING:
            return
        self._loop = asyncio.get_running_loop()
        self._turn.clear()
        with contextlib.ExitStack() as undoing:
            undoing.callback(self.leave)
            self._admission.line_up(self)
            await self._turn.wait()
            undoing.pop_all()

    def leave(self) -> None:
        """Let another run compute while this one pauses or waits; its memory stays reserved."""
        self._admission.let_go(self, for_good=False)

    def wake(self) -> bool:
        """Let the task go on that waits in `enter`, from any thread; False when it is gone."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._turn.set)
        except RuntimeError:  # Its event loop was closed.
            return False
        return True

    def _end(self) -> None:
        self._admission.let_go(self, for_good=True)


@functools.cache
def shared_admission(at_once: int | None, memory_mb: int | None) -> Admission:
    """Give the one admission of this process that has these bounds; None for the default ones."""
    return Admission(at_once=at_once, memory_mb=memory_mb)


def machine_memory_mb() -> int:
    """Give the memory of the machine, or of the container, in MiB."""
    found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in _MEMORY_OF_CONTAINER:
        with contextlib.suppress(OSError, ValueError):
            found = min(found, int(path.read_text()))
    return found // MIB


def _cores() -> int:
    """Give the number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

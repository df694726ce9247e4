"""When a run computes, and the clocks that run meanwhile."""

import asyncio
from collections.abc import Callable
from enum import Enum, auto

from abm_quant.contracts.events import FailureReason
from abm_quant.contracts.jobs import Limits
from abm_quant.running.admission import Place
from abm_quant.running.child import ProtocolBroken


class Clock:
    """Calls once when so many seconds have gone by, not counting those for which it is stopped."""

    def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
        self._left_s = seconds
        self._ring = ring
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Let it run, where it does not already."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._since = loop.time()
            self._timer = loop.call_later(self._left_s, self._ring)

    def stop(self) -> None:
        """Stop it, where it runs."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._left_s -= asyncio.get_running_loop().time() - self._since


class _State(Enum):
    COMPUTING = auto()
    PAUSED = auto()
    WAITING = auto()  # For answers of the host.


class Turn:
    """A run's turn to compute: its place among all runs, its time, and the time of its pauses."""

    def __init__(
        self, place: Place, limits: Limits, expire: Callable[[FailureReason], None]
    ) -> None:
        self._place = place
        self._has_place = True
        self._state = _State.COMPUTING
        self.rests = 0
        """How often it was paused or waited until now."""
        self._wall = Clock(limits.wall_s, lambda: expire("wall"))
        self._pause = Clock(limits.pause_s, lambda: expire("pause"))

    @property
    def is_computing(self) -> bool:
        """Whether the run may take steps now."""
        return self._state is _State.COMPUTING

    def start(self) -> None:
        """Let the time of the run go on."""
        if self._state is _State.PAUSED:
            self._state = _State.COMPUTING
        self._pause.stop()
        self._wall.start()

    def pause(self) -> None:
        """Give up the place while the run is paused. Raises ProtocolBroken where it waits."""
        if self._state is _State.WAITING:
            raise ProtocolBroken("a pause while it waits for answers")
        self._state = _State.PAUSED
        self.rests += 1
        self.leave()
        self._wall.stop()
        self._pause.start()

    def wait(self) -> None:
        """Take no steps while the run waits for answers. Raises ProtocolBroken where it is paused."""
        if self._state is _State.PAUSED:
            raise ProtocolBroken("questions while it was paused")
        self._state = _State.WAITING
        self.rests += 1

    def leave(self) -> None:
        """Give up the place."""
        self._has_place = False
        self._place.leave()

    def go_on(self) -> bool:
        """Let the run compute on at once where it has kept its place; tells whether it has."""
        if self._has_place:
            self._state = _State.COMPUTING
        return self._has_place

    async def resume(self) -> None:
        """Wait for a place; no time of the run goes by meanwhile."""
        self.end()
        await self._place.enter()
        self._has_place = True
        self._state = _State.COMPUTING
        self._wall.start()

    def end(self) -> None:
        """Stop all clocks."""
        self._wall.stop()
        self._pause.stop()

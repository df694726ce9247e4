"""When a run computes, and the clocks that run meanwhile."""

import asyncio
from collections.abc import Callable

from abm_quant.contracts.events import FailureReason
from abm_quant.contracts.jobs import Limits
from abm_quant.running.admission import Place


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


class Turn:
    """A run's turn to compute: its place among all runs, its time, and the time of its pauses."""

    def __init__(
        self, place: Place, limits: Limits, expire: Callable[[FailureReason], None]
    ) -> None:
        self._place = place
        self._wall = Clock(limits.wall_s, lambda: expire("wall"))
        self._pause = Clock(limits.pause_s, lambda: expire("pause"))

    def start(self) -> None:
        """Let the time of the run go on."""
        self._pause.stop()
        self._wall.start()

    def pause(self) -> None:
        """Give up the place while the run is paused."""
        self._place.leave()
        self._wall.stop()
        self._pause.start()

    async def resume(self) -> None:
        """Wait for a place; no time of the run goes by meanwhile."""
        self.end()
        await self._place.enter()
        self._wall.start()

    def end(self) -> None:
        """Stop all clocks."""
        self._wall.stop()
        self._pause.stop()

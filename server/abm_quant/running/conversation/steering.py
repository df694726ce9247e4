"""A run as its watcher steers it: what is asked of the child, and what the child may confirm.

The child is told to pause, to resume, to take one step and pause again, to stop, or to set a
parameter. It confirms each but a stop with a message. It computes on until it has confirmed a
pause, so its time goes on until then. A slow run is one that pauses after every step.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum, auto

from abm_quant.contracts.events import ParameterSet, RunEvent, RunPaused, RunResumed
from abm_quant.contracts.jobs import ParameterValue, RunJob
from abm_quant.errors import BadRequest
from abm_quant.running.child import ProtocolBroken
from abm_quant.running.conversation.messages import Message, Reply, take
from abm_quant.running.conversation.outbox import Outbox
from abm_quant.running.conversation.turn import Turn

_MOST_ASKED = 1_000


class _State(Enum):
    """What the child does, as far as it is known."""

    RUNNING = auto()
    HALTING = auto()  # It was told to pause, at once or after a step, and has not confirmed it.
    PAUSED = auto()


class Steering:
    """Steers one run. What its watcher asks for takes effect between two steps."""

    def __init__(
        self, job: RunJob, turn: Turn, outbox: Outbox, asking: Mapping[str, Callable[[], None]]
    ) -> None:
        """Take what is to be told, by its name, when the child is asked for one thing more."""
        self._asking = asking
        self._turn = turn
        self._outbox = outbox
        self._state = _State.RUNNING
        self._wanted: int | None = None
        self._steps_a_second: float | None = None
        self._next_step_at = 0.0
        self._departure: asyncio.Task[None] | None = None
        self._is_going_on = False
        self._is_shown_paused = False
        self._is_stopping = False
        self._scheduled = deque(sorted(job.changes, key=lambda each: each.step))
        self._asked: deque[tuple[str, ParameterValue]] = deque()
        self.replies: dict[str, Reply] = {
            "paused": self._read_paused,
            "resumed": self._read_resumed,
            "set": self._read_set,
        }

    @property
    def is_paused(self) -> bool:
        """Whether the child has confirmed that it waits."""
        return self._state is _State.PAUSED

    def pause(self) -> None:
        """Pause as soon as the step that is being taken is done."""
        self._wanted = 0
        self._stay()
        if self._state is _State.RUNNING or (self.is_paused and not self._is_shown_paused):
            self._halt()

    def resume(self) -> None:
        """Go on."""
        self._wanted = None
        self._depart()

    def step(self, count: int) -> None:
        """Take so many steps more, then pause."""
        self._wanted = (self._wanted or 0) + count
        if self._state is _State.RUNNING:
            self._halt()
        self._depart()

    def stop(self) -> None:
        """End the run in order as soon as the step that is being taken is done."""
        if not self._is_stopping:
            self._is_stopping = True
            self._stay()
            self._turn.start()
            self._outbox.tell("stop")

    def set(self, name: str, value: ParameterValue) -> None:
        """Give a parameter another value. Raises BadRequest when too many changes wait."""
        if len(self._asked) >= _MOST_ASKED:
            raise BadRequest(
                "The run has not taken the changes before this one yet; wait until its step is done."
            )
        self._outbox.tell("set", name=name, value=value)
        self._asked.append((name, value))

    def ask(self, what: str) -> None:
        """Ask for a frame, which a paused run gives as well, or a checkpoint before the next step."""
        self._asking[what]()
        self._outbox.tell(what)

    def speed(self, steps_a_second: float | None) -> None:
        """Take at most so many steps a second; None for as many as it can."""
        self._steps_a_second = steps_a_second
        if self._state is _State.RUNNING and steps_a_second is not None:
            self._halt()
        elif self._departure is not None:
            self._stay()
            self._depart()

    def end(self) -> None:
        """Ask for nothing more."""
        self._stay()
        self._turn.end()

    def _halt(self) -> None:
        """Have the child confirm a pause, also one that it has begun."""
        if not self._is_stopping:
            self._state = _State.HALTING
            self._turn.start()
            self._outbox.tell("pause")

    def _depart(self) -> None:
        """Let a paused child go on, when it is time and there is a place for it."""
        if self.is_paused and self._departure is None and not self._is_stopping:
            self._departure = asyncio.get_running_loop().create_task(self._go_on())

    def _stay(self) -> None:
        if self._departure is not None:
            self._departure.cancel()
            self._departure = None
            self._turn.pause()

    async def _go_on(self) -> None:
        loop = asyncio.get_running_loop()
        if self._steps_a_second is not None:
            await asyncio.sleep(self._next_step_at - loop.time())
            self._next_step_at = loop.time() + 1 / self._steps_a_second
        await self._turn.resume()
        self._departure = None
        self._is_going_on = True
        if self._wanted is None and self._steps_a_second is None:
            self._state = _State.RUNNING
            self._outbox.tell("resume")
            return
        if self._wanted is not None:
            self._wanted -= 1
        self._state = _State.HALTING
        self._outbox.tell("step")

    def _read_paused(self, message: Message, steps: int) -> list[RunEvent]:
        _expect(message, steps)
        if self._state is not _State.HALTING or self._is_going_on:
            raise ProtocolBroken("a pause that was not asked for")
        self._state = _State.PAUSED
        if self._is_stopping:
            return []
        self._turn.pause()
        if self._wanted != 0:
            self._depart()
            return []
        self._is_shown_paused = True
        return [RunPaused(step=steps)]

    def _read_resumed(self, message: Message, steps: int) -> list[RunEvent]:
        _expect(message, steps)
        if not self._is_going_on:
            raise ProtocolBroken("going on without being asked")
        self._is_going_on = False
        was_shown, self._is_shown_paused = self._is_shown_paused, False
        return [RunResumed(step=steps)] if was_shown else []

    def _read_set(self, message: Message, steps: int) -> list[RunEvent]:
        """The value is the one that was asked for, not the one that comes back."""
        _expect(message, steps + 1)
        name, value = message.get("name"), message.get("value")
        if self._scheduled and self._scheduled[0].step <= steps + 1:
            change = self._scheduled.popleft()
            asked = change.name, change.value
        elif self._asked:
            asked = self._asked.popleft()
        else:
            raise ProtocolBroken("a change that was not asked for")
        if (name, value) != asked:
            raise ProtocolBroken("another change than was asked for")
        return [ParameterSet(step=steps + 1, name=asked[0], value=asked[1])]


def _expect(message: Message, step: int) -> None:
    if step < 0 or take(message, "step", int) != step:
        raise ProtocolBroken("an answer with a step that was not due")

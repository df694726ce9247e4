"""Controls: what the watcher of a run may ask of it while it runs."""

import math
from collections.abc import Callable

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.jobs import ParameterValue
from abm_quant.errors import BadRequest
from abm_quant.running.conversation.parameters import Parameters
from abm_quant.running.conversation.steering import Steering

_MOST_EARLY = 1_000
_MOST_ORDERS = 100_000
"""Each may bring events that are kept with the run."""
_Order = Callable[[Steering], None]


class Controls:
    """Steers one run of a bundle; hand it to Sandbox.run, and call it in the run's event loop.

    All takes effect between two steps, and is told by an event: RunPaused, RunResumed,
    ParameterSet, RunFinished. What is asked before the run begins waits for it. Everything raises
    BadRequest, with a sentence for the watcher, when it cannot be asked; the run goes on.
    """

    def __init__(self, bundle: CodeBundle) -> None:
        self._parameters = Parameters(bundle)
        self._steering: Steering | None = None
        self._early: list[_Order] = []
        self._left = _MOST_ORDERS
        self._is_over = False

    @property
    def live_parameters(self) -> frozenset[str]:
        """The parameters that can be set while the model runs."""
        return self._parameters.live

    def pause(self) -> None:
        """Pause after the step that is being taken. A paused run uses no time and no place."""
        self._give(Steering.pause)

    def resume(self) -> None:
        """Go on after a pause."""
        self._give(Steering.resume)

    def step(self, count: int = 1) -> None:
        """Take so many steps more, then pause."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise BadRequest(f"A run can take 1 or more steps, not {count!r}.")
        self._give(lambda steering: steering.step(count))

    def stop(self) -> None:
        """End the run after the step that is being taken; what was recorded stays."""
        self._give(Steering.stop)

    def set(self, name: str, value: ParameterValue) -> None:
        """Give a parameter another value, from the next step on."""
        self._parameters.check_change(name, value)
        self._give(lambda steering: steering.set(name, value))

    def speed(self, steps_a_second: float | None) -> None:
        """Take at most so many steps a second; None for as many as it can."""
        if steps_a_second is not None and not (
            isinstance(steps_a_second, int | float) and 0 < steps_a_second < math.inf
        ):
            raise BadRequest(f"The speed must be a number above 0, not {steps_a_second!r}.")
        self._give(lambda steering: steering.speed(steps_a_second))

    def frame(self) -> None:
        """Record a frame of the agents now, of a paused run as well."""
        self._give(lambda steering: steering.ask("frame"))

    def checkpoint(self) -> None:
        """Take a checkpoint before the next step, or before the run stops."""
        self._give(lambda steering: steering.ask("checkpoint"))

    def attach(self, steering: Steering) -> None:
        """Begin with what was asked before the run began; the run calls this."""
        self._steering = steering
        while self._early:
            self._early.pop(0)(steering)

    def detach(self) -> None:
        """Take no more; the run calls this when it is over."""
        self._steering = None
        self._is_over = True

    def _give(self, order: _Order) -> None:
        if self._is_over:
            raise BadRequest("The run is over; it cannot be steered any more.")
        if self._left == 0:
            raise BadRequest(f"More than {_MOST_ORDERS:,} times was something asked of this run.")
        self._left -= 1
        if self._steering is not None:
            order(self._steering)
        elif len(self._early) < _MOST_EARLY:
            self._early.append(order)
        else:
            raise BadRequest("Too much was asked of a run that has not begun; wait for its start.")

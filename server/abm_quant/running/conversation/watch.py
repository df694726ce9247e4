"""Looks after a child again and again: its memory, its files, and that it rests when it says so."""

import asyncio
from collections.abc import Callable

from abm_quant.contracts.events import FailureReason
from abm_quant.contracts.jobs import Limits
from abm_quant.contracts.problems import Problem
from abm_quant.running.child import Child
from abm_quant.running.conversation.failures import limit_problem, protocol_problem, scratch_problem
from abm_quant.running.conversation.turn import Turn
from abm_quant.running.limits import MIB

_EVERY_S = 0.02
_MEMORY_TOLERANCE = 1.05
_MAX_SCRATCH_FILES = 100
_MOST_RESTING_CPU_S = 1
"""A child that rests may still use as much, to send what it has and to do what it is asked."""


class Watch:
    """Watches one child from `start` to `end`; calls `stop` with what it finds."""

    def __init__(
        self,
        child: Child,
        limits: Limits,
        *,
        turn: Turn,
        stop: Callable[[FailureReason, Problem], None],
    ) -> None:
        self._child = child
        self._limits = limits
        self._turn = turn
        self._stop = stop
        self._most_resident = 0
        self._rest = 0
        self._rest_cpu_s = 0.0
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin, with the memory that the child has now as that of its interpreter."""
        budget = int(self._limits.memory_mb * MIB * _MEMORY_TOLERANCE)
        self._most_resident = self._child.resident_bytes() + budget
        self._look()

    def end(self) -> None:
        """Look no more."""
        if self._next is not None:
            self._next.cancel()

    def _look(self) -> None:
        limits = self._limits
        if self._child.resident_bytes() > self._most_resident:
            self._stop("memory", limit_problem("memory", limits))
        elif self._scratch_is_full():
            self._stop("output", scratch_problem(limits, _MAX_SCRATCH_FILES))
        elif self._works_while_it_rests():
            self._stop("protocol", protocol_problem("that it rests, while it computes"))
        else:
            self._next = asyncio.get_running_loop().call_later(_EVERY_S, self._look)

    def _scratch_is_full(self) -> bool:
        files, size = self._child.scratch.use(_MAX_SCRATCH_FILES)
        return files > _MAX_SCRATCH_FILES or size > self._limits.scratch_mb * MIB

    def _works_while_it_rests(self) -> bool:
        """Tell whether a child that has no place and no time going by uses the processor."""
        cpu_s = self._child.cpu_seconds()
        if self._turn.is_computing:
            return False
        if self._rest != self._turn.rests:
            self._rest, self._rest_cpu_s = self._turn.rests, cpu_s
        return cpu_s - self._rest_cpu_s > _MOST_RESTING_CPU_S

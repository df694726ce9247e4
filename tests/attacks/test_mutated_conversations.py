"""A child that says anything, in any order, while a watcher asks for anything.

The run may end in any way that has a name; its place among all runs is given back.
"""

import asyncio
import json
import random
from contextlib import suppress
from typing import Any, cast

import pytest

from abm_quant.contracts.events import run_event
from abm_quant.contracts.jobs import Record
from abm_quant.errors import BadRequest
from abm_quant.running.admission import Admission
from abm_quant.running.child import Child, Exit
from abm_quant.running.conversation.broker import Echo
from abm_quant.running.conversation.controls import Controls
from abm_quant.running.process import Conversation
from mutations import MESSAGES, mutated
from sandboxed import walkers

ANSWERS: list[dict[str, Any]] = [
    {"type": "paused", "step": 0},
    {"type": "resumed", "step": 0},
    {"type": "set", "step": 1, "name": "gain", "value": 2.0},
    {"type": "ask", "id": 1, "questions": [1], "timeout_s": 1},
    {"type": "checkpoint", "step": 1, "part": 0, "of": 1, "data": "aGk="},
    {"type": "checkpoint", "step": 1, "part": 0, "of": 2, "data": "aGk="},
    {"type": "unsaved", "why": "x"},
    {"type": "inexact", "of": "set"},
]


class Says:
    """A child, with its channel and its folder in one, that says some lines and hears nothing."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines
        self.channel = self.scratch = self

    async def lines(self) -> list[bytes]:
        return [self._lines.pop(0)] if self._lines else []

    def push(self, data: bytes) -> bytes:
        return b""

    def forgive(self, size: int) -> None: ...

    def use(self, most: int) -> tuple[int, int]:
        return 0, 0

    def kill(self) -> None: ...

    def resident_bytes(self) -> int:
        return 0

    def cpu_seconds(self) -> float:
        return 0

    async def end(self) -> None: ...

    async def exit(self) -> Exit:
        return Exit(status=1, cpu_s=0)


def lines_of(chance: random.Random) -> list[bytes]:
    """Give some lines, most of them with the step that is due."""
    lines, steps = [], 0
    for _ in range(chance.randint(2, 10)):
        message = dict(chance.choice([*MESSAGES, *ANSWERS, MESSAGES[1], MESSAGES[1]]))
        due = {"steps": steps, "agents": steps, "set": steps}.get(message["type"], steps - 1)
        message |= {name: due for name in ("step", "first") if name in message}
        steps += message["type"] == "steps"
        changed = mutated(message, chance) if chance.random() < 0.3 else message
        lines.append(json.dumps(changed).encode())
    return lines


def ask_for_something(controls: Controls, chance: random.Random) -> None:
    """Ask for anything that a watcher may ask for."""
    orders = (controls.pause, controls.resume, controls.step, controls.stop)
    others = (controls.frame, controls.checkpoint, lambda: controls.speed(1e3))
    with suppress(BadRequest):
        chance.choice([*orders, *others, lambda: controls.set("gain", 2.0)])()


@pytest.mark.parametrize("seed", range(4))
async def test_every_run_ends_and_gives_its_place_back(seed: int) -> None:
    chance, admission, ends = random.Random(seed), Admission(at_once=1), set()
    job = walkers(steps=3, record=Record(frames_every=1), checkpoint_every=1)
    for _ in range(300):
        child, controls = cast(Child, Says(lines_of(chance))), Controls(job.bundle)
        async with asyncio.timeout(60), admission.place(16) as place:
            host = Echo() if chance.random() < 0.7 else None
            conversation = Conversation(child, job, place=place, controls=controls, host=host)
            async with conversation:
                while (event := await conversation.next_event()) is not None:
                    assert run_event.validate_json(run_event.dump_json(event)) == event
                    ask_for_something(controls, chance)
                ends.add((await conversation.last_event()).type)
    assert ends == {"run-finished", "run-failed"}

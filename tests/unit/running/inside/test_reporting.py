"""What a run says, as it stands on the channel and as the service reads it."""

import json
import os
import tempfile
from collections.abc import Iterator
from typing import IO, Any

import pytest

from abm_quant.contracts.events import ProblemNoticed, RunEvent, StepRecorded
from abm_quant.contracts.jobs import RunJob
from abm_quant.running.conversation.messages import Listener
from abm_quant.running.inside.reporting import MAX_LINE, MessageTooLong, Printed, Reporter
from abm_quant.running.inside.tracking import AgentTable
from sandboxed import bundle


class Wire:
    """A channel whose lines can be read back."""

    def __init__(self, file: IO[bytes]) -> None:
        self.printed = Printed()
        self._file = file
        self.reporter = Reporter(file.fileno(), self.printed)
        self._listener = Listener(RunJob(bundle=bundle("", max_steps=10_000), seed=1))
        self._read = 0

    def lines(self) -> list[bytes]:
        """Give the lines that were sent since the last call."""
        size = os.fstat(self._file.fileno()).st_size
        data = os.pread(self._file.fileno(), size - self._read, self._read)
        self._read = size
        return data.splitlines()

    def messages(self) -> list[dict[str, Any]]:
        """Give the messages that were sent since the last call."""
        return [json.loads(line) for line in self.lines()]

    def events(self) -> list[RunEvent]:
        """Give what the service makes of what was sent since the last call."""
        return [event for line in self.lines() for event in self._listener.read(line)]


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Give a channel."""
    with tempfile.TemporaryFile() as file:
        yield Wire(file)


def test_the_first_two_steps_are_sent_at_once_and_later_ones_together(wire: Wire) -> None:
    wire.reporter.step(0, {"x": 1})
    assert wire.messages() == [{"type": "steps", "first": 0, "count": 1, "model": {"x": [1]}}]
    wire.reporter.step(1, {"x": 2.5})
    assert len(wire.lines()) == 1
    for step in (2, 3, 4):
        wire.reporter.step(step, {"x": step})
    assert wire.lines() == []
    wire.reporter.flush()
    assert wire.messages() == [{"type": "steps", "first": 2, "count": 3, "model": {"x": [2, 3, 4]}}]


def test_what_is_said_between_steps_keeps_its_place(wire: Wire) -> None:
    for step in range(4):
        if step == 3:
            wire.printed.write("three")
        wire.reporter.step(step, {"x": step})
    wire.reporter.flush()
    kinds = [each.type if each.type != "step-recorded" else each.step for each in wire.events()]
    assert kinds == [0, 1, 2, "text-printed", 3]


def test_agents_stay_with_their_step(wire: Wire) -> None:
    for step in range(5):
        ids = [1, 2] if step in (2, 4) else []
        if ids:
            wire.reporter.agents(step, AgentTable("Wolf", ids, {"age": ids}))
        wire.reporter.step(step, {"x": step})
    wire.reporter.flush()
    steps = [each for each in wire.events() if isinstance(each, StepRecorded)]
    assert [len(each.agents) for each in steps] == [0, 0, 1, 0, 1]
    assert steps[4].agents["Wolf"].attributes == {"age": [1, 2]}


def test_series_that_appear_later_begin_a_new_message(wire: Wire) -> None:
    rows: list[dict[Any, Any]] = [{"a": 1}, {"a": 1}, {"a": 2}, {"b": 3, "a": 4}, {"a": 5, "b": 6}]
    rows += [{7: 8}, {}]
    for step, row in enumerate(rows):
        wire.reporter.step(step, row)
    wire.reporter.flush()
    steps = [each for each in wire.events() if isinstance(each, StepRecorded)]
    named = [{str(name): value for name, value in row.items()} for row in rows]
    assert [each.model for each in steps] == named


def test_a_number_that_is_none_is_a_gap_and_a_huge_one_is_noticed_before_its_step(
    wire: Wire,
) -> None:
    for step, value in enumerate([1.0, 2.0, float("nan"), float("-inf"), 10**400, 5.0]):
        wire.reporter.step(step, {"x": value})
    wire.reporter.flush()
    events = wire.events()
    steps = [each for each in events if isinstance(each, StepRecorded)]
    bits = (10**400).bit_length()
    expected = [1.0, 2.0, None, None, f"a whole number of {bits} bits", 5.0]
    assert [each.model["x"] for each in steps] == expected
    noticed = next(n for n, each in enumerate(events) if isinstance(each, ProblemNoticed))
    assert noticed < events.index(steps[4])


def test_values_that_change_later_are_sent_as_they_were(wire: Wire) -> None:
    growing: list[int] = []
    for step in range(4):
        growing.append(step)
        wire.reporter.step(step, {"x": growing})
    wire.reporter.flush()
    steps = [each for each in wire.events() if isinstance(each, StepRecorded)]
    assert [each.model["x"] for each in steps] == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]


def test_a_message_that_would_be_too_long_is_sent_in_parts(wire: Wire) -> None:
    row = {f"{number:01000}": 0.1234567890123456 for number in range(1000)}
    for step in range(5):
        wire.reporter.step(step, row)
    wire.reporter.flush()
    lines = wire.lines()
    assert all(len(line) <= MAX_LINE for line in lines)
    assert [json.loads(line)["count"] for line in lines] == [1, 1, 1, 2]


def test_a_step_that_no_message_can_hold_is_refused(wire: Wire) -> None:
    with pytest.raises(MessageTooLong):
        wire.reporter.step(0, {f"{number:0100}": "x" * 2_000 for number in range(500)})

"""Every byte from a child is read as if an enemy had sent it."""

import json
from typing import Any

import pytest

from abm_quant.contracts.events import RunFailed, RunFinished, StepRecorded
from abm_quant.contracts.jobs import Limits
from abm_quant.running.child import ProtocolBroken
from abm_quant.running.conversation.messages import Listener, parse
from sandboxed import walkers

BROKEN = {"type": "failed", "reason": "exception", "line": None, "exception": "E", "message": "m"}
STEPS = {"type": "steps", "first": 0, "count": 1, "model": {"x": [1]}}
AGENTS = {
    "type": "agents",
    "step": 0,
    "agent_type": "Wolf",
    "id": [1, 2],
    "attributes": {"energy": [1, 2]},
}


def listener_after(*messages: dict[str, Any]) -> Listener:
    listener = Listener(walkers(steps=3))
    for message in messages:
        listener.read(json.dumps(message).encode())
    return listener


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"\xff\xfe",
        b"[1]",
        b"null",
        b'{"type": "steps", "first": 0, "count": 1, "model": {"x": [NaN]}}',
        b'{"type": "steps", "first": 0, "count": 1, "model": {"x": [Infinity]}}',
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"type": "printed", "text": "\\ud800"}',
    ],
)
def test_what_is_not_a_plain_json_object_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolBroken):
        parse(line)


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ([], {"type": "run-started", "seed": 1}),
        ([], {"type": "confined", "layers": []}),
        ([], {"type": ["step"]}),
        ([], {}),
        ([], {"type": "step", "step": 0, "model": {}}),
        ([], {**STEPS, "first": 1}),
        ([], {**STEPS, "first": True}),
        ([], {**STEPS, "first": 0.0}),
        ([], {**STEPS, "count": 0, "model": {}}),
        ([], {**STEPS, "count": True}),
        ([], {**STEPS, "count": 5, "model": {}}),
        ([], {**STEPS, "count": 10**12, "model": {}}),
        ([], {**STEPS, "model": {"x": [1, 2]}}),
        ([], {**STEPS, "model": {"x": 1}}),
        ([], {**STEPS, "count": 2, "model": {"x": "12"}}),
        ([], {"type": "steps", "first": 0, "count": 1}),
        ([], {**STEPS, "model": {str(n): [n] for n in range(10_001)}}),
        ([STEPS], STEPS),
        ([STEPS], {**STEPS, "first": 2}),
        ([{**STEPS, "first": n} for n in range(4)], {**STEPS, "first": 4}),
        ([], {"type": "finished", "steps": 0, "stop_reason": "steps"}),
        ([STEPS], {"type": "finished", "steps": 3, "stop_reason": "steps"}),
        ([STEPS], {"type": "finished", "steps": 0, "stop_reason": None}),
        ([], {"type": "failed", "reason": "cancelled", "line": None}),
        ([], {"type": "failed", "reason": "exception", "line": "1"}),
        ([], {**BROKEN, "agent": "Wolf 1"}),
        ([], {**BROKEN, "agent": {"type": "Wolf"}}),
        ([], {**BROKEN, "agent": {"type": "Wolf <b>", "id": 1}}),
        ([], {**BROKEN, "agent": {"type": "W" * 101, "id": 1}}),
        ([], {**BROKEN, "agent": {"type": "Wolf", "id": -1}}),
        ([], {**BROKEN, "agent": {"type": "Wolf", "id": 10**15}}),
        ([], {"type": "printed", "text": "x" * 250_001}),
        ([], {"type": "agents", "step": 0, "agent_type": "A", "id": ["1"], "attributes": {}}),
        ([], {"type": "agents", "step": 0, "agent_type": "A", "id": [1], "attributes": {"e": []}}),
        ([], {"type": "agents", "step": 3, "agent_type": "A", "id": [], "attributes": {}}),
        ([], {**AGENTS, "id": [10**15, 1]}),
        ([], {**AGENTS, "agent_type": "../../A"}),
        ([], {**AGENTS, "attributes": {"a" * 1_001: [1, 2]}}),
        ([], {**AGENTS, "attributes": {}}),
        ([AGENTS], {**AGENTS, "id": [], "attributes": {"energy": []}}),
        ([AGENTS, STEPS], {**AGENTS, "step": 1, "attributes": {"other": [1, 2]}}),
        ([], {**STEPS, "model": {"x": [10**308]}}),
        ([], {**STEPS, "model": {"x": [{"y": [-(10**308)]}]}}),
        ([], {"type": "printed", "text": ""}),
    ],
)
def test_a_forged_message_breaks_the_protocol(
    before: list[dict[str, Any]], message: dict[str, Any]
) -> None:
    listener = listener_after(*before)
    with pytest.raises(ProtocolBroken):
        listener.read(json.dumps(message).encode())


def test_what_is_recorded_at_both_ends_of_a_step_has_names_with_a_blank() -> None:
    columns = {"energy (start)": [1, 2], "energy (end)": [3, 4]}
    listener = listener_after({**AGENTS, "attributes": columns})
    (event,) = listener.read(json.dumps(STEPS).encode())
    assert isinstance(event, StepRecorded)
    assert event.agents["Wolf"].attributes == columns


def test_parts_of_a_long_agent_table_are_joined() -> None:
    part = {"type": "agents", "step": 0, "agent_type": "A"}
    listener = listener_after(
        {**part, "id": [1, 2], "attributes": {"e": [0.5, None]}},
        {**part, "id": [3], "attributes": {"e": [2]}},
    )
    (event,) = listener.read(json.dumps(STEPS).encode())
    assert isinstance(event, StepRecorded)
    assert event.agents["A"].id == [1, 2, 3]
    assert event.agents["A"].attributes == {"e": [0.5, None, 2]}


def test_a_table_may_not_change_its_columns_within_a_step() -> None:
    part = {"type": "agents", "step": 0, "agent_type": "A", "id": [1]}
    listener = listener_after({**part, "attributes": {"e": [1]}})
    with pytest.raises(ProtocolBroken, match="columns change"):
        listener.read(json.dumps({**part, "attributes": {"f": [1]}}).encode())


def test_a_type_without_agents_at_a_step_keeps_its_columns() -> None:
    nobody = {**AGENTS, "step": 1, "id": [], "attributes": {}}
    listener = listener_after(AGENTS, STEPS, nobody, {**STEPS, "first": 1})
    (event,) = listener_after(nobody | {"step": 0}).read(json.dumps(STEPS).encode())
    assert isinstance(event, StepRecorded)
    assert listener.steps == 1
    assert event.agents["Wolf"].id == []


def test_many_digits_in_a_text_are_no_number() -> None:
    text = "0" * 400
    (event,) = Listener(walkers()).read(json.dumps({**STEPS, "model": {"x": [text]}}).encode())
    assert event == StepRecorded(step=0, model={"x": text})


def test_endless_notices_break_the_protocol() -> None:
    listener = Listener(walkers())
    notice = b'{"type": "not-json", "series": "x", "kind": "set"}'
    with pytest.raises(ProtocolBroken, match="notices"):
        for _ in range(1_001):
            listener.read(notice)


def test_steps_in_a_failure_are_counted_by_the_service() -> None:
    listener = listener_after(STEPS, {**STEPS, "first": 1})
    claim = {"type": "failed", "reason": "exception", "line": 10**9, "exception": "E"}
    (event,) = listener.read(json.dumps({**claim, "message": "m" * 10**5, "steps": 77}).encode())
    assert isinstance(event, RunFailed)
    assert event.steps == 1
    assert len(event.problem.message) < 2_500
    assert event.problem.path == ""


def test_a_failure_names_the_agent_whose_turn_it_was() -> None:
    listener = listener_after(STEPS)
    (event,) = listener.read(json.dumps({**BROKEN, "agent": {"type": "Wolf", "id": 7}}).encode())
    assert isinstance(event, RunFailed)
    assert event.problem.message == "E: m in the turn of Wolf 7, in step 1."


def test_an_honest_end_is_believed() -> None:
    listener = listener_after(STEPS)
    end = {"type": "finished", "steps": 0, "stop_reason": "globalVariable.sick"}
    assert listener.read(json.dumps(end).encode()) == [
        RunFinished(steps=0, stop_reason="globalVariable.sick")
    ]


def test_the_columns_of_several_steps_become_one_event_a_step() -> None:
    listener = listener_after(STEPS)
    columns = {"x": [2, 3], "y": [None, "b"]}
    events = listener.read(json.dumps({**STEPS, "first": 1, "count": 2, "model": columns}).encode())
    assert events == [
        StepRecorded(step=1, model={"x": 2, "y": None}),
        StepRecorded(step=2, model={"x": 3, "y": "b"}),
    ]
    assert listener.steps == 2


def rows_of(*messages: dict[str, Any], rows: int) -> list[str | int]:
    """Give the steps that are recorded under a limit of rows, and how the run then failed."""
    listener = Listener(walkers(steps=9, limits=Limits(rows=rows)))
    found: list[str | int] = []
    for message in messages:
        for event in listener.read(json.dumps(message).encode()):
            if isinstance(event, RunFailed):
                found.append(f"{event.reason} after step {event.steps}")
            elif isinstance(event, StepRecorded):
                found.append(event.step)
    return found


@pytest.mark.parametrize(
    ("messages", "rows", "expected"),
    [
        ([{**STEPS, "count": 4, "model": {}}], 3, [0, 1, 2, 3]),
        ([{**STEPS, "count": 4, "model": {}}], 2, [0, 1, 2, "output after step 2"]),
        ([AGENTS, STEPS], 3, [0]),
        ([AGENTS], 1, ["output after step 0"]),
        ([{**STEPS, "model": {"x": [[[], [{}, {}]]]}}], 5, [0]),
        ([{**STEPS, "model": {"x": [[[] for _ in range(9)]]}}], 5, ["output after step 0"]),
        ([{**STEPS, "model": {f"x{n}": [1] for n in range(99)}}], 5, [0]),
    ],
)
def test_rows_are_counted_here(
    messages: list[dict[str, Any]], rows: int, expected: list[str | int]
) -> None:
    assert rows_of(*messages, rows=rows) == expected

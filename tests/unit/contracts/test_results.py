"""Collecting a stream of events gives one result, however the run ends."""

import time
from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError

from abm_quant.contracts.events import (
    AgentColumns,
    ProblemNoticed,
    RunEvent,
    RunFailed,
    RunFinished,
    RunStarted,
    StepRecorded,
    TextPrinted,
    run_event,
)
from abm_quant.contracts.jobs import SandboxReport
from abm_quant.contracts.problems import problem
from abm_quant.contracts.results import RunResult, collect
from abm_quant.storage.tables import model_table

STARTED = RunStarted(seed=7, steps=2, sandbox=SandboxReport(level="kernel"))


async def stream(*events: RunEvent) -> AsyncIterator[RunEvent]:
    for event in events:
        yield event


async def test_a_finished_run_is_a_table_by_columns() -> None:
    result = await collect(
        stream(
            STARTED,
            StepRecorded(step=0, model={"wolves": 5, "mood": "calm"}),
            StepRecorded(step=1, model={"wolves": 4, "mood": "wild"}),
            RunFinished(steps=1, stop_reason="globalVariable.wolves"),
        )
    )
    assert result.finished
    assert (result.seed, result.steps, result.stop_reason) == (7, 1, "globalVariable.wolves")
    assert result.model == {"wolves": [5, 4], "mood": ["calm", "wild"]}
    assert result.sandbox == SandboxReport(level="kernel")


async def test_series_that_begin_late_or_end_early_keep_their_length() -> None:
    result = await collect(
        stream(
            STARTED,
            StepRecorded(step=0, model={"early": 1}),
            StepRecorded(step=1, model={"early": 2, "late": 3}),
            StepRecorded(step=2, model={"late": 4}),
        )
    )
    assert result.model == {"early": [1, 2, None], "late": [None, 3, 4]}
    assert result.steps == 2


async def test_attributes_that_are_called_like_columns_have_columns_of_their_own() -> None:
    values: dict[str, list[int]] = {"id": [7, 8], "step": [1, 2], "type": [3, 4]}
    first = AgentColumns(id=[1, 2], attributes=dict(values))
    result = await collect(stream(STARTED, StepRecorded(step=0, model={}, agents={"Wolf": first})))
    own = {"step": [0, 0], "id": [1, 2]}
    assert result.agents["Wolf"] == own | {f"agent.{name}": each for name, each in values.items()}


async def test_agents_become_a_tidy_table() -> None:
    first = AgentColumns(id=[1, 2], attributes={"energy": [4.0, 5.0]})
    second = AgentColumns(id=[2], attributes={"energy": [6.0]})
    result = await collect(
        stream(
            STARTED,
            StepRecorded(step=0, model={}, agents={"Wolf": first}),
            StepRecorded(step=1, model={}, agents={"Wolf": second}),
        )
    )
    assert result.agents == {
        "Wolf": {"step": [0, 0, 1], "id": [1, 2, 2], "energy": [4.0, 5.0, 6.0]}
    }


async def test_a_failed_run_keeps_what_was_recorded() -> None:
    noticed = problem("value-not-json", "/globalVariables/0", "A set was recorded as text.")
    broke = problem("run-failed", "/agents/0/0", "It divided by zero.")
    result = await collect(
        stream(
            STARTED,
            StepRecorded(step=0, model={"x": 1}),
            TextPrinted(text="one "),
            TextPrinted(text="two"),
            ProblemNoticed(problem=noticed),
            RunFailed(steps=0, reason="exception", problem=broke),
        )
    )
    assert not result.finished
    assert (result.failure, result.stop_reason, result.steps) == ("exception", None, 0)
    assert result.model == {"x": [1]}
    assert result.printed == "one two"
    assert result.problems == [noticed, broke]


async def test_two_results_share_nothing() -> None:
    first = await collect(stream(StepRecorded(step=0, model={"x": 1})))
    second = await collect(stream())
    assert first.model == {"x": [1]}
    assert second.model == {}


async def test_agent_attributes_that_come_and_go_leave_gaps() -> None:
    steps = [
        StepRecorded(
            step=0, model={}, agents={"Wolf": AgentColumns(id=[1], attributes={"a": [5]})}
        ),
        StepRecorded(
            step=1, model={}, agents={"Wolf": AgentColumns(id=[1, 2], attributes={"id": [7, 8]})}
        ),
        StepRecorded(
            step=2, model={}, agents={"Wolf": AgentColumns(id=[2], attributes={"a": [6]})}
        ),
    ]
    result = await collect(stream(STARTED, *steps))
    assert result.agents["Wolf"] == {
        "step": [0, 1, 1, 2],
        "id": [1, 1, 2, 2],
        "a": [5, None, None, 6],
        "agent.id": [None, 7, 8, None],
    }


async def test_a_continued_run_begins_after_its_checkpoint() -> None:
    started = STARTED.model_copy(update={"step": 4})
    result = await collect(stream(started, StepRecorded(step=5, model={"wolves": 3})))
    assert (result.first_step, result.steps) == (5, 5)
    assert model_table(result) == {"step": [5], "wolves": [3]}


def test_a_result_is_written_in_camel_case() -> None:
    assert RunResult(stop_reason="max-steps").model_dump()["stopReason"] == "max-steps"


def test_events_survive_json() -> None:
    event = StepRecorded(
        step=3, model={"x": None}, agents={"A": AgentColumns(id=[1], attributes={"y": ["z"]})}
    )
    assert run_event.validate_json(run_event.dump_json(event)) == event


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(ValidationError):
        run_event.validate_json('{"type": "run-exploded"}')


async def test_what_is_printed_letter_by_letter_is_collected_without_copying_it_each_time() -> None:
    letters = [TextPrinted(text="\N{GRINNING FACE}")] * 100_000  # 4 bytes each: 20 GB in all
    began = time.process_time()
    result = await collect(stream(STARTED, *letters))
    assert time.process_time() - began < 2  # 0.1; 6 where each text was copied
    assert result.printed == "\N{GRINNING FACE}" * 100_000

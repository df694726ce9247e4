"""The Desk: whatever a sandbox does, a run ends with a record and a result on disk."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from abm_quant.api.performing import Desk
from abm_quant.authoring.table import author_for
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.events import RunEvent, RunFinished, RunStarted, StepRecorded
from abm_quant.contracts.jobs import RunJob, SandboxReport
from abm_quant.errors import SandboxUnavailable, StorageError
from abm_quant.pipeline import Tools
from abm_quant.storage.models import ModelStore
from abm_quant.storage.runs import RunRecord, RunStore, new_run_id

REPORT = SandboxReport(level="kernel")
BUNDLE = CodeBundle(
    target="mesa",
    files={"model.py": ""},
    entry_point="M",
    parameters=(),
    max_steps=3,
    requirements=(),
)


class Told:
    """A sandbox that says what it was told to say; an exception is raised, None waits for ever."""

    report = REPORT

    def __init__(self, *said: RunEvent | Exception | None) -> None:
        self.said = said
        self.closed = False

    async def run(self, job: RunJob, **_: Any) -> AsyncIterator[RunEvent]:
        try:
            for each in self.said:
                if isinstance(each, Exception):
                    raise each
                if each is None:
                    await asyncio.Event().wait()
                else:
                    yield each
        finally:
            self.closed = True


STARTED = RunStarted(seed=1, steps=3, sandbox=REPORT)
STEP = StepRecorded(step=0, model={"n": 5})
FINISHED = RunFinished(steps=3, stop_reason="max-steps")


@pytest.fixture
def runs(tmp_path) -> RunStore:
    return RunStore(tmp_path)


def desk_of(sandbox: Told, runs: RunStore, max_active: int = 4) -> Desk:
    tools = Tools(author=author_for, models=ModelStore(runs._folder), sandbox=sandbox)
    return Desk(runs, tools, max_active=max_active)


def record() -> RunRecord:
    return RunRecord(
        id=new_run_id(), model_id="m", target="mesa", seed=1, of=3, created=datetime.now(UTC)
    )


async def perform(sandbox: Told, runs: RunStore) -> RunRecord:
    desk = desk_of(sandbox, runs)
    run = await desk.start(RunJob(bundle=BUNDLE, seed=1), record())
    assert await desk.wait(run, 5)
    await run.task
    assert runs.get(run.record.id) == run.record
    assert runs.result(run.record.id) == run.result
    return run.record


async def test_a_run_that_finishes(runs):
    done = await perform(Told(STARTED, STEP, FINISHED), runs)
    assert (done.status, done.step, done.stop_reason) == ("finished", 3, "max-steps")
    assert done.ended is not None
    assert runs.result(done.id).model == {"n": [5]}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((SandboxUnavailable("No room."),), "No room."),
        ((STARTED, RuntimeError("boom")), "failed unexpectedly"),
        ((STARTED, STEP), "without saying how"),
        ((), "without saying how"),
    ],
)
async def test_a_run_that_breaks_off_has_failed(runs, said, words):
    with capture_logs():
        done = await perform(Told(*said), runs)
    assert done.status == "failed"
    assert words in done.problems[-1].message
    assert "boom" not in done.problems[-1].message


async def test_a_cancelled_run_closes_the_sandbox_and_keeps_what_was_recorded(runs):
    sandbox = Told(STARTED, STEP, None)
    desk = desk_of(sandbox, runs)
    run = await desk.start(RunJob(bundle=BUNDLE, seed=1), record())
    while run.record.status != "running":
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    assert (await desk.cancel(run.record.id)).status == "cancelled"
    assert sandbox.closed
    assert runs.result(run.record.id).model == {"n": [5]}
    assert runs.result(run.record.id).failure == "cancelled"


async def test_a_run_that_is_cancelled_at_once_ends_too(runs):
    desk = desk_of(Told(STARTED, None), runs, max_active=1)
    for _ in range(2):
        run = await desk.start(RunJob(bundle=BUNDLE, seed=1), record())
        assert (await desk.cancel(run.record.id)).status == "cancelled"
        assert runs.get(run.record.id).status == "cancelled"


async def test_closing_ends_all_runs(runs):
    desk = desk_of(Told(STARTED, None), runs)
    started = [await desk.start(RunJob(bundle=BUNDLE, seed=1), record()) for _ in range(3)]
    await desk.close()
    assert {runs.get(each.record.id).status for each in started} == {"cancelled"}


async def test_a_record_that_cannot_be_written_starts_nothing(runs, monkeypatch):
    def fail(*_: object) -> None:
        raise StorageError("Full.")

    desk = desk_of(Told(STARTED, None), runs, max_active=1)
    monkeypatch.setattr(runs, "save", fail)
    for _ in range(2):
        with pytest.raises(StorageError):
            await desk.start(RunJob(bundle=BUNDLE, seed=1), record())

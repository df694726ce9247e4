"""Performs runs beside the requests that asked for them, and knows where each one stands."""

import asyncio
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import structlog

from abm_quant import pipeline
from abm_quant.api.feeds import Feed, kept_feed
from abm_quant.contracts.events import (
    FailureReason,
    RunEvent,
    RunFailed,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    StepRecorded,
)
from abm_quant.contracts.jobs import RunJob
from abm_quant.contracts.problems import problem
from abm_quant.contracts.results import RunResult, add_event
from abm_quant.errors import AbmError, BadRequest, SandboxUnavailable, TooManyRuns
from abm_quant.pipeline import Tools
from abm_quant.running.conversation.controls import Controls
from abm_quant.storage.files import Page
from abm_quant.storage.runs import RunRecord, RunStore

log = structlog.get_logger(__name__)

BREATH_S = 0.002
"""A run whose events come in heaps is interrupted after so long."""
CANCELLED = "The run was cancelled."


@dataclass(kw_only=True)
class ActiveRun:
    """A run that is queued or under way in this process."""

    record: RunRecord
    job: RunJob
    feed: Feed
    controls: Controls
    result: RunResult = field(default_factory=RunResult)
    task: asyncio.Task[None] | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the last event; the record and the result are then final, and soon on disk."""

    def __post_init__(self) -> None:
        self.result.seed = self.record.seed

    def take(self, event: RunEvent) -> None:
        """Take one more event into the result and the record, and let watchers have it."""
        add_event(self.result, event)
        record = self.record
        match event:
            case RunStarted():
                record.status, record.of, record.sandbox = "running", event.steps, event.sandbox
            case StepRecorded():
                record.step = event.step
            case RunPaused():
                record.status = "paused"
            case RunResumed():
                record.status = "running"
            case RunFinished():
                record.status, record.step = "finished", event.steps
                record.stop_reason = event.stop_reason
            case RunFailed():
                record.status = "cancelled" if event.reason == "cancelled" else "failed"
                record.step, record.failure = event.steps, event.reason
        if len(record.problems) != len(self.result.problems):
            record.problems = list(self.result.problems)
        self.feed.tell(event)
        if record.is_over:
            record.ended = datetime.now(UTC)
            self.over.set()

    def fail(self, reason: FailureReason, message: str) -> None:
        """End the run, if it has not ended, for a reason that does not lie in its model."""
        if self.record.is_over:
            return
        hint = "Start it again with the same seed to get the same results."
        found = problem("run-failed", "", message, hint)
        self.take(RunFailed(steps=self.record.step, reason=reason, problem=found))


class Breath:
    """Lets the rest of the service have its turn, again and again, beside what never waits."""

    def __init__(self) -> None:
        self._due = time.monotonic() + BREATH_S

    async def take(self) -> None:
        """Give way where it is due."""
        if time.monotonic() > self._due:
            await asyncio.sleep(0)
            self._due = time.monotonic() + BREATH_S


class Desk:
    """Takes runs in, lets them go on as tasks, and keeps what they give."""

    def __init__(self, runs: RunStore, tools: Tools, *, max_active: int) -> None:
        self._runs = runs
        self._tools = tools
        self._max_active = max_active
        self._active: dict[str, ActiveRun] = {}

    async def start(self, job: RunJob, record: RunRecord) -> ActiveRun:
        """Begin a run; raises SandboxUnavailable or TooManyRuns when it cannot be taken in."""
        report = self._tools.sandbox.report
        if not report.available:
            raise SandboxUnavailable(report.reason)
        if len(self._active) >= self._max_active:
            raise TooManyRuns(
                f"{self._max_active} runs are queued or running, the most that this service takes. "
                "Ask again when one has ended, or cancel one with DELETE /runs/{id}."
            )
        run = ActiveRun(
            record=record,
            job=job,
            feed=Feed(self._runs.events(record.id)),
            controls=Controls(job.bundle),
        )
        self._active[record.id] = run
        try:
            await asyncio.to_thread(self._runs.save, record)
        except BaseException:
            del self._active[record.id]
            raise
        run.task = asyncio.create_task(self._perform(run), name=f"run {record.id}")
        return run

    async def wait(self, run: ActiveRun, timeout_s: float) -> bool:
        """Tell whether a run comes to its end within some seconds; it goes on in any case."""
        with suppress(TimeoutError):
            await asyncio.wait_for(run.over.wait(), timeout_s)
        return run.record.is_over

    async def record(self, run_id: str) -> RunRecord:
        """Give where a run stands now; raises NotFound."""
        active = self._active.get(run_id)
        return active.record if active else await asyncio.to_thread(self._runs.get, run_id)

    async def page(self, *, limit: int, cursor: str | None) -> Page[RunRecord]:
        """Give where the runs stand, newest first."""
        page = await asyncio.to_thread(self._runs.page, limit=limit, cursor=cursor)
        current = [
            self._active[each.id].record if each.id in self._active else each for each in page.items
        ]
        return Page(items=current, next_cursor=page.next_cursor)

    async def result(self, run_id: str) -> RunResult:
        """Give the result of a run that is over; raises NotFound."""
        active = self._active.get(run_id)
        if active is not None and active.record.is_over:
            return active.result
        return await asyncio.to_thread(self._runs.result, run_id)

    async def feed(self, run_id: str) -> Feed:
        """Give the events of a run; raises NotFound."""
        active = self._active.get(run_id)
        if active is not None:
            return active.feed
        record = await asyncio.to_thread(self._runs.get, run_id)
        return await asyncio.to_thread(kept_feed, record, self._runs.events(run_id))

    def controls(self, run_id: str) -> Controls:
        """Give what steers a run that goes on; raises BadRequest for one that is over."""
        active = self._active.get(run_id)
        if active is None or active.record.is_over:
            raise BadRequest("The run is over; it cannot be steered any more.")
        return active.controls

    async def cancel(self, run_id: str) -> RunRecord:
        """End a run that goes on, and give where it stood; a run that is over stays as it is."""
        active = self._active.get(run_id)
        if active is None or active.task is None:
            return await self.record(run_id)
        if not active.record.is_over and not active.task.cancelling():
            active.task.cancel()
        await asyncio.wait({active.task})
        if run_id in self._active:  # it was cancelled before its first moment
            active.fail("cancelled", CANCELLED)
            await self._keep(active)
        return active.record

    async def close(self) -> None:
        """End all runs that go on."""
        for run_id in list(self._active):
            await self.cancel(run_id)

    async def _perform(self, run: ActiveRun) -> None:
        """Take a run from its first event to its record on disk."""
        try:
            stream = pipeline.run(run.job, self._tools, controls=run.controls)
            async with aclosing(cast(Any, stream)) as events:
                breath = Breath()
                async for event in events:
                    run.take(event)
                    if run.feed.is_due:
                        await run.feed.save()
                    await breath.take()
            if not run.record.is_over:
                run.fail("protocol", "The run ended without saying how.")
        except asyncio.CancelledError:
            run.fail("cancelled", CANCELLED)
        except AbmError as error:
            run.fail("crash", str(error))
        except Exception:
            log.exception("run crashed", run=run.record.id)
            run.fail("crash", "The service failed unexpectedly while it performed this run.")
        finally:
            await self._keep(run)

    async def _keep(self, run: ActiveRun) -> None:
        """Put the record, the events and the result of a run that is over on disk."""
        try:
            await run.feed.save()
            await asyncio.to_thread(self._runs.save, run.record, run.result)
        except AbmError as error:
            log.error("run not kept", run=run.record.id, reason=str(error))
        finally:
            del self._active[run.record.id]
        log.info("run over", run=run.record.id, status=run.record.status, step=run.record.step)

"""The Sandbox that gives every run a process of its own."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Self

import structlog

from abm_quant.contracts.events import (
    FailureReason,
    RunEvent,
    RunFailed,
    RunFinished,
    RunStarted,
    StepRecorded,
)
from abm_quant.contracts.jobs import Limits, RunJob, SandboxReport
from abm_quant.contracts.problems import Problem
from abm_quant.errors import SandboxUnavailable
from abm_quant.running.admission import Admission, Place, shared_admission
from abm_quant.running.child import Child, ChildLost, LineTooLong, ProtocolBroken, TooMuchOutput
from abm_quant.running.conversation.broker import Broker, Host
from abm_quant.running.conversation.checkpoints import Checkpoints
from abm_quant.running.conversation.controls import Controls
from abm_quant.running.conversation.failures import (
    ended_problem,
    limit_problem,
    protocol_problem,
)
from abm_quant.running.conversation.frames import Frames
from abm_quant.running.conversation.jobs import check_job, job_line, steps_to_take
from abm_quant.running.conversation.messages import Listener, parse
from abm_quant.running.conversation.outbox import Outbox
from abm_quant.running.conversation.resuming import state_lines, without_past_changes
from abm_quant.running.conversation.steering import Steering
from abm_quant.running.conversation.turn import Turn
from abm_quant.running.conversation.watch import Watch

log = structlog.get_logger(__name__)

START_TIMEOUT_S = 60
_NOT_STARTED = (
    "The process for the run could not start: {why}. Check that Python can import mesa, agentpy, "
    "numpy, pandas and networkx there."
)


class ProcessSandbox:
    """Runs each job in a process of its own, as soon as the admission lets it in."""

    def __init__(
        self,
        report: SandboxReport,
        start: Callable[[str, Limits], Child],
        *,
        admission: Admission | None = None,
    ) -> None:
        self._report = report
        self._start_child = start
        self._admission = admission or shared_admission(None, None)

    @property
    def report(self) -> SandboxReport:
        """What this sandbox enforces, or why it refuses."""
        return self._report

    async def run(
        self, job: RunJob, *, controls: Controls | None = None, host: Host | None = None
    ) -> AsyncIterator[RunEvent]:
        """Give the events of one run; closing the iterator kills the run.

        Raises, before the first event, SandboxUnavailable when this machine cannot confine code
        and BadRequest when the job cannot be run at all (see jobs.check_job); TooManyRuns when too
        many wait already.
        """
        if not self._report.available:
            raise SandboxUnavailable(self._report.reason)
        check_job(job)
        job = without_past_changes(job)
        async with self._admission.place(job.limits.memory_mb) as place:
            child = await self._ready_child(job)
            try:
                yield started(job, self._report)
                conversation = Conversation(child, job, place=place, controls=controls, host=host)
                async with conversation:
                    while (event := await conversation.next_event()) is not None:
                        yield event
                    yield await conversation.last_event()
            finally:
                await child.end()

    async def _ready_child(self, job: RunJob) -> Child:
        """Give a child that is ready. What starts them may have ended just now, so it is tried twice."""
        try:
            return await self._child(job)
        except ChildLost:
            pass
        try:
            return await self._child(job)
        except ChildLost as failure:
            log.error("run refused", level=self._report.level, reason=str(failure))
            raise SandboxUnavailable(_NOT_STARTED.format(why=failure)) from failure

    async def _child(self, job: RunJob) -> Child:
        child = self._start(job)
        ready = False
        try:
            await _await_ready(child)
            ready = True
        finally:
            if not ready:
                await child.end()
        return child

    def _start(self, job: RunJob) -> Child:
        try:
            return self._start_child(job.bundle.target, job.limits)
        except OSError as failure:
            raise SandboxUnavailable(
                f"No process could be started for the run ({failure.strerror}). "
                "Check the space in the folder for temporary files and the number of processes."
            ) from failure


def started(job: RunJob, report: SandboxReport) -> RunStarted:
    """Give the event with which a run begins."""
    at = job.resume.step if job.resume else 0
    return RunStarted(seed=job.seed, steps=steps_to_take(job), step=at, sandbox=report)


class Conversation:
    """What is said between the service and one child, under the clock. A context; kills at its end."""

    def __init__(
        self,
        child: Child,
        job: RunJob,
        *,
        place: Place,
        controls: Controls | None = None,
        host: Host | None = None,
    ) -> None:
        self._child = child
        self._job = job
        self._controls = controls
        self._outbox = Outbox(child.channel)
        self._turn = Turn(place, job.limits, self._expire)
        self._frames = Frames(job)
        self._checkpoints = Checkpoints(job, child.channel.forgive)
        asking = {"frame": self._frames.ask, "checkpoint": self._checkpoints.ask}
        self._steering = Steering(job, self._turn, self._outbox, asking)
        self._broker = Broker(host, job.limits, turn=self._turn, outbox=self._outbox)
        self._watch = Watch(child, job.limits, turn=self._turn, stop=self._stop)
        replies = self._steering.replies | self._broker.replies
        self._listener = Listener(job, replies | self._frames.replies | self._checkpoints.replies)
        self._waiting: list[bytes] = []
        self._events: deque[RunEvent] = deque()
        self._stopped: tuple[FailureReason, Problem] | None = None
        self._end: RunEvent | None = None

    async def __aenter__(self) -> Self:
        self._turn.start()
        self._watch.start()  # First: from the first line on, the child's memory is the model's.
        for line in (job_line(self._job), *state_lines(self._job)):
            self._outbox.put(line)
        if self._controls is not None:
            self._controls.attach(self._steering)
        self._outbox.begin()  # So what was asked before the start comes with the job.
        return self

    async def __aexit__(self, *_: object) -> None:
        self._child.kill()
        self._fall_silent()
        self._watch.end()
        await self._broker.end()

    async def next_event(self) -> RunEvent | None:
        """Give the next event, None when only the last one is left."""
        try:
            while not self._events:
                if self._end or not (self._waiting or await self._receive()):
                    return None
                self._read(self._waiting.pop(0))
            return self._events.popleft()
        except TooMuchOutput:
            self._expire("output")
        except LineTooLong:
            self._stop("protocol", protocol_problem("a line that is too long"))
        except ProtocolBroken as broken:
            self._stop("protocol", protocol_problem(str(broken)))
        return None

    def _read(self, line: bytes) -> None:
        events = self._listener.read(line)
        if not self._turn.is_computing and any(isinstance(each, StepRecorded) for each in events):
            raise ProtocolBroken("a step while it was paused")
        if events and isinstance(events[-1], RunFinished | RunFailed):
            self._end = events.pop()
        self._events.extend(events)

    async def last_event(self) -> RunEvent:
        """End the child and give the event that ends the run."""
        self._fall_silent()
        if self._end is not None:
            await self._child.end()
            return self._end
        end = await self._child.exit()
        reason, problem = self._stopped or ended_problem(end, self._job.limits)
        return RunFailed(steps=self._listener.steps, reason=reason, problem=problem)

    def _fall_silent(self) -> None:
        """Say nothing more to the child."""
        if self._controls is not None:
            self._controls.detach()
        self._steering.end()
        self._outbox.close()

    async def _receive(self) -> bool:
        self._waiting = await self._child.channel.lines()
        return bool(self._waiting)

    def _expire(self, reason: FailureReason) -> None:
        self._stop(reason, limit_problem(reason, self._job.limits))

    def _stop(self, reason: FailureReason, problem: Problem) -> None:
        """Kill the child for the first reason that there is."""
        if self._stopped is None:
            self._stopped = (reason, problem)
        self._child.kill()


async def _await_ready(child: Child) -> None:
    """Wait until the child is ready to read the job; where it is confined, it is so by then."""
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            await child.started()
            lines = await child.channel.lines()
    except TimeoutError as failure:
        raise SandboxUnavailable(
            f"The process for the run was not ready within {START_TIMEOUT_S} s; "
            "the machine is overloaded. Try again later."
        ) from failure
    if not lines:
        end = await child.exit()
        raise SandboxUnavailable(_NOT_STARTED.format(why=f"it ended with status {end.status}"))
    answer = parse(lines[0])
    if answer.get("type") != "ready":
        raise SandboxUnavailable(_NOT_STARTED.format(why=answer.get("text")))

"""Trials: the runs that checks ask for, each made once, few at a time, within a budget of time."""

import asyncio
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from abm_quant.contracts.events import RunEvent, RunStarted
from abm_quant.contracts.jobs import Limits, ParameterValue, RunJob
from abm_quant.contracts.problems import errors
from abm_quant.contracts.results import RunResult, add_event
from abm_quant.errors import BadRequest, SandboxUnavailable
from abm_quant.running.sandbox import Sandbox
from abm_quant.verifying.instruments import OWN_SERIES, PLAIN, PROBE, fitted
from abm_quant.verifying.report import Report, read_reports
from abm_quant.verifying.subject import Subject

AT_ONCE = 2
SHARE = 0.3
"""The most of the whole budget that one run may take."""
START_S = 5.0
"""How long the first process may take to come up before that counts."""
CUT = ("wall", "cpu")


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A run that a check needs. Equal trials are one run."""

    seed: int = 1
    parameters: tuple[tuple[str, ParameterValue], ...] = ()
    instrument: str = PLAIN
    steps: int | None = None
    """None for the whole horizon."""
    repeat: int = 0
    """Tells apart runs that must be made more than once."""


@dataclass(kw_only=True)
class Outcome:
    """What a trial gave."""

    trial: Trial
    result: RunResult
    seconds: float = 0
    """From its start, without that of the process."""
    is_cut: bool = False
    """Whether the time for it was up before its end."""

    @property
    def series(self) -> dict[str, list[Any]]:
        """What the model records, without the reports of the instruments."""
        return {name: each for name, each in self.result.model.items() if name not in OWN_SERIES}

    @cached_property
    def reports(self) -> list[Report]:
        """What an instrument reported, one for each step; read when the run is over."""
        return read_reports(self.result.model.get(PROBE, []))

    @property
    def broke(self) -> bool:
        """Whether the model failed by itself."""
        return self.result.failure is not None and not self.is_cut


class NotChecked(Exception):
    """A check cannot be made; the text says why."""


@dataclass
class Trials:
    """Makes the runs that are asked for. Close it, so that none goes on."""

    subject: Subject
    sandbox: Sandbox
    limits: Limits
    budget_s: float
    made: int = 0
    _tasks: dict[Trial, "asyncio.Task[Outcome]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        grace = START_S if self.budget_s > 0 else 0
        self._end = asyncio.get_running_loop().time() + self.budget_s + grace
        self._has_begun = False

    def ahead(self, *trials: Trial) -> None:
        """Begin runs that will be asked for, in this order."""
        for trial in trials:
            if trial not in self._tasks:
                self._tasks[trial] = asyncio.create_task(self._make(trial))

    async def get(self, trial: Trial) -> Outcome:
        """Give the outcome of a trial; raises NotChecked when there is none."""
        self.ahead(trial)
        return await asyncio.shield(self._tasks[trial])

    async def all(self, *trials: Trial) -> list[Outcome]:
        """Give the outcomes of trials that are made side by side."""
        self.ahead(*trials)
        return [await self.get(each) for each in trials]

    async def close(self) -> None:
        """End what still runs."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    @property
    def left_s(self) -> float:
        """What is left of the budget."""
        return self._end - asyncio.get_running_loop().time()

    async def _make(self, trial: Trial) -> Outcome:
        bundle = fitted(self.subject, trial.instrument)
        if bundle is None:
            raise NotChecked(f"It needs an instrument that {self.subject.bundle.target} lacks.")
        async with self._turns:
            if self.left_s <= 0:
                raise NotChecked("The time was up.")
            job = RunJob(
                bundle=bundle,
                seed=trial.seed,
                steps=self.subject.horizon if trial.steps is None else trial.steps,
                parameters=dict(trial.parameters),
                limits=self.limits,
            )
            try:
                outcome = await self._run(job, Outcome(trial=trial, result=RunResult()))
            except (SandboxUnavailable, BadRequest) as failure:
                raise NotChecked(str(failure)) from failure
        if outcome.is_cut and not outcome.result.model:
            raise NotChecked("The time was up before the first step was recorded.")
        return outcome

    async def _run(self, job: RunJob, outcome: Outcome) -> Outcome:
        loop = asyncio.get_running_loop()
        events = self.sandbox.run(job)
        start = loop.time()
        try:
            async with asyncio.timeout(self.left_s) as clock:
                async for event in events:
                    if isinstance(event, RunStarted):
                        start = loop.time()
                        self._begin(start)
                        own = start + self.budget_s * SHARE
                        clock.reschedule(min(own, self._end))
                    self._take(outcome, event)
        except TimeoutError:
            outcome.is_cut = True
        finally:
            await events.aclose()  # type: ignore[attr-defined]
        outcome.is_cut = outcome.is_cut or outcome.result.failure in CUT
        outcome.seconds = loop.time() - start
        return outcome

    def _begin(self, now: float) -> None:
        """Let the budget count from the first run on: a sandbox may have to come up before."""
        if not self._has_begun:
            self._has_begun = True
            self._end = min(self._end, now + self.budget_s)

    def _take(self, outcome: Outcome, event: RunEvent) -> None:
        self.made += isinstance(event, RunStarted)
        add_event(outcome.result, event)


BASE = Trial()
AGAIN = Trial(repeat=1)
OTHER_SEEDS = (Trial(seed=2), Trial(seed=3))
PROBED = Trial(instrument="probed")


async def working(trials: Trials) -> Outcome:
    """Give the outcome of the plain run; raises NotChecked when the model breaks in it."""
    outcome = await trials.get(BASE)
    if outcome.broke and outcome.result.failure != "memory":
        raise NotChecked("The model breaks; see the check `runs`.")
    return outcome


async def reported(trials: Trials) -> Outcome:
    """Give the outcome with reports on the state; raises NotChecked where there are none."""
    outcome = await trials.get(PROBED)
    if not outcome.reports:
        failures = errors(outcome.result.problems)
        why = failures[0].message if failures else "it gave no report"
        raise NotChecked(f"The instrument did not work: {why}")
    return outcome


def with_parameter(trial: Trial, name: str, value: ParameterValue) -> Trial:
    """Give the trial with another value of a parameter."""
    return replace(trial, parameters=(*trial.parameters, (name, value)))

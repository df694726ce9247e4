"""A Sandbox that runs jobs in the process of the tests: for what needs many runs of honest models."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import numpy as np

from abm_quant.contracts.events import (
    AgentColumns,
    RunEvent,
    RunFailed,
    RunFinished,
    RunStarted,
    StepRecorded,
)
from abm_quant.contracts.jobs import RunJob, SandboxReport
from abm_quant.running.conversation.failures import Claim, exception_problem
from abm_quant.running.conversation.jobs import check_job, steps_to_take
from abm_quant.running.harness import load, model_line
from abm_quant.running.inside.adapters import ADAPTERS, Adapter
from abm_quant.running.inside.tracking import AgentTable
from abm_quant.running.inside.values import NotJson, column_to_json, to_json


class InProcess:
    """Runs one job at a time, unconfined. A run can be left between any two steps."""

    report = SandboxReport(level="none")

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def run(self, job: RunJob, **_: Any) -> AsyncIterator[RunEvent]:
        """Give the events of one run."""
        check_job(job)
        async with self._turn:
            async for event in self._run(job):
                yield event

    async def _run(self, job: RunJob) -> AsyncIterator[RunEvent]:
        yield RunStarted(seed=job.seed, steps=steps_to_take(job), sandbox=self.report)
        random.seed(job.seed)
        np.random.seed(job.seed)
        adapter, bundle = ADAPTERS[job.bundle.target], job.bundle
        step, built = 0, False
        try:
            module = load(bundle.files["model.py"])
            tracking = adapter.track(lambda agent_type, ids: None)
            name, parameters = bundle.entry_point, dict(job.parameters)
            model = adapter.build(module, name, parameters, job.seed, tracking.follow)
            built = True
            yield recorded(adapter, model, tracking.take(), step=step)
            while step < steps_to_take(job) and adapter.is_running(model):
                await asyncio.sleep(0)
                adapter.step(model)
                step += 1
                yield recorded(adapter, model, tracking.take(), step=step)
        except Exception as failure:
            claim = Claim(
                exception=type(failure).__name__, message=str(failure), line=model_line(failure)
            )
            problem = exception_problem(bundle, claim, step if built else None)
            yield RunFailed(steps=step, reason="exception", problem=problem)
            return
        reason = "steps" if adapter.is_running(model) else adapter.stop_reason(model)
        yield RunFinished(steps=step, stop_reason=str(reason))


def recorded(adapter: Adapter, model: Any, tables: list[AgentTable], *, step: int) -> StepRecorded:
    """Give what a model recorded at a step."""
    agents = {
        table.agent_type: AgentColumns(
            id=table.ids,
            attributes={name: column_to_json(each)[0] for name, each in table.columns.items()},
        )
        for table in tables
    }
    series = {name: value_of(value) for name, value in adapter.series(model).items()}
    return StepRecorded(step=step, model=series, agents=agents)


def value_of(value: Any) -> Any:
    """Give the JSON form of a value, the text of one that has none."""
    try:
        return to_json(value)
    except NotJson as reason:
        return reason.text

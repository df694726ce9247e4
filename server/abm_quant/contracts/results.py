"""RunResult: a run's events, collected into tables."""

from collections.abc import AsyncIterator
from typing import Any

from abm_quant.contracts.events import (
    AgentColumns,
    ParameterSet,
    ProblemNoticed,
    RunEvent,
    RunFailed,
    RunFinished,
    RunStarted,
    StepRecorded,
    TextPrinted,
)
from abm_quant.contracts.jobs import ParameterChange, SandboxReport
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.wire import Wire

Series = list[Any]
"""One value a step, the first for step 0; None where a series has no value yet."""


OWN_COLUMNS = ("type", "step", "id")
"""Columns that say which agent and step a row is about; attributes of these names are told apart."""


class RunResult(Wire):
    """All that one run gave. `model` is a table by columns, `agents` a tidy table by columns."""

    seed: int = 0
    """The seed that was used."""
    first_step: int = 0
    """The step of the first row; another than 0 where a run was continued from a checkpoint."""
    steps: int = 0
    """Steps that were taken, those before a checkpoint among them."""
    stop_reason: str | None = None
    """Why the run ended; None when it failed."""
    failure: str | None = None
    """The kind of failure; None when it finished."""
    sandbox: SandboxReport | None = None
    """What was enforced."""
    model: dict[str, Series] = {}
    """Series by name, one value a step from the first one (step 0 is the state after
    initialization)."""
    agents: dict[str, dict[str, list[Any]]] = {}
    """By agent type: the columns `step`, `id` and one for each tracked attribute; an attribute
    called `step`, `id` or `type` is `agent.step`, `agent.id` or `agent.type`."""
    changes: list[ParameterChange] = []
    """Parameters that were changed while the model ran; a job with them repeats the run."""
    problems: list[Problem] = []
    """What went wrong or was noticed while the model ran."""
    printed: str = ""
    """What the model printed."""

    @property
    def finished(self) -> bool:
        """Whether the run came to its own end."""
        return self.failure is None


def add_event(result: RunResult, event: RunEvent) -> None:
    """Take one more event into a result."""
    match event:
        case RunStarted():
            result.seed, result.sandbox = event.seed, event.sandbox
            result.first_step = event.step and event.step + 1
            result.steps = event.step
        case StepRecorded():
            _add_step(result, event)
        case TextPrinted():
            text, result.printed = result.printed, ""
            text += event.text  # Grows in place, as nothing else holds it: no text is copied anew.
            result.printed = text
        case ProblemNoticed():
            result.problems.append(event.problem)
        case ParameterSet():
            change = ParameterChange(step=event.step, name=event.name, value=event.value)
            result.changes.append(change)
        case RunFinished():
            result.steps, result.stop_reason = event.steps, event.stop_reason
        case RunFailed():
            result.steps, result.failure = event.steps, event.reason
            result.problems.append(event.problem)


def _add_step(result: RunResult, event: StepRecorded) -> None:
    if event.model.keys() - result.model.keys():
        recorded = max(map(len, result.model.values()), default=0)
        for name in event.model:
            result.model.setdefault(name, [None] * recorded)
    for name, series in result.model.items():
        series.append(event.model.get(name))
    result.steps = event.step
    for type_name, columns in event.agents.items():
        _add_agents(result.agents.setdefault(type_name, {}), event.step, columns)


def name_in_table(attribute: str) -> str:
    """Give the name of an attribute's column, which is not that of a column of the table itself."""
    return f"agent.{attribute}" if attribute in OWN_COLUMNS else attribute


def _add_agents(table: dict[str, list[Any]], step: int, columns: AgentColumns) -> None:
    """Add rows; an attribute that some steps lack has gaps there."""
    before = len(table.get("id", []))
    table.setdefault("step", []).extend([step] * len(columns.id))
    table.setdefault("id", []).extend(columns.id)
    for name, values in columns.attributes.items():
        table.setdefault(name_in_table(name), [None] * before).extend(values)
    for column in table.values() if columns.id else ():
        column.extend([None] * (before + len(columns.id) - len(column)))


async def collect(events: AsyncIterator[RunEvent]) -> RunResult:
    """Give the result of a whole stream."""
    result = RunResult()
    async for event in events:
        add_event(result, event)
    return result

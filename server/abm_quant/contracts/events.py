"""RunEvent: what a run says while it happens. A run is a stream of these.

The stream starts with RunStarted, holds StepRecorded in order (step 0 is the state after
initialization) and ends with exactly one RunFinished or RunFailed.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from abm_quant.contracts.jobs import SandboxReport
from abm_quant.contracts.problems import Problem

StopReason = str
"""`max-steps`, `steps` (the caller's number was reached) or the sourceName of the rule that held."""

FailureReason = Literal[
    "exception", "memory", "cpu", "wall", "output", "crash", "protocol", "cancelled"
]


class Event(BaseModel):
    """Something that happened in a run."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class RunStarted(Event):
    """The code was accepted and the run begins."""

    type: Literal["run-started"] = "run-started"
    seed: int
    """The seed that is used."""
    steps: int
    """The most steps that the run will take."""
    sandbox: SandboxReport
    """What is enforced."""


class AgentColumns(Event):
    """The tracked attributes of the agents of one type at one step, as columns of equal length."""

    id: list[int]
    """`unique_id` of each agent."""
    attributes: dict[str, list[Any]]
    """Values by attribute, in the order of `id`."""


class StepRecorded(Event):
    """The tracked variables at one step."""

    type: Literal["step-recorded"] = "step-recorded"
    step: int
    """0 for the state after initialization."""
    model: dict[str, Any]
    """Value by series name."""
    agents: dict[str, AgentColumns] = Field(default_factory=dict)
    """Columns by agent type, for variables that are tracked per agent."""


class TextPrinted(Event):
    """The model printed something."""

    type: Literal["text-printed"] = "text-printed"
    text: str
    """What was printed, cut at a bound."""


class ProblemNoticed(Event):
    """Something about the model showed only while it ran; the run goes on."""

    type: Literal["problem-noticed"] = "problem-noticed"
    problem: Problem
    """What was noticed."""


class RunFinished(Event):
    """The run came to its end."""

    type: Literal["run-finished"] = "run-finished"
    steps: int
    """Steps that were taken."""
    stop_reason: StopReason
    """Why it ended."""


class RunFailed(Event):
    """The run was stopped or broke; what was recorded before stays valid."""

    type: Literal["run-failed"] = "run-failed"
    steps: int
    """Steps that were completed."""
    reason: FailureReason
    """The kind of failure."""
    problem: Problem
    """What happened, where in the specification, and what to do."""


RunEvent = Annotated[
    RunStarted | StepRecorded | TextPrinted | ProblemNoticed | RunFinished | RunFailed,
    Field(discriminator="type"),
]

run_event: TypeAdapter[Any] = TypeAdapter(RunEvent)
"""Reads and writes any RunEvent as JSON."""

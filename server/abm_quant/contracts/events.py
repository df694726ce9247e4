"""RunEvent: what a run says while it happens. A run is a stream of these.

The stream starts with RunStarted, holds StepRecorded in order (step 0 is the state after
initialization) and ends with exactly one RunFinished or RunFailed.
"""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from abm_quant.contracts.jobs import Checkpoint, ParameterValue, SandboxReport
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.wire import Wire

StopReason = str
"""`max-steps`, `steps` (the caller's number was reached), `stopped` (its watcher asked for the end) or
the sourceName of the rule that held."""

FailureReason = Literal[
    "exception", "memory", "cpu", "wall", "pause", "output", "crash", "protocol", "cancelled"
]


class Event(Wire):
    """Something that happened in a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RunStarted(Event):
    """The code was accepted and the run begins."""

    type: Literal["run-started"] = "run-started"
    seed: int
    """The seed that is used."""
    steps: int
    """The most steps that the run will take."""
    step: int = 0
    """The step at which it begins: 0, or that of the checkpoint from which it is continued."""
    sandbox: SandboxReport
    """What is enforced."""


class AgentColumns(Event):
    """The tracked attributes of the agents of one type at one step, as columns of equal length."""

    id: list[int]
    """`unique_id` of each agent; -1 for one that is no whole number from 0 to below 10**15."""
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


class FrameColumns(Event):
    """The agents of one type in a frame, as columns of equal length."""

    total: int
    """Living agents of the type; more than are in the columns where those are a sample."""
    id: list[int]
    """`unique_id` of each agent, in ascending order; -1 as in AgentColumns."""
    x: list[int | float | None] = []
    """Horizontal coordinate of each; None where an agent has no place. Empty without coordinates."""
    y: list[int | float | None] = []
    """Vertical coordinate of each."""
    node: list[Any] = []
    """Node of a network on which each stands; None where an agent has no place."""
    attributes: dict[str, list[Any]] = {}
    """What tells the agents apart, the attribute that app.py colors by first; see CodeBundle.shown."""


class FrameSpace(Event):
    """The space that the agents of a frame are in."""

    kind: Literal["none", "grid", "network", "continuous"]
    """`grid`: coordinates are whole numbers. `continuous`: any. `network`: agents are on nodes."""
    width: float | None = None
    """Horizontal extent; coordinates start at 0. None where there are no coordinates."""
    height: float | None = None
    """Vertical extent."""
    nodes: list[Any] = []
    """The nodes of a network, in the first frame and when they or the links have changed."""
    links: list[tuple[Any, Any]] = []
    """The links of a network, as pairs of nodes; given together with the nodes."""


class FrameRecorded(Event):
    """Where agents are and how they look at one step, for an animation."""

    type: Literal["frame-recorded"] = "frame-recorded"
    step: int
    """0 for the state after initialization."""
    space: FrameSpace
    """The space."""
    agents: dict[str, FrameColumns]
    """Columns by agent type."""


class CheckpointTaken(Event):
    """The run can be continued from the end of a step."""

    type: Literal["checkpoint-taken"] = "checkpoint-taken"
    step: int
    """The step after which it was taken."""
    checkpoint: Checkpoint
    """What continues it."""


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


class RunPaused(Event):
    """The run waits between two steps, as its watcher asked."""

    type: Literal["run-paused"] = "run-paused"
    step: int
    """Steps that were taken until then."""


class RunResumed(Event):
    """The run that was paused goes on."""

    type: Literal["run-resumed"] = "run-resumed"
    step: int
    """Steps that were taken until then."""


class ParameterSet(Event):
    """A parameter got another value while the model runs."""

    type: Literal["parameter-set"] = "parameter-set"
    step: int
    """The first step that is computed with it."""
    name: str
    """Name of the parameter."""
    value: ParameterValue
    """Its value from then on."""


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
    RunStarted
    | StepRecorded
    | FrameRecorded
    | CheckpointTaken
    | TextPrinted
    | ProblemNoticed
    | RunPaused
    | RunResumed
    | ParameterSet
    | RunFinished
    | RunFailed,
    Field(discriminator="type"),
]

run_event: TypeAdapter[Any] = TypeAdapter(RunEvent)
"""Reads and writes any RunEvent as JSON."""

"""RunJob: what a sandbox is asked to do, and what it promises to enforce."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.wire import Wire

ParameterValue = bool | int | float | str


class Limits(Wire):
    """The most that one run may use. A caller may lower a limit and never raise it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    memory_mb: Annotated[int, Field(ge=16)] = 512
    """Address space beyond that of the started interpreter, in MiB."""
    cpu_s: Annotated[float, Field(gt=0)] = 30
    """Processor time, in seconds."""
    wall_s: Annotated[float, Field(gt=0)] = 60
    """Time on the clock, in seconds, without the time for which the run is paused."""
    pause_s: Annotated[float, Field(gt=0)] = 900
    """Time for which the run may be paused in all, in seconds."""
    output_mb: Annotated[float, Field(gt=0)] = 64
    """Bytes that the run may send back, in MiB."""
    rows: Annotated[int, Field(ge=1)] = 1_000_000
    """Rows that the run may send back: one a step, one an agent and step, one a list in a value."""
    scratch_mb: Annotated[int, Field(ge=0)] = 16
    """Size of a file in the run's own scratch folder, in MiB."""
    steps: Annotated[int, Field(ge=1)] = 1_000_000
    """Steps of the model."""
    questions: Annotated[int, Field(ge=0)] = 10_000
    """Questions that the model may ask its host in all."""
    questions_at_once: Annotated[int, Field(ge=1, le=1_000)] = 1_000
    """Questions that it may ask at once."""
    question_s: Annotated[float, Field(gt=0)] = 60
    """Time for which it may wait for the answers to what it asks at once, in seconds."""

    def lowered(self, wanted: "Limits | None") -> "Limits":
        """Give, for each limit that the caller set, the smaller of the two."""
        if wanted is None:
            return self
        asked = {name: getattr(wanted, name) for name in wanted.model_fields_set}
        return self.model_copy(
            update={name: min(value, getattr(self, name)) for name, value in asked.items()}
        )


class Record(Wire):
    """What a run records of single agents; series of the model are always recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agents: Literal["tracked", "none", "all"] = "tracked"
    """Whose attributes are recorded in each step: `tracked` for what the specification tracks per
    agent, `none`, or `all` for every attribute of every agent that is a number, text or boolean."""
    agents_a_step: Annotated[int, Field(ge=1)] = 10_000
    """The most agents of a type whose attributes are recorded in a step. Where there are more, a
    sample is recorded: the same agents through time, chosen by their ids."""
    agent_rows: Annotated[int, Field(ge=1)] = 500_000
    """The most rows, one an agent and step, in a run; what comes after is not recorded."""
    frames_every: Annotated[int, Field(ge=1)] | None = None
    """Steps from one frame of an animation to the next, the first at step 0; None for no frames."""
    most_agents: Annotated[int, Field(ge=1)] = 1_000
    """The most agents of a type in a frame; a sample where there are more, chosen by their ids."""


class Checkpoint(Wire):
    """A run at the end of a step, as it can be continued later, also by another service."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )

    step: Annotated[int, Field(ge=0)]
    """The step after which it was taken."""
    target: str
    """The target framework."""
    source: str
    """SHA-256 of model.py, in hexadecimal digits."""
    seed: int
    """The seed of the run."""
    parameters: dict[str, ParameterValue]
    """The parameters of the run."""
    versions: dict[str, str]
    """The version of Python and of each library that the state may hold objects of."""
    state: Annotated[bytes, Field(repr=False)]
    """The state of the model. Made and read inside the sandbox only: whoever unpickles it elsewhere
    runs whatever its maker wanted."""


class ParameterChange(BaseModel):
    """A parameter that gets another value while the model runs."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    step: Annotated[int, Field(ge=1)]
    """The first step that is computed with it."""
    name: str
    """Name of the parameter."""
    value: ParameterValue
    """Its value from then on."""


@dataclass(frozen=True, kw_only=True)
class RunJob:
    """One run of one bundle."""

    bundle: CodeBundle
    """The code."""
    seed: int
    """Seed of all random numbers of the run."""
    steps: int | None = None
    """Steps to take; None for the model's own maximum. The model's maximum always holds."""
    parameters: dict[str, ParameterValue] = field(default_factory=dict)
    """Keyword arguments of the model class that differ from their defaults."""
    changes: tuple[ParameterChange, ...] = ()
    """What is changed on the way, such as the `changes` of a run that is to be repeated."""
    limits: Limits = field(default_factory=Limits)
    """What the run may use."""
    record: Record = field(default_factory=Record)
    """What is recorded of single agents."""
    checkpoint_every: int | None = None
    """Steps from one checkpoint to the next; None for no checkpoints."""
    resume: Checkpoint | None = None
    """Where to continue; None to begin at step 0. Seed and parameters must be those of the run."""


class SandboxReport(BaseModel):
    """What is enforced around a run."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    level: str
    """`full` (namespaces, Landlock, seccomp), `kernel` (the last two), `noopen` (seccomp), `none`."""
    layers: tuple[str, ...] = ()
    """Each layer that is in force, with what it denies, in words."""
    available: bool = True
    """Whether runs are accepted."""
    reason: str = ""
    """Why they are not, or what is missing, and how to enable it."""

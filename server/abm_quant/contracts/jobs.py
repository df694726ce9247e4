"""RunJob: what a sandbox is asked to do, and what it promises to enforce."""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from abm_quant.contracts.code import CodeBundle

ParameterValue = bool | int | float | str


class Limits(BaseModel):
    """The most that one run may use. A caller may lower a limit and never raise it."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        serialize_by_alias=True,
        frozen=True,
        use_attribute_docstrings=True,
        extra="forbid",
        allow_inf_nan=False,
    )

    memory_mb: Annotated[int, Field(ge=16)] = 512
    """Address space beyond that of the started interpreter, in MiB."""
    cpu_s: Annotated[float, Field(gt=0)] = 30
    """Processor time, in seconds."""
    wall_s: Annotated[float, Field(gt=0)] = 60
    """Time on the clock, in seconds."""
    output_mb: Annotated[float, Field(gt=0)] = 64
    """Bytes that the run may send back, in MiB."""
    scratch_mb: Annotated[int, Field(ge=0)] = 16
    """Size of a file in the run's own scratch folder, in MiB."""
    steps: Annotated[int, Field(ge=1)] = 1_000_000
    """Steps of the model."""

    def lowered(self, wanted: "Limits | None") -> "Limits":
        """Give, for each limit that the caller set, the smaller of the two."""
        if wanted is None:
            return self
        asked = {name: getattr(wanted, name) for name in wanted.model_fields_set}
        return self.model_copy(
            update={name: min(value, getattr(self, name)) for name, value in asked.items()}
        )


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
    limits: Limits = field(default_factory=Limits)
    """What the run may use."""


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

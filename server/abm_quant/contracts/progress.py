"""Progress: what happens while a model is being written, as a stream that ends with the model."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from abm_quant.contracts.problems import Problem
from abm_quant.contracts.verification import Outcome


class Step(BaseModel):
    """Something that happened on the way to a model."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Authoring(Step):
    """The author was asked, for the first time or again."""

    type: Literal["authoring"] = "authoring"
    author: str
    """Who writes: `offline` or `vendor:model`."""
    message: str
    """What happens, in a sentence."""


class DraftGrown(Step):
    """A piece of the model has arrived."""

    type: Literal["draft"] = "draft"
    model: dict[str, Any]
    """The specification as far as it has come; incomplete and unchecked."""
    characters: int
    """Length of the answer so far."""


class Checking(Step):
    """The draft is being read and its references resolved."""

    type: Literal["checking"] = "checking"


class Repairing(Step):
    """The author is asked to mend its draft."""

    type: Literal["repairing"] = "repairing"
    repair: int
    """Which repair this is, counted from 1."""
    most: int
    """The most repairs that are allowed."""
    problems: list[Problem]
    """What it is asked to mend."""


class Compiling(Step):
    """Code is being made of the specification."""

    type: Literal["compiling"] = "compiling"


class Verifying(Step):
    """The code is being run and judged."""

    type: Literal["verifying"] = "verifying"
    done: int
    """How many checks have been made."""
    of: int
    """How many there are to make."""
    check: str | None = None
    """The name of the check that has just been made, null before the first."""
    question: str | None = None
    """What it asked, in words."""
    outcome: Outcome | None = None
    """What came of it."""


Progress = Annotated[
    Authoring | DraftGrown | Checking | Repairing | Compiling | Verifying,
    Field(discriminator="type"),
]

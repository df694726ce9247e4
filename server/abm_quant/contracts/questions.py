"""Questions that a running model asks its host, and the answers."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What a model asks at once."""

    questions: tuple[Any, ...]
    """JSON values; what they mean is between the model and the host."""
    timeout_s: float
    """For how long the model waits; whoever answers is cancelled then."""
    step: int
    """Steps that the model has taken; -1 while it is set up."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the host says to one question: a value, or why there is none."""

    value: Any = None
    """A JSON value."""
    error: str | None = None
    """A sentence for the model, where the question has no answer."""

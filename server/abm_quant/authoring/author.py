"""The Author port: writes a specification from a sentence, and says on the way what happens."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from abm_quant.authoring.changes import Change
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.progress import Step
from abm_quant.contracts.spec import ModelSpec
from abm_quant.contracts.usage import Usage

DEFAULT_REPAIRS = 2
MOST_REPAIRS = 10


@dataclass(frozen=True, kw_only=True)
class Review:
    """What came of reading, checking, compiling and running a draft."""

    problems: list[Problem]
    """All that is wrong or was assumed."""
    spec: ModelSpec | None = None
    """The specification, where it could be read."""
    made: Any = None
    """What was made of it; whoever reviews knows its type, authors hand it on."""
    ran: bool = False
    """Whether the code was run."""


Reviewer = Callable[[Any], AsyncGenerator[Step | Review]]
"""Takes an answer {model, title, explanation} or text; gives its progress, then the Review."""


@dataclass(frozen=True, kw_only=True)
class AuthoringRequest:
    """What an author is asked."""

    prompt: str
    """The user's own words."""
    review: Reviewer
    """Judges drafts."""
    current_model: ModelSpec | None = None
    """The model to change; None for a new one."""
    max_repairs: int = DEFAULT_REPAIRS
    """How often the author may mend its draft, from 0 up."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What an author wrote, after all repairs."""

    model: dict[str, Any]
    """The specification as raw JSON; empty when the author gave none."""
    title: str
    explanation: str
    """Markdown."""
    review: Review
    """The judgement of it; it may still have errors."""
    assumptions: tuple[str, ...] = ()
    """Sentences: what was taken from the prompt, what was assumed, what was not understood."""
    provider: str
    """Who wrote it: `offline` or `vendor:model`."""
    usage: Usage = field(default_factory=Usage)
    repairs: int = 0
    """How often it was mended."""
    changes: tuple[Change, ...] = ()
    """What is different from the current model."""


class Author(Protocol):
    """Writes drafts."""

    def write(self, request: AuthoringRequest) -> AsyncGenerator[Step | Draft]:
        """Give what happens on the way, then the draft.

        Closing the iterator ends the work. Raises NothingFits, ModelUnavailable, ModelRefused,
        ReplyTruncated or ReplyUnreadable when there is no draft to give.
        """
        ...

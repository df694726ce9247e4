"""The Author port: writes the draft of a specification from a sentence."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from abm_quant.contracts.spec import ModelSpec


@dataclass(frozen=True, kw_only=True)
class AuthoringRequest:
    """What an author is asked."""

    prompt: str
    """The user's own words."""
    current_model: ModelSpec | None = None
    """The model to change; None for a new one."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a language model charged for."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What an author wrote, not yet read or checked."""

    model: dict[str, Any]
    """The specification as raw JSON."""
    title: str
    explanation: str
    """Markdown."""
    assumptions: tuple[str, ...] = ()
    """Sentences: what was taken from the prompt, what was assumed, what was not understood."""
    provider: str
    """Who wrote it: `offline` or `vendor:model`."""
    usage: Usage = field(default_factory=Usage)


class Author(Protocol):
    """Writes drafts."""

    async def write(self, request: AuthoringRequest) -> Draft:
        """Give a draft; raises NothingFits or ModelUnavailable when there is none to give."""
        ...

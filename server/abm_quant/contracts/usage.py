"""What the work of language models took."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What language models were given, wrote and charged."""

    input_tokens: int = 0
    """Tokens read, those from a cache included."""
    output_tokens: int = 0
    """Tokens written, the model's thinking included."""
    cached_tokens: int = 0
    """Tokens of the input that came from a cache."""
    stored_tokens: int = 0
    """Tokens of the input that were put into a cache, for which some vendors charge more."""
    cost_usd: float | None = 0.0
    """The price in US dollars; None where no price is known."""

    def __add__(self, other: "Usage") -> "Usage":
        known = self.cost_usd is not None and other.cost_usd is not None
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            stored_tokens=self.stored_tokens + other.stored_tokens,
            cost_usd=(self.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
        )

    def __bool__(self) -> bool:
        return bool(self.input_tokens or self.output_tokens)

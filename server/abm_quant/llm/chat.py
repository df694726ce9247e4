"""ChatModel: the port to language models. One method, which streams."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pydantic import SecretStr

DEFAULT_TIMEOUT_S = 300.0
MOST_OUTPUT_TOKENS = 48_000
"""What an answer may be long, the model's thinking included."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """What a language model is asked."""

    model: str
    """The vendor's name of the model."""
    system: str
    """The instructions; the same for many requests, so that vendors can cache them."""
    messages: tuple[Message, ...]
    """The conversation, which begins and ends with the user."""
    schema: Mapping[str, Any] | None = None
    """The JSON Schema of the answer; None for free text."""
    is_strict: bool = True
    """Whether the vendor enforces the schema; otherwise the answer is only asked to be JSON."""
    effort: str | None = None
    """How much the model may think, such as `low`; None for its default."""
    max_output_tokens: int = MOST_OUTPUT_TOKENS


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What language models were given, wrote and charged."""

    input_tokens: int = 0
    """Tokens read, those from a cache included."""
    output_tokens: int = 0
    """Tokens written, the model's thinking included."""
    cached_tokens: int = 0
    """Tokens of the input that came from a cache."""
    cost_usd: float | None = 0.0
    """The price in US dollars; None where no price is known."""

    def __add__(self, other: "Usage") -> "Usage":
        known = self.cost_usd is not None and other.cost_usd is not None
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cost_usd=(self.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
        )


@dataclass(frozen=True, kw_only=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The request is sent again from its beginning; what came before is void."""

    reason: str
    """A sentence that says why."""
    wait_s: float
    """Seconds until it is sent."""


StopReason = Literal["complete", "truncated", "refused"]


@dataclass(frozen=True, kw_only=True)
class ChatReply:
    """A whole answer; the last event of a stream."""

    text: str
    stop_reason: StopReason
    usage: Usage = field(default_factory=Usage)
    detail: str = ""
    """Why the model refused, in the vendor's words, where it says so."""


ChatEvent = TextDelta | Waiting | ChatReply


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a vendor is asked, and with which key."""

    vendor: str
    """Its name in the catalogue."""
    label: str
    """What people call it."""
    base_url: str
    key: SecretStr | None = None
    timeout_s: float = DEFAULT_TIMEOUT_S
    """Longest wait for the connection, and between two pieces of the answer."""

    @property
    def key_text(self) -> str:
        """The key as it is sent; never to be shown. `none` where a server needs no key."""
        return self.key.get_secret_value().strip() if self.key else "none"


class ChatModel(Protocol):
    """A language model, behind its vendor's protocol."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer as they come, then the ChatReply.

        Closing the iterator ends the vendor's work. Raises a ModelUnavailable when there is no
        answer, and ReplyUnreadable when the answer breaks the vendor's protocol.
        """
        ...

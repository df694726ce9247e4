"""ChatModel: the port to language models. One method, which streams."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from pydantic import SecretStr

from abm_quant.contracts.usage import Usage

DEFAULT_TIMEOUT_S = 300.0
MOST_OUTPUT_TOKENS = 48_000
"""What an answer may be long, the model's thinking included."""
DEEP = ("high", "xhigh", "max")
"""Efforts with which a model thinks for minutes, and at length."""
MOST_WITH_THOUGHT = 64_000
"""What an answer may be long that was thought about so."""
PATIENCE = 3
"""How many times longer an answer is waited for that is silent for good reason: while a model
thinks hard, and until the end of what is not streamed."""


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
    is_streamed: bool = True
    """Whether the answer comes in pieces; otherwise it comes whole, after a long silence."""
    effort: str | None = None
    """How much the model may think, such as `low`; None for its default."""
    max_output_tokens: int | None = MOST_OUTPUT_TOKENS
    """What the answer may be long; None for the vendor's own limit."""


@dataclass(frozen=True, kw_only=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The request is sent from its beginning, perhaps again; what came before is void."""

    reason: str
    """A sentence that says why."""
    wait_s: float = 0
    """Seconds until it is sent."""
    usage: Usage = field(default_factory=Usage)
    """What the void answer took."""


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

    def waiting_for(self, request: ChatRequest) -> "Endpoint":
        """Give the endpoint with the patience that a request needs."""
        if request.is_streamed and request.effort not in DEEP:
            return self
        return replace(self, timeout_s=self.timeout_s * PATIENCE)

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

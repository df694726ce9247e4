"""Says what a vendor's error means: one table for all vendors, since their words hardly collide."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from abm_quant.errors import (
    ConnectionFailed,
    ContextTooLong,
    CreditExhausted,
    KeyRefused,
    LengthRefused,
    ModelUnavailable,
    ModelUnknown,
    RateLimited,
    ReplyTimeout,
    ReplyUnreadable,
    RequestRefused,
    SchemaRefused,
    StreamRefused,
    VendorOverloaded,
)
from abm_quant.llm.chat import Endpoint
from abm_quant.llm.secrets import HIDDEN, without_keys

MISREAD = (ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What SDKs and readings raise for what is not the protocol, such as text that is not JSON."""
_SHOWN = 300


@dataclass(frozen=True, kw_only=True)
class VendorError:
    """What a vendor says about a request that failed."""

    status: int | None
    text: str
    """Its code, type and message together."""
    retry_after_s: float | None = None


class VendorFailed(Exception):
    """A vendor's error that came inside of an answer."""

    def __init__(self, error: VendorError) -> None:
        self.error = error
        super().__init__(error.text)


def failed_inside(error: Any) -> VendorFailed:
    """Give the exception for the error object of an answer that came with status 200."""
    said = error if isinstance(error, dict) else {"message": error}
    words = [str(said[key]) for key in ("code", "type", "message") if said.get(key)]
    code = said.get("code")
    status = code if isinstance(code, int) else None
    return VendorFailed(VendorError(status=status, text=" ".join(words)))


@dataclass(frozen=True, kw_only=True)
class Row:
    """A meaning, and what it is known by: any of the words, or else the status."""

    error: type[ModelUnavailable]
    words: tuple[str, ...] = ()
    statuses: frozenset[int] = frozenset()
    advice: str


ROWS = (
    Row(
        error=LengthRefused,
        words=(
            "_tokens is too large",
            "_tokens' is too large",
            "valid range of max_tokens",
            "maximum allowed number of output tokens",
            "unsupported parameter: 'max_tokens'",
            "has a maxoutputtokens value",
            "in the completion)",  # You requested 50000 tokens (2000 in the messages, 48000 ...
            "in the output)",
            "and `max_tokens` exceed",
            "request too large for",  # The answer counts for the limit of tokens per minute.
        ),
        advice="The request or its answer is longer than it allows. Shorten the prompt, or choose "
        "another model.",
    ),
    Row(
        error=ContextTooLong,
        words=(
            "context_length_exceeded",
            "maximum context length",
            "prompt is too long",
            "input token count",
            "exceed the context",
            "exceeds the available context",
            "greater than the context",
            "context window",
        ),
        statuses=frozenset({413}),
        advice="The prompt and the current model are too long for it. Shorten the prompt, or "
        "choose a model that takes a longer context.",
    ),
    Row(
        error=CreditExhausted,
        words=("insufficient_quota", "credit balance", "billing", "insufficient balance"),
        statuses=frozenset({402}),
        advice="The account of this key has no credit left. Add credit at the vendor, use another "
        "key, or choose the model 'offline', which needs none.",
    ),
    Row(
        error=StreamRefused,
        words=(
            "unsupported_value stream",
            "verified to stream",
            "streaming is not supported",
            "stream is not supported",
            "not support stream",
            "stream_options",
        ),
        advice="It does not send the answer in pieces.",
    ),
    Row(
        error=SchemaRefused,
        words=(
            "invalid_json_schema",
            "json_schema",
            "response_json_schema",
            "responsejsonschema",
            "response_format",
            "output_config.format",
            "compiled grammar",
            "too many states",
            "schema is too complex",
            "failed to parse grammar",
        ),
        advice="It does not take the schema of the answer.",
    ),
    Row(
        error=RequestRefused,
        words=("unsupported_country", "location is not supported", "territory not supported"),
        advice="It does not serve your country or region. Choose the model of another vendor.",
    ),
    Row(
        error=KeyRefused,
        words=(
            "api key not valid",
            "api key expired",
            "api_key_invalid",
            "invalid_api_key",
            "invalid api key",
        ),
        statuses=frozenset({401, 403}),
        advice="It does not accept the key. Check the key for missing characters, and that it has "
        "not been revoked and may use this model.",
    ),
    Row(
        error=ModelUnknown,
        words=("model_not_found", "not_found_error", "model not found", "decommissioned"),
        statuses=frozenset({404, 410}),
        advice="It has no model of this name for your key. Choose another one; the engine's "
        "parameters list those that are known.",
    ),
    Row(
        error=RateLimited,
        words=("rate_limit", "resource_exhausted"),
        statuses=frozenset({429}),
        advice="Too many requests came with this key. Wait a minute and try again.",
    ),
    Row(
        error=VendorOverloaded,
        words=("overloaded", "server_error", "api_error"),
        statuses=frozenset({408, 409, 500, 502, 503, 504, 520, 529}),
        advice="It is overloaded or has a fault. Try again in a minute, or choose another model.",
    ),
)
"""In the order in which they are tried."""


def unavailable(endpoint: Endpoint, model: str, error: VendorError) -> ModelUnavailable:
    """Give the exception for a vendor's error, as a sentence that says what to do."""
    subject = f"{endpoint.label} did not answer with {model}"
    row = _row_of(error)
    if row is None:
        said = f" It says: {_shown(endpoint, error.text)}" if error.text else ""
        return RequestRefused(f"{subject} (status {error.status}).{said}")
    return row.error(f"{subject}. {row.advice}", error.retry_after_s)


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """Give the seconds that the header Retry-After asks to wait, None where it asks for none."""
    said = headers.get("retry-after", "")
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, until.timestamp() - time.time())


def timed_out(endpoint: Endpoint, model: str) -> ReplyTimeout:
    """Give the exception for an answer that did not come in time."""
    return ReplyTimeout(
        f"{endpoint.label} sent nothing for {endpoint.timeout_s:g} seconds while {model} was "
        "asked. Try again, choose a faster model or a lower effort, or raise ABM_LLM_TIMEOUT_S."
    )


def not_connected(endpoint: Endpoint, model: str) -> ConnectionFailed:
    """Give the exception for a vendor that cannot be reached, or whose answer broke off."""
    return ConnectionFailed(
        f"The connection to {endpoint.label} failed while {model} was asked. Check the network "
        "and the base URL in the settings, and try again."
    )


def unreadable(endpoint: Endpoint, model: str) -> ReplyUnreadable:
    """Give the exception for an answer that is not the vendor's protocol."""
    return ReplyUnreadable(
        f"The server that should be {endpoint.label} answered for {model} with something that is "
        "not its protocol. Check the base URL in the settings."
    )


@contextmanager
def translated(
    sdk: Any, endpoint: Endpoint, model: str, read: Callable[[Any], VendorError]
) -> Iterator[None]:
    """Raise our exceptions in place of an SDK's, whose classes have the names of OpenAI's SDK.

    `read` gives what the SDK's APIError says. Raises ModelUnavailable and ReplyUnreadable.
    """
    try:
        yield
    except (sdk.APITimeoutError, httpx2.TimeoutException) as failure:
        raise timed_out(endpoint, model) from failure
    except (sdk.APIConnectionError, httpx2.TransportError) as failure:
        raise not_connected(endpoint, model) from failure
    except sdk.APIError as failure:
        raise unavailable(endpoint, model, read(failure)) from failure
    except MISREAD as failure:
        raise unreadable(endpoint, model) from failure


def _row_of(error: VendorError) -> Row | None:
    text = error.text.lower()
    asks_to_wait = error.status == 429 and error.retry_after_s is not None
    for row in ROWS:
        if row.error is CreditExhausted and asks_to_wait and "insufficient_quota" not in text:
            continue
        if any(word in text for word in row.words) or error.status in row.statuses:
            return row
    return None


def _shown(endpoint: Endpoint, text: str) -> str:
    """Give a vendor's words, short and without any key."""
    key = endpoint.key_text
    hidden = text.replace(key, HIDDEN) if len(key) > 6 else text
    return without_keys(" ".join(hidden.split()))[:_SHOWN]

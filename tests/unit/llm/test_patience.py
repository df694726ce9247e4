"""When a request is sent again, and when the schema is shown instead of enforced."""

from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from pydantic import SecretStr

from abm_quant import errors
from abm_quant.contracts.usage import Usage
from abm_quant.llm.chat import (
    ChatModel,
    ChatReply,
    ChatRequest,
    Endpoint,
    Message,
    TextDelta,
    Waiting,
)
from abm_quant.llm.failures import VendorError, failed_inside, unavailable, wait_asked
from abm_quant.llm.leniency import WHOLE, Lenient, Memory, place_of
from abm_quant.llm.prices import priced
from abm_quant.llm.retries import Patient, RetryPolicy
from abm_quant.llm.scripted import ScriptedModel

SOON = RetryPolicy(first_wait_s=0.001)
ASKED = ChatRequest(
    model="m", system="s", messages=(Message(role="user", text="u"),), schema={"type": "object"}
)
DONE = ChatReply(text="done", stop_reason="complete")


async def events_of(model: ChatModel) -> list[Any]:
    async with aclosing(model.stream(ASKED)) as events:
        return [event async for event in events]


@pytest.mark.parametrize(
    "failure",
    [
        errors.VendorOverloaded("busy"),
        errors.ConnectionFailed("gone"),
        errors.RateLimited("too many", retry_after_s=0.001),
        errors.RateLimited("too many"),
    ],
)
async def test_what_passes_is_asked_again(failure: Exception) -> None:
    model = ScriptedModel([failure, failure, DONE])
    said = await events_of(Patient(model, SOON))
    assert len(model.requests) == 3
    assert [type(each) for each in said] == [Waiting, Waiting, TextDelta, ChatReply]
    assert said[0].reason == str(failure)


async def test_the_third_failure_is_the_last() -> None:
    model = ScriptedModel([errors.VendorOverloaded("busy")] * 5)
    with pytest.raises(errors.VendorOverloaded):
        await events_of(Patient(model, SOON))
    assert len(model.requests) == 3


@pytest.mark.parametrize(
    "failure",
    [
        errors.KeyRefused("bad"),
        errors.CreditExhausted("none"),
        errors.ContextTooLong("long"),
        errors.ModelUnknown("who"),
        errors.RequestRefused("no"),
        errors.ReplyTimeout("slow"),
        errors.ReplyUnreadable("html"),
        errors.RateLimited("tomorrow", retry_after_s=3600),
    ],
)
async def test_what_does_not_pass_is_asked_once(failure: Exception) -> None:
    model = ScriptedModel([failure, DONE])
    with pytest.raises(type(failure)):
        await events_of(Patient(model, SOON))
    assert len(model.requests) == 1


async def test_a_refused_schema_is_shown_to_the_model() -> None:
    model = ScriptedModel([errors.SchemaRefused("no"), DONE])
    said = await events_of(Lenient(model))
    first, second = model.requests
    assert first.is_strict and not second.is_strict
    assert second.system.startswith(first.system) and '{"type":"object"}' in second.system
    assert isinstance(said[0], Waiting) and said[-1] == DONE


async def test_a_schema_that_is_refused_twice_is_a_failure() -> None:
    model = ScriptedModel([errors.SchemaRefused("no")] * 3)
    with pytest.raises(errors.SchemaRefused):
        await events_of(Lenient(model))
    assert len(model.requests) == 2


async def test_a_stream_that_is_refused_is_asked_for_whole_once_and_for_all() -> None:
    """OpenAI streams some models to verified organizations only; the next request knows."""
    memory = Memory()
    here: dict[str, Any] = {"place": ("openai", "m", "a"), "memory": memory}
    first = ScriptedModel([errors.StreamRefused("No stream."), DONE])
    said = await events_of(Lenient(first, **here))
    assert [each.is_streamed for each in first.requests] == [True, False]
    assert said[0] == Waiting(reason=f"No stream. {WHOLE}")
    second = ScriptedModel([DONE])
    said = await events_of(Lenient(second, **here))
    assert [each.is_streamed for each in second.requests] == [False]
    assert said[0] == Waiting(reason=WHOLE)
    other = ScriptedModel([DONE])
    await events_of(Lenient(other, place=("openai", "m", "b"), memory=memory))
    assert other.requests[0].is_streamed, "another key is another organization"


async def test_a_length_that_is_refused_is_left_to_the_vendor() -> None:
    memory = Memory()
    model = ScriptedModel([errors.LengthRefused("Too long."), DONE, DONE])
    await events_of(Lenient(model, memory=memory))
    await events_of(Lenient(model, memory=memory))
    assert [each.max_output_tokens for each in model.requests] == [48_000, None, None]


async def test_a_refused_schema_is_tried_again_the_next_time() -> None:
    """The vendor may have been too busy to prepare it."""
    memory = Memory()
    model = ScriptedModel([errors.SchemaRefused("no"), DONE, DONE])
    await events_of(Lenient(model, memory=memory))
    await events_of(Lenient(model, memory=memory))
    assert [each.is_strict for each in model.requests] == [True, False, True]


async def test_all_concessions_can_be_made_in_one_request() -> None:
    refused = [errors.LengthRefused("l"), errors.StreamRefused("s"), errors.SchemaRefused("j")]
    model = ScriptedModel([*refused, DONE])
    assert (await events_of(Lenient(model)))[-1] == DONE
    last = model.requests[-1]
    assert (last.max_output_tokens, last.is_streamed, last.is_strict) == (None, False, False)


@pytest.mark.parametrize("failure", [errors.LengthRefused, errors.StreamRefused])
async def test_what_is_refused_again_is_a_failure(failure: Any) -> None:
    model = ScriptedModel([failure("no")] * 3)
    with pytest.raises(failure):
        await events_of(Lenient(model))
    assert len(model.requests) == 2


def test_a_place_tells_keys_apart_and_holds_none() -> None:
    def endpoint(key: str) -> Endpoint:
        return Endpoint(vendor="v", label="V", base_url="http://x", key=SecretStr(key))

    one, other = (place_of(endpoint(key), "m") for key in ("sk-secret", "sk-other"))
    assert one == place_of(endpoint("sk-secret"), "m") != other
    assert "secret" not in str(one)


async def test_what_a_broken_answer_took_is_told_with_the_wait() -> None:
    failure = errors.ConnectionFailed("gone")
    failure.usage = Usage(input_tokens=7)
    said = await events_of(Patient(ScriptedModel([failure, DONE]), SOON))
    assert isinstance(said[0], Waiting) and said[0].usage.input_tokens == 7


async def test_a_busy_vendor_is_waited_for_as_long_as_it_asks() -> None:
    busy = errors.VendorOverloaded("busy", retry_after_s=0.002)
    said = await events_of(Patient(ScriptedModel([busy, DONE])))
    assert said[0].wait_s == 0.002


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("-3", 0),
        ("", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_the_wait_that_is_asked_for(said: str, wait_s: float | None) -> None:
    assert wait_asked({"retry-after": said}) == wait_s


def test_a_date_to_wait_for_is_in_the_future() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < (wait_asked({"retry-after": soon}) or 0) <= 60


WORDS = {
    "max_tokens: 48000 > 32000, which is the maximum allowed number of output tokens for "
    "claude-opus-4": errors.LengthRefused,
    "input length and `max_tokens` exceed context limit: 190000 + 48000 > 200000": (
        errors.LengthRefused
    ),
    "'max_tokens' or 'max_completion_tokens' is too large: 48000. This model's maximum context "
    "length is 8192 tokens": errors.LengthRefused,
    "This model's maximum context length is 65536 tokens. However, you requested 70000 tokens "
    "(22000 in the messages, 48000 in the completion).": errors.LengthRefused,
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
    "'max_completion_tokens' instead.": errors.LengthRefused,
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 "
    "tokens.": errors.ContextTooLong,
    "prompt is too long: 210000 tokens > 200000 maximum": errors.ContextTooLong,
    "Your input exceeds the context window of this model.": errors.ContextTooLong,
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).": (
        errors.ContextTooLong
    ),
    "the request exceeds the available context size": errors.ContextTooLong,
    "invalid_request_error Streaming is not supported by this deployment": errors.StreamRefused,
    "The model `llama-1` has been decommissioned": errors.ModelUnknown,
    "Request too large for gpt-9 on tokens per min (TPM): Limit 30000, Requested 58000": (
        errors.LengthRefused
    ),
    "Unrecognized request argument supplied: stream_options": errors.StreamRefused,
    "unsupported_value stream invalid_request_error You may not": errors.StreamRefused,
    "output_config.format: Schema is too complex": errors.SchemaRefused,
    "output_config.effort: this model does not take it": errors.RequestRefused,
    "[{'loc': ('body', 'response_format'), 'msg': \"Input should be 'text' or 'json_object'\"}]": (
        errors.SchemaRefused
    ),
    "INVALID_ARGUMENT API key expired. Please renew the API key.": errors.KeyRefused,
    "FAILED_PRECONDITION User location is not supported for the API use.": errors.RequestRefused,
    "This model only takes pictures": errors.RequestRefused,
}


@pytest.mark.parametrize("text", WORDS)
def test_vendors_words_for_the_same_are_known(text: str) -> None:
    endpoint = Endpoint(vendor="v", label="V", base_url="http://127.0.0.1:9")
    assert type(unavailable(endpoint, "m", VendorError(status=400, text=text))) is WORDS[text]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 429, "message": "Slow down"}, errors.RateLimited),
        ({"code": 402, "message": "Pay first"}, errors.CreditExhausted),
        ({"type": "overloaded_error", "message": "Overloaded"}, errors.VendorOverloaded),
        ("the server_error of a gateway", errors.VendorOverloaded),
        ({"message": "something else"}, errors.RequestRefused),
    ],
)
def test_an_error_inside_an_answer_is_known_too(error: Any, kind: type[Exception]) -> None:
    endpoint = Endpoint(vendor="v", label="V", base_url="http://127.0.0.1:9")
    failure = unavailable(endpoint, "m", failed_inside(error).error)
    assert type(failure) is kind and "{" not in str(failure)


def test_prices_are_the_published_ones() -> None:
    used = Usage(input_tokens=20_000, output_tokens=12_000)
    dear = priced(used, vendor="openai", model="gpt-5.6-sol").cost_usd
    cheap = priced(used, vendor="openai", model="gpt-5.6-luna").cost_usd
    assert dear and cheap and dear > 5 * cheap > 0
    cached = priced(
        Usage(input_tokens=20_000, output_tokens=12_000, cached_tokens=20_000),
        vendor="openai",
        model="gpt-5.6-sol",
    ).cost_usd
    assert cached and cached < dear


def test_an_unknown_price_is_unknown_and_stays_so() -> None:
    unknown = priced(Usage(input_tokens=1, output_tokens=1), vendor="lab", model="x-1")
    assert unknown.cost_usd is None
    assert (unknown + Usage(input_tokens=1, cost_usd=0.5)).cost_usd is None
    assert (unknown + Usage(input_tokens=1)).input_tokens == 2

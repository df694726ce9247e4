"""When a request is sent again, and when the schema is shown instead of enforced."""

from contextlib import aclosing
from typing import Any

import pytest

from abm_quant import errors
from abm_quant.llm.chat import (
    ChatModel,
    ChatReply,
    ChatRequest,
    Message,
    TextDelta,
    Usage,
    Waiting,
)
from abm_quant.llm.connecting import Lenient
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

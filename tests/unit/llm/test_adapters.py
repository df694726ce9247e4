"""Each adapter, with its vendor's real SDK, over a real socket: what comes back, and how it fails."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import aclosing, suppress
from typing import Any

import pytest
from pydantic import SecretStr

from abm_quant import errors
from abm_quant.llm.catalogue import VENDORS
from abm_quant.llm.chat import ChatModel, ChatReply, ChatRequest, Endpoint, Message, TextDelta
from abm_quant.llm.connecting import PROTOCOLS
from abm_quant.llm.prices import priced
from cassettes.vendors import KEY, SCENARIOS, Vendors, loopback_vendors

NAMES = ("openai", "anthropic", "google", "local")
TEXT = '{"a": "' + "word " * 80 + '"}'
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def server() -> Iterator[Vendors]:
    with loopback_vendors(TEXT) as vendors:
        yield vendors


@pytest.fixture
def vendors(server: Vendors) -> Vendors:
    server.requests.clear()
    return server


def adapter(vendors: Vendors, name: str, scenario: str = "ok", timeout_s: float = 10) -> ChatModel:
    vendor = VENDORS[name]
    endpoint = Endpoint(
        vendor=name,
        label=vendor.label,
        base_url=vendors.base_url(name, scenario),
        key=SecretStr(KEY),
        timeout_s=timeout_s,
    )
    return PROTOCOLS[vendor.protocol](endpoint, vendor)


def request(**changes: Any) -> ChatRequest:
    words: dict[str, Any] = {
        "model": "m-1",
        "system": "Be exact.",
        "messages": (Message(role="user", text="Hello"),),
        "schema": SCHEMA,
    }
    return ChatRequest(**(words | changes))


async def asked(model: ChatModel, **changes: Any) -> tuple[list[str], ChatReply]:
    """Give the pieces and the whole answer."""
    async with aclosing(model.stream(request(**changes))) as events:
        items = [event async for event in events]
    assert isinstance(items[-1], ChatReply)
    return [each.text for each in items[:-1] if isinstance(each, TextDelta)], items[-1]


WAYS = pytest.mark.parametrize("is_streamed", [True, False], ids=["streamed", "whole"])


@pytest.mark.parametrize("name", NAMES)
async def test_an_answer_comes_in_pieces_and_whole_with_its_usage(
    vendors: Vendors, name: str
) -> None:
    pieces, reply = await asked(adapter(vendors, name))
    assert len(pieces) > 3 and "".join(pieces) == reply.text == TEXT
    assert reply.stop_reason == "complete"
    used = reply.usage
    assert (used.input_tokens, used.output_tokens, used.cached_tokens) == (1000, 500, 200)


@pytest.mark.parametrize("is_strict", [True, False])
@pytest.mark.parametrize("scenario", ["ok", "buffered"])
@pytest.mark.parametrize("name", NAMES)
async def test_an_answer_that_is_not_streamed_comes_whole_with_its_usage(
    vendors: Vendors, name: str, scenario: str, is_strict: bool
) -> None:
    """Either it was asked for whole, or the server sends it whole although asked to stream."""
    changes = {"is_streamed": scenario == "buffered", "is_strict": is_strict}
    pieces, reply = await asked(adapter(vendors, name, scenario), **changes)
    assert pieces == [reply.text] and json.loads(reply.text) == json.loads(TEXT)
    assert reply.stop_reason == "complete"
    used = reply.usage
    assert (used.input_tokens, used.output_tokens, used.cached_tokens) == (1000, 500, 200)
    (sent,) = vendors.requests
    streams = sent.body.get("stream", "streamGenerateContent" in sent.path)
    assert streams is (scenario == "buffered")


SENT = {
    "openai": (("text", "format", "schema"), ("instructions",), "authorization"),
    "local": (
        ("response_format", "json_schema", "schema"),
        ("messages", 0, "content"),
        "authorization",
    ),
    "anthropic": (("output_config", "format", "schema"), ("system", 0, "text"), "authorization"),
    "google": (
        ("generationConfig", "responseJsonSchema"),
        ("systemInstruction", "parts", 0, "text"),
        "x-goog-api-key",
    ),
}
"""By vendor: where the schema and the instructions stand in the request, and the key's header."""


def at(body: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        body = body[step]
    return body


@pytest.mark.parametrize("name", NAMES)
async def test_the_request_holds_the_schema_the_instructions_and_the_key(
    vendors: Vendors, name: str
) -> None:
    await asked(adapter(vendors, name), effort="low")
    (sent,) = vendors.requests
    schema, system, header = SENT[name]
    assert at(sent.body, schema) == SCHEMA
    assert at(sent.body, system) == "Be exact."
    assert KEY in sent.headers[header]
    assert '"low"' in str(sent.body).replace("'", '"').lower()
    if name == "openai":
        assert sent.body["store"] is False


@pytest.mark.parametrize("name", NAMES)
async def test_without_enforcement_no_schema_is_enforced(vendors: Vendors, name: str) -> None:
    _, reply = await asked(adapter(vendors, name), is_strict=False)
    (sent,) = vendors.requests
    with pytest.raises(KeyError):
        at(sent.body, SENT[name][0])
    assert reply.text == TEXT


FAILURES: dict[str, type[Exception]] = {
    "badkey": errors.KeyRefused,
    "limited": errors.RateLimited,
    "limited-long": errors.RateLimited,
    "nocredit": errors.CreditExhausted,
    "overloaded": errors.VendorOverloaded,
    "context": errors.ContextTooLong,
    "schema": errors.SchemaRefused,
    "unknown-model": errors.ModelUnknown,
    "nostream": errors.StreamRefused,
    "length": errors.LengthRefused,
    "strange": errors.RequestRefused,
    "midstream": errors.VendorOverloaded,
    "broken": errors.ConnectionFailed,
    "slow": errors.ReplyTimeout,
    "silent": errors.ReplyTimeout,
    "nothtml": errors.ReplyUnreadable,
    "malformed": errors.ReplyUnreadable,
    "garbled": errors.ReplyUnreadable,
    "flaky": errors.VendorOverloaded,
    "schema-once": errors.SchemaRefused,
    "stream-once": errors.StreamRefused,
    "length-once": errors.LengthRefused,
}
ONLY_STREAMED = {"stream-once"}


def test_every_scenario_is_proved() -> None:
    assert set(SCENARIOS) == {*FAILURES, "ok", "buffered", "truncated", "refused"}


@WAYS
@pytest.mark.parametrize("scenario", FAILURES)
@pytest.mark.parametrize("name", NAMES)
async def test_each_failure_has_its_type_and_says_what_to_do(
    vendors: Vendors, name: str, scenario: str, is_streamed: bool
) -> None:
    if scenario in ONLY_STREAMED and not is_streamed:
        pytest.skip("It is no failure of an answer that comes whole.")
    timeout_s = 0.3 if scenario in ("slow", "silent") else 10
    with pytest.raises(FAILURES[scenario]) as failure:
        await asked(adapter(vendors, name, scenario, timeout_s), is_streamed=is_streamed)
    said = str(failure.value)
    assert len(vendors.requests) == 1, "the SDK itself never asks twice"
    assert said.endswith(".") or "It says" in said
    assert KEY not in said and KEY not in repr(failure.value)
    if scenario == "limited":
        assert failure.value.retry_after_s == 1  # type: ignore[attr-defined]


@WAYS
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("scenario", "reason"), [("truncated", "truncated"), ("refused", "refused")]
)
async def test_answers_that_are_no_answers_say_so_and_count(
    vendors: Vendors, name: str, scenario: str, reason: str, is_streamed: bool
) -> None:
    _, reply = await asked(adapter(vendors, name, scenario), is_streamed=is_streamed)
    assert reply.stop_reason == reason
    assert reply.usage.output_tokens == 500
    assert (reply.detail != "") == (reason == "refused")


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_listens(name: str) -> None:
    endpoint = Endpoint(vendor=name, label="V", base_url="http://127.0.0.1:9/v1", timeout_s=2)
    vendor = VENDORS[name]
    with pytest.raises(errors.ConnectionFailed):
        await asked(PROTOCOLS[vendor.protocol](endpoint, vendor))


REDIRECTS = {
    "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    "OPENAI_CUSTOM_HEADERS": "Authorization: Bearer stolen",
    "OPENAI_ORG_ID": "org-other",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "ANTHROPIC_AUTH_TOKEN": "other",
    "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer stolen",
    "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
    "GOOGLE_API_KEY": "other",
    "GOOGLE_GENAI_USE_VERTEXAI": "true",
    "GOOGLE_GENAI_API_VERSION": "v9",
}


@pytest.mark.parametrize("name", NAMES)
async def test_the_environment_redirects_neither_the_request_nor_the_key(
    vendors: Vendors, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in REDIRECTS.items():
        monkeypatch.setenv(variable, value)
    _, reply = await asked(adapter(vendors, name))
    assert reply.text == TEXT
    (sent,) = vendors.requests
    assert KEY in sent.headers[SENT[name][2]]
    assert "stolen" not in str(sent.headers) and "org-other" not in str(sent.headers)


@WAYS
@pytest.mark.parametrize("name", NAMES)
async def test_leaving_ends_the_vendors_work(name: str, is_streamed: bool) -> None:
    with loopback_vendors(TEXT) as vendors:
        vendors.pause_s = 0.3
        model = adapter(vendors, name)
        with suppress(TimeoutError):
            await asyncio.wait_for(asked(model, is_streamed=is_streamed), 0.5)
        for _ in range(40):
            if vendors.closed:
                break
            await asyncio.sleep(0.05)
        assert vendors.closed == 1


BILLED = {"openai": 0, "anthropic": 1000, "google": 0, "local": 0}
"""The tokens that a vendor has named by the middle of an answer."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scenario", ["midstream", "broken"])
async def test_an_answer_that_broke_off_is_counted_as_far_as_it_is_known(
    vendors: Vendors, name: str, scenario: str
) -> None:
    with pytest.raises(errors.ModelUnavailable) as failure:
        await asked(adapter(vendors, name, scenario))
    assert failure.value.usage.input_tokens == BILLED[name]


@WAYS
async def test_openrouters_own_price_is_kept(is_streamed: bool) -> None:
    with loopback_vendors(TEXT) as vendors:
        vendors.price = 0.25
        _, reply = await asked(adapter(vendors, "local"), is_streamed=is_streamed)
    assert priced(reply.usage, vendor="openrouter", model="any").cost_usd == 0.25


@pytest.mark.parametrize("changes", [{"is_streamed": False}, {"effort": "high"}])
async def test_what_is_silent_for_good_reason_is_waited_for_longer(
    vendors: Vendors, changes: dict[str, Any]
) -> None:
    """An answer that comes whole is silent until its end, and so is one that is thought about."""
    vendors.pause_s = 0.3
    try:
        _, reply = await asked(adapter(vendors, "openai", timeout_s=0.2), **changes)
        assert reply.text == TEXT
        with pytest.raises(errors.ReplyTimeout):
            await asked(adapter(vendors, "openai", timeout_s=0.2), effort="low")
    finally:
        vendors.pause_s = 0


@WAYS
@pytest.mark.parametrize("name", NAMES)
async def test_an_endless_answer_is_not_waited_for(name: str, is_streamed: bool) -> None:
    with loopback_vendors(json.dumps({"a": "word " * 2_000_000})) as vendors:
        began = time.monotonic()
        with pytest.raises(errors.ReplyTruncated, match="2,000,000 characters"):
            await asked(adapter(vendors, name), is_streamed=is_streamed)
    assert time.monotonic() - began < 20


async def test_google_is_not_told_to_give_up_after_one_silence(vendors: Vendors) -> None:
    await asked(adapter(vendors, "google", timeout_s=10))
    assert vendors.requests[0].headers["x-server-timeout"] == "31"


@pytest.mark.parametrize("dialect", ["json_schema", "json_object+schema", "json_object", "tool"])
async def test_chat_servers_are_asked_in_their_dialect(vendors: Vendors, dialect: Any) -> None:
    from abm_quant.llm.compatible import CompatibleModel

    endpoint = Endpoint(vendor="lab", label="lab", base_url=vendors.base_url("local"))
    _, reply = await asked(CompatibleModel(endpoint, dialect))
    assert reply.text == TEXT
    body = vendors.requests[0].body
    shapes = {
        "json_schema": lambda: body["response_format"]["json_schema"]["schema"] == SCHEMA,
        "json_object+schema": lambda: body["response_format"]["schema"] == SCHEMA,
        "json_object": lambda: body["response_format"] == {"type": "json_object"},
        "tool": lambda: body["tools"][0]["function"]["parameters"] == SCHEMA,
    }
    assert shapes[dialect]()

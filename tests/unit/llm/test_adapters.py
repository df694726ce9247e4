"""Each adapter, with its vendor's real SDK, over a real socket: what comes back, and how it fails."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest
from pydantic import SecretStr

from abm_quant import errors
from abm_quant.llm.catalogue import VENDORS
from abm_quant.llm.chat import ChatModel, ChatReply, ChatRequest, Endpoint, Message, TextDelta
from abm_quant.llm.connecting import PROTOCOLS
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


@pytest.mark.parametrize("name", NAMES)
async def test_an_answer_comes_in_pieces_and_whole_with_its_usage(
    vendors: Vendors, name: str
) -> None:
    pieces, reply = await asked(adapter(vendors, name))
    assert len(pieces) > 3 and "".join(pieces) == reply.text == TEXT
    assert reply.stop_reason == "complete"
    used = reply.usage
    assert (used.input_tokens, used.output_tokens, used.cached_tokens) == (1000, 500, 200)


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
    "strange": errors.RequestRefused,
    "midstream": errors.VendorOverloaded,
    "broken": errors.ConnectionFailed,
    "slow": errors.ReplyTimeout,
    "silent": errors.ReplyTimeout,
    "nothtml": errors.ReplyUnreadable,
    "malformed": errors.ReplyUnreadable,
    "flaky": errors.VendorOverloaded,
    "schema-once": errors.SchemaRefused,
}


def test_every_scenario_is_proved() -> None:
    assert set(SCENARIOS) == {*FAILURES, "ok", "truncated", "refused"}


@pytest.mark.parametrize("scenario", FAILURES)
@pytest.mark.parametrize("name", NAMES)
async def test_each_failure_has_its_type_and_says_what_to_do(
    vendors: Vendors, name: str, scenario: str
) -> None:
    timeout_s = 0.3 if scenario in ("slow", "silent") else 10
    with pytest.raises(FAILURES[scenario]) as failure:
        await asked(adapter(vendors, name, scenario, timeout_s))
    said = str(failure.value)
    assert len(vendors.requests) == 1, "the SDK itself never asks twice"
    assert said.endswith(".") or "It says" in said
    assert KEY not in said and KEY not in repr(failure.value)
    if scenario == "limited":
        assert failure.value.retry_after_s == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("scenario", "reason"), [("truncated", "truncated"), ("refused", "refused")]
)
async def test_answers_that_are_no_answers_say_so_and_count(
    vendors: Vendors, name: str, scenario: str, reason: str
) -> None:
    _, reply = await asked(adapter(vendors, name, scenario))
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


@pytest.mark.parametrize("name", NAMES)
async def test_leaving_the_stream_ends_the_vendors_work(vendors: Vendors, name: str) -> None:
    vendors.pause_s, before = 0.05, vendors.closed
    try:
        async with aclosing(adapter(vendors, name).stream(request())) as events:
            async for _ in events:
                break
        for _ in range(40):
            if vendors.closed > before:
                break
            await asyncio.sleep(0.05)
    finally:
        vendors.pause_s = 0
    assert vendors.closed == before + 1


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

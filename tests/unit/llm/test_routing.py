"""Names of language models find their vendor, their key and what replaces them."""

from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr

from abm_quant.errors import BadRequest, MissingKey
from abm_quant.llm.catalogue import VENDORS
from abm_quant.llm.routing import Route, RouteRequest, default_name, route

DAY = date(2026, 11, 21)
ALL = {name: SecretStr(f"{name}-secret") for name in VENDORS}


def routed(name: Any, keys: Any = ALL, default: str | None = None, day: date = DAY) -> Route:
    request = RouteRequest(underlying_model=name, keys=keys, default_model=default)
    return route(request, today=day)


@pytest.mark.parametrize(
    ("name", "vendor", "model", "effort"),
    [
        ("gemini-3.6-flash", "google", "gemini-3.6-flash", None),
        ("gemini-3.6-flash high", "google", "gemini-3.6-flash", "high"),
        ("  gpt-5.6-sol   LOW ", "openai", "gpt-5.6-sol", "low"),
        ("gpt-9-nova", "openai", "gpt-9-nova", None),
        ("o7", "openai", "o7", None),
        ("chatgpt-latest", "openai", "chatgpt-latest", None),
        ("claude-opus-5 max", "anthropic", "claude-opus-5", "max"),
        ("Claude-Sonnet-5", "anthropic", "claude-sonnet-5", None),
        ("openai:some-tuned-model", "openai", "some-tuned-model", None),
        ("gemini:gemini-3.8-flash", "google", "gemini-3.8-flash", None),
        ("gpt-oss:20b", "local", "gpt-oss:20b", None),
        ("ollama:llama3.1:8b", "local", "llama3.1:8b", None),
        ("deepseek-chat", "deepseek", "deepseek-chat", None),
        ("openai/gpt-oss-120b", "openrouter", "openai/gpt-oss-120b", None),
        ("google/gemini-3.6-flash", "openrouter", "google/gemini-3.6-flash", None),
        ("offline", "offline", "offline", None),
        (" Offline ", "offline", "offline", None),
    ],
)
def test_names_find_their_vendor(name: str, vendor: str, model: str, effort: str | None) -> None:
    found = routed(name)
    assert (found.vendor, found.model, found.effort) == (vendor, model, effort)


@pytest.mark.parametrize("nothing", [None, "", "   ", 0, 0.0, False])
def test_without_a_name_the_first_vendor_with_a_key_serves(nothing: Any) -> None:
    assert routed(nothing).vendor == "google"
    without_google = {name: key for name, key in ALL.items() if name != "google"}
    assert routed(nothing, without_google).vendor == "openai"
    assert routed(nothing, {"anthropic": SecretStr("x")}).vendor == "anthropic"
    assert routed(nothing, {"google": SecretStr("  ")}).vendor == "offline"
    assert routed(nothing, {}).vendor == "offline"


def test_the_servers_default_comes_before_the_keys() -> None:
    assert routed(None, ALL, "claude-sonnet-5").vendor == "anthropic"
    assert routed(None, ALL, "offline").vendor == "offline"
    assert routed("gpt-5.6-sol", ALL, "offline").vendor == "openai"
    assert default_name(RouteRequest(default_model="  ")) == "offline"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gemini-3.6-flash", "To access this service you need to send a Google key"),
        ("gpt-5.6-sol", "To access this service you need to send an OpenAI key"),
        ("claude-sonnet-5", "To access this service you need to send an Anthropic key"),
    ],
)
def test_a_named_model_without_key_is_never_replaced_by_the_offline_author(
    name: str, sentence: str
) -> None:
    with pytest.raises(MissingKey) as failure:
        routed(name, {})
    assert str(failure.value) == sentence


@pytest.mark.parametrize("name", ["llama3.1:8b", "qwen3:32b", "banana", "1", 1, True, ":", "/"])
def test_unknown_names_are_refused_with_what_is_possible(name: Any) -> None:
    with pytest.raises(BadRequest, match=r"Google.*OpenAI.*Anthropic.*'offline'"):
        routed(name)


@pytest.mark.parametrize("name", [["gpt-5"], {"a": 1}, [], {}, "x" * 5000])
def test_what_is_no_name_is_a_clean_error(name: Any) -> None:
    with pytest.raises(BadRequest, match="underlyingModel"):
        routed(name)


def test_a_retired_model_is_replaced_with_a_notice() -> None:
    found = routed("gemini-2.5-flash-preview-09-2025")
    assert found.model == "gemini-3.6-flash"
    assert found.notices == (
        "Google no longer serves gemini-2.5-flash-preview-09-2025; "
        "gemini-3.6-flash was used instead.",
    )


def test_a_model_is_used_until_the_day_of_its_retirement() -> None:
    before = routed("gpt-5")
    assert before.model == "gpt-5"
    assert "2026-12-11" in before.notices[0]
    assert routed("gpt-5", day=date(2026, 12, 11)).model == "gpt-5.6-sol"


def test_an_effort_that_the_model_does_not_take_is_left_out_with_a_notice() -> None:
    found = routed("claude-haiku-4-5 high")
    assert found.effort is None
    assert "takes none" in found.notices[0]


def test_a_legacy_name_keeps_its_effort_through_its_replacement() -> None:
    found = routed("o3-mini high")
    assert (found.model, found.effort) == ("gpt-5.6-luna", "high")


def test_keys_do_not_show() -> None:
    found = routed("gpt-5.6-sol")
    assert found.key is not None and found.key.get_secret_value() == "openai-secret"
    assert "secret" not in repr(found)
    assert "secret" not in repr(RouteRequest(keys=ALL))

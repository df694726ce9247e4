"""The language models and their vendors, as data.

A row says what a client may pick, which reasoning efforts the model knows and, where its vendor
has withdrawn it or announced to, what takes its place. Names that are not in the table are still
accepted when their vendor can be told from the name; see routing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Protocol = Literal["responses", "chat", "messages", "gemini"]
Dialect = Literal["json_schema", "json_object+schema", "json_object", "tool"]
"""json_schema: OpenAI's own. json_object+schema: llama-cpp-python. json_object: the schema stands in
the prompt only. tool: a function that must be called, whose arguments are the answer."""

OFFLINE = "offline"
"""The name of the built-in author that needs no key; also the name of its vendor."""


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """Who runs language models, and how its names are recognized."""

    name: str
    label: str
    a_key: str | None = None
    """The key with its article, as in "an OpenAI key"; None where a request cannot bring one."""
    default_model: str | None = None
    prefixes: tuple[str, ...] = ()
    """What stands before the colon in `vendor:model`."""
    pattern: str | None = None
    """A regular expression that a bare model name of this vendor begins with."""
    protocol: Protocol = "chat"
    """How it is asked: OpenAI's Responses, OpenAI's chat, Anthropic's Messages, or Gemini's."""
    base_url: str
    """Where it is asked; settings may name another place."""
    api_version: str = ""
    """The version in the address, where the protocol has one there; empty for the adapter's own."""
    dialect: Dialect = "json_schema"
    """How a server that speaks the chat protocol takes a schema."""
    streams: bool = True
    """Whether it can send an answer in pieces."""
    key_variable: str | None = None
    """The environment variable of the server's key, where requests cannot bring one and it is
    needed."""


@dataclass(frozen=True, kw_only=True)
class LanguageModel:
    """A language model that a vendor offers or has offered."""

    id: str
    label: str
    vendor: str
    effort_levels: tuple[str, ...] = ()
    """The reasoning efforts that it takes; empty when it takes none."""
    retired_on: date | None = None
    """The day of its announced or past withdrawal."""
    replaced_by: str | None = None
    """The id that takes its place; without a `retired_on` it has done so already."""

    def is_retired(self, today: date) -> bool:
        """Tell whether the vendor no longer serves the model on this day."""
        if self.replaced_by is None:
            return False
        return self.retired_on is None or self.retired_on <= today


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A row of the list from which a person picks a model."""

    label: str
    value: str


EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

VENDORS: dict[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        Vendor(
            name="google",
            label="Google",
            a_key="a Google key",
            default_model="gemini-3.6-flash",
            prefixes=("google", "gemini"),
            pattern=r"gemini-",
            protocol="gemini",
            base_url="https://generativelanguage.googleapis.com",
        ),
        Vendor(
            name="openai",
            label="OpenAI",
            a_key="an OpenAI key",
            default_model="gpt-5.6-terra",
            prefixes=("openai",),
            pattern=r"gpt-(?!oss)|o\d|chatgpt-",
            protocol="responses",
            base_url="https://api.openai.com/v1",
        ),
        Vendor(
            name="anthropic",
            label="Anthropic",
            a_key="an Anthropic key",
            default_model="claude-sonnet-5",
            prefixes=("anthropic", "claude"),
            pattern=r"claude-",
            protocol="messages",
            base_url="https://api.anthropic.com",
        ),
        Vendor(
            name="deepseek",
            label="DeepSeek",
            prefixes=("deepseek",),
            pattern=r"deepseek-(v|chat|reasoner)",
            base_url="https://api.deepseek.com",
            dialect="json_object",
            key_variable="DEEPSEEK_API_KEY",
        ),
        Vendor(
            name="openrouter",
            label="OpenRouter",
            prefixes=("openrouter",),
            base_url="https://openrouter.ai/api/v1",
            key_variable="OPENROUTER_API_KEY",
        ),
        Vendor(
            name="local",
            label="a local server",
            prefixes=("local", "ollama", "lmstudio", "llamacpp", "vllm"),
            pattern=r"gpt-oss",
            base_url="http://127.0.0.1:11434/v1",
        ),
    )
}
"""By name; those whose keys a request can bring come first, in the order of preference."""

_OPENAI = EFFORTS
_CLAUDE = ("low", "medium", "high", "xhigh", "max")
_GEMINI = ("minimal", "low", "medium", "high", "xhigh")
_THREE = ("low", "medium", "high")


def _model(
    name: str,
    label: str,
    vendor: str,
    efforts: tuple[str, ...] = (),
    *,
    until: date | None = None,
    then: str | None = None,
) -> LanguageModel:
    return LanguageModel(
        id=name,
        label=label,
        vendor=vendor,
        effort_levels=efforts,
        retired_on=until,
        replaced_by=then,
    )


_OCTOBER, _DECEMBER, _JANUARY = date(2026, 10, 23), date(2026, 12, 11), date(2027, 1, 14)

MODELS: dict[str, LanguageModel] = {
    model.id: model
    for model in (
        _model("gemini-3.8-flash", "Gemini 3.8 Flash", "google", _GEMINI),
        _model("gemini-3.6-flash", "Gemini 3.6 Flash", "google", _GEMINI),
        _model("gemini-3.5-flash", "Gemini 3.5 Flash", "google", _GEMINI),
        _model("gemini-3.1-pro-preview", "Gemini 3.1 Pro (preview)", "google", _GEMINI),
        _model("gemini-2.5-pro", "Gemini 2.5 Pro", "google"),
        _model("gemini-2.5-flash", "Gemini 2.5 Flash", "google"),
        _model("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", "google"),
        _model("gpt-6.1-sol", "GPT-6.1 Sol", "openai", _OPENAI),
        _model("gpt-6.1-terra", "GPT-6.1 Terra", "openai", _OPENAI),
        _model("gpt-6-sol", "GPT-6 Sol", "openai", _OPENAI),
        _model("gpt-6-luna", "GPT-6 Luna", "openai", _OPENAI),
        _model("gpt-6-astra", "GPT-6 Astra", "openai", _OPENAI),
        _model("gpt-5.6-sol", "GPT-5.6 Sol", "openai", _OPENAI),
        _model("gpt-5.6-terra", "GPT-5.6 Terra", "openai", _OPENAI),
        _model("gpt-5.6-luna", "GPT-5.6 Luna", "openai", _OPENAI),
        _model("claude-fable-5-2", "Claude Fable 5.2", "anthropic", _CLAUDE),
        _model("claude-opus-5-5", "Claude Opus 5.5", "anthropic", _CLAUDE),
        _model("claude-sonnet-5-5", "Claude Sonnet 5.5", "anthropic", _CLAUDE),
        _model("claude-haiku-5-5", "Claude Haiku 5.5", "anthropic", _CLAUDE),
        _model("claude-fable-5", "Claude Fable 5", "anthropic", _CLAUDE),
        _model("claude-opus-5", "Claude Opus 5", "anthropic", _CLAUDE),
        _model("claude-sonnet-5", "Claude Sonnet 5", "anthropic", _CLAUDE),
        _model("claude-haiku-4-5", "Claude Haiku 4.5", "anthropic"),
        # What older clients still send.
        _model(
            "gemini-2.5-flash-preview-09-2025",
            "Gemini 2.5 Flash (preview)",
            "google",
            then="gemini-3.6-flash",
        ),
        _model("gemini-2.0-flash", "Gemini 2.0 Flash", "google", then="gemini-3.6-flash"),
        _model("gemini-2.0-flash-lite", "Gemini 2.0 Flash-Lite", "google", then="gemini-3.5-flash"),
        _model("gemini-1.5-flash", "Gemini 1.5 Flash", "google", then="gemini-3.5-flash"),
        _model("gpt-5", "GPT-5", "openai", _OPENAI, until=_DECEMBER, then="gpt-5.6-sol"),
        _model("gpt-5-mini", "GPT-5 mini", "openai", _OPENAI, until=_DECEMBER, then="gpt-5.6-luna"),
        _model("gpt-5-nano", "GPT-5 nano", "openai", _OPENAI, until=_DECEMBER, then="gpt-5.6-luna"),
        _model("gpt-4o", "GPT-4o", "openai", until=_JANUARY, then="gpt-5.6-terra"),
        _model("gpt-4o-mini", "GPT-4o mini", "openai", then="gpt-5.6-luna"),
        _model("gpt-4.1", "GPT-4.1", "openai", until=_JANUARY, then="gpt-5.6-terra"),
        _model("gpt-4.1-mini", "GPT-4.1 mini", "openai", until=_JANUARY, then="gpt-5.6-luna"),
        _model("gpt-4.1-nano", "GPT-4.1 nano", "openai", until=_OCTOBER, then="gpt-5.6-luna"),
        _model("o1", "o1", "openai", _THREE, until=_OCTOBER, then="gpt-5.6-sol"),
        _model("o3", "o3", "openai", _THREE, until=_DECEMBER, then="gpt-5.6-sol"),
        _model("o3-mini", "o3-mini", "openai", _THREE, until=_OCTOBER, then="gpt-5.6-luna"),
        _model("o4-mini", "o4-mini", "openai", _THREE, until=_OCTOBER, then="gpt-5.6-luna"),
        _model(
            "claude-sonnet-4-5-20250929",
            "Claude Sonnet 4.5",
            "anthropic",
            until=date(2026, 11, 30),
            then="claude-sonnet-5",
        ),
        _model("claude-sonnet-4-20250514", "Claude Sonnet 4", "anthropic", then="claude-sonnet-5"),
        _model("claude-opus-4-1-20250805", "Claude Opus 4.1", "anthropic", then="claude-opus-5"),
    )
}
"""By id, in the order in which a person sees them."""


def choices(today: date | None = None) -> tuple[Choice, ...]:
    """Give what a person can pick: the offline author, then every model that is still served."""
    day = today or date.today()
    served = [model for model in MODELS.values() if not model.is_retired(day)]
    return (
        Choice(label="Offline gallery (no key)", value=OFFLINE),
        *(Choice(label=model.label, value=model.id) for model in served),
    )

"""Settings: everything that can be configured, by environment variable, with its default and help.

Only doors read settings; they pass the values down. Every variable starts with `ABM_`, except the
vendors' keys, which carry the names that the vendors' own tools use.
"""

import ipaddress
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import platformdirs
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from abm_quant import resources
from abm_quant.contracts.jobs import Limits
from abm_quant.errors import BadSetting
from abm_quant.llm.catalogue import VENDORS, Dialect, Protocol, Vendor
from abm_quant.llm.chat import DEFAULT_TIMEOUT_S
from abm_quant.llm.connecting import Connections
from abm_quant.running.workers import TIMEOUT_S

PREFIX = "ABM_"


def default_data_dir() -> Path:
    """Give `generated/` of the checkout, or the user's data folder where the package is installed."""
    top = resources.checkout()
    return top / "generated" if top else Path(platformdirs.user_data_dir("abm-quant"))


class EndpointSetting(BaseModel):
    """A server that speaks OpenAI's chat protocol, or that of another vendor."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: Annotated[str, Field(pattern=r"^https?://")]
    key_env: str | None = None
    protocol: Protocol = "chat"
    dialect: Dialect = "json_schema"
    stream: bool = True
    label: str | None = None


class Settings(BaseSettings):
    """The configuration of one process. Arguments win over the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """Address that the service listens on; 0.0.0.0 for every interface."""
    port: Annotated[int, Field(ge=0, le=65535)] = 3001
    """Port that the service listens on; 0 for any free one."""
    data_dir: Annotated[Path, Field(default_factory=default_data_dir)]
    """Folder that keeps models and runs; `generated/` in a checkout, else the user's data folder."""
    default_model: str | None = None
    """Language model that is used when a request names none, such as `gpt-5` or `offline`."""
    authentication_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("ABM_AUTHENTICATION_KEY", "AUTHENTICATION_KEY")
    )
    """Key that clients must send in the header `Authentication` to generate models."""
    sandbox: Literal["auto", "full", "kernel", "noopen", "none"] = "auto"
    """`auto` confines runs at the strongest level that holds here, or refuses; `full`, `kernel` or `noopen` take that level or refuse; `none` runs code unconfined (own laptop only)."""
    limit_memory_mb: Annotated[int, Field(ge=16)] = Limits().memory_mb
    """Most memory of one run, in MiB."""
    limit_cpu_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Limits().cpu_s
    """Most processor time of one run, in seconds."""
    limit_wall_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Limits().wall_s
    """Most time on the clock of one run, in seconds."""
    limit_pause_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Limits().pause_s
    """Most time for which one run may be paused in all, in seconds."""
    limit_output_mb: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Limits().output_mb
    """Most bytes that one run may send back, in MiB."""
    limit_rows: Annotated[int, Field(ge=1)] = Limits().rows
    """Most rows that one run may send back: one a step, one an agent and step, one a list in a value."""
    limit_scratch_mb: Annotated[int, Field(ge=0)] = Limits().scratch_mb
    """Largest file that one run may write in its scratch folder, in MiB."""
    limit_steps: Annotated[int, Field(ge=1)] = Limits().steps
    """Most steps of one run."""
    limit_questions: Annotated[int, Field(ge=0)] = Limits().questions
    """Most questions that one run may ask its host, such as a language model; 0 for none."""
    limit_questions_at_once: Annotated[int, Field(ge=1, le=1_000)] = Limits().questions_at_once
    """Most questions that one run may ask at once."""
    limit_question_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Limits().question_s
    """Most time for which one run may wait for answers to what it asks at once, in seconds."""
    verify_budget_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 3
    """Most seconds that `generate` spends on running a new model to verify it; 0 for not at all."""
    compile_timeout_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = TIMEOUT_S
    """Most seconds that the service spends on checking or compiling one specification."""
    max_body_mb: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 50
    """Largest request body, in MiB; larger ones are answered with status 413."""
    max_active_runs: Annotated[int, Field(ge=1)] = 64
    """Most runs that may be queued or running at once; further ones are answered with status 429."""
    max_computing_runs: Annotated[int | None, Field(ge=1)] = None
    """Most runs that compute at once, the others wait; without it as many as processor cores."""
    max_memory_mb: Annotated[int | None, Field(ge=16)] = None
    """Most memory that all runs together may use, paused ones too, in MiB; without it 70 % of all."""
    openai_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    """The server's key for OpenAI models."""
    anthropic_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    """The server's key for Anthropic models."""
    google_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("GOOGLE_API_KEY", "GEMINI_API_KEY")
    )
    """The server's key for Google models."""

    deepseek_key: SecretStr | None = Field(default=None, validation_alias="DEEPSEEK_API_KEY")
    """The server's key for DeepSeek models."""
    openrouter_key: SecretStr | None = Field(default=None, validation_alias="OPENROUTER_API_KEY")
    """The server's key for models behind OpenRouter."""
    openai_base_url: str | None = None
    """Where OpenAI models are asked, with `/v1`; for a proxy, or a server that speaks Responses."""
    anthropic_base_url: str | None = None
    """Where Anthropic models are asked, without `/v1`."""
    google_base_url: str | None = None
    """Where Google models are asked, without a version."""
    google_api_version: str | None = None
    """Version of Google's interface, such as `v1`; without it `v1beta`."""
    local_base_url: str | None = None
    """Where `local:` models are asked; without it Ollama's address on this computer."""
    endpoints: dict[str, EndpointSetting] = Field(default_factory=dict)
    """More servers that speak OpenAI's chat protocol, as JSON by name: `{"lab": {"base_url":
    "http://127.0.0.1:8000/v1", "key_env": "LAB_KEY", "dialect": "json_schema"}}`; asked as
    `lab:model`. `"stream": false` for one that cannot send an answer in pieces; `"protocol"`
    `responses`, `messages` or `gemini` for one that speaks OpenAI's, Anthropic's or Google's."""
    llm_timeout_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = DEFAULT_TIMEOUT_S
    """Longest silence of a language model, in seconds; three times as long while it thinks hard, or
    where its answer comes whole."""

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _confined_or_local(self) -> Self:
        if self.sandbox == "none" and not is_loopback(self.host):
            raise ValueError(
                "With ABM_SANDBOX=none whoever reaches the service can run any program on this "
                f"computer, so ABM_HOST must be 127.0.0.1, and it is {self.host!r}."
            )
        return self

    @property
    def limits(self) -> Limits:
        """The most that one run may use."""
        prefix = "limit_"
        names = [name for name in type(self).model_fields if name.startswith(prefix)]
        return Limits(**{name.removeprefix(prefix): getattr(self, name) for name in names})

    @property
    def vendor_keys(self) -> dict[str, SecretStr]:
        """The server's keys by vendor: `openai`, `anthropic`, `google`; only those that are set."""
        keys = {
            "openai": self.openai_key,
            "anthropic": self.anthropic_key,
            "google": self.google_key,
            "deepseek": self.deepseek_key,
            "openrouter": self.openrouter_key,
        }
        for name, endpoint in self.endpoints.items():
            key = os.environ.get(endpoint.key_env) if endpoint.key_env else None
            keys[name] = SecretStr(key) if key else None
        return {vendor: key for vendor, key in keys.items() if key and key.get_secret_value()}

    @property
    def vendors(self) -> dict[str, Vendor]:
        """The catalogue's vendors where these settings put them, and the named endpoints."""
        moved = {
            "openai": self.openai_base_url,
            "anthropic": self.anthropic_base_url,
            "google": self.google_base_url,
            "local": self.local_base_url,
        }
        known = {
            name: replace(vendor, base_url=moved.get(name) or vendor.base_url)
            for name, vendor in VENDORS.items()
        }
        version = self.google_api_version or ""
        known["google"] = replace(known["google"], api_version=version)
        return known | {name: _vendor(name, each) for name, each in self.endpoints.items()}

    @property
    def connections(self) -> Connections:
        """Where language models are asked."""
        return Connections(vendors=self.vendors, timeout_s=self.llm_timeout_s)


def _vendor(name: str, endpoint: EndpointSetting) -> Vendor:
    return Vendor(
        name=name,
        label=endpoint.label or name,
        prefixes=(name.lower(),),
        base_url=endpoint.base_url,
        protocol=endpoint.protocol,
        dialect=endpoint.dialect,
        streams=endpoint.stream,
        key_variable=endpoint.key_env,
    )


def load_settings(**overrides: Any) -> Settings:
    """Give the settings of the environment, with overrides; raises BadSetting in plain words."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [_sentence(each) for each in error.errors(include_url=False, include_input=False)]
        raise BadSetting("\n".join(lines)) from None


def settings_table() -> list[tuple[str, str, str]]:
    """Give (environment variable, default as text, help) of each setting, in order."""
    return [
        (env_name(name), _default_text(name, info), " ".join((info.description or "").split()))
        for name, info in Settings.model_fields.items()
    ]


def env_name(field: str) -> str:
    """Give the environment variable of a field; the first one where there are several."""
    alias = Settings.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this computer only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _default_text(name: str, info: FieldInfo) -> str:
    if name == "data_dir":
        return "generated/"
    if info.is_required() or info.default_factory is not None or info.default is None:
        return ""
    return json.dumps(info.default).strip('"')


def _sentence(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return message
    place = str(error["loc"][0])
    name = env_name(place) if place in Settings.model_fields else place
    return f"{name}: {message[0].lower()}{message[1:].rstrip('.')}."

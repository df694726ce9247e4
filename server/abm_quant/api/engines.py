"""The engines as data: their names, and the parameters that clients show as a form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abm_quant.compiling.targets.table import TARGETS
from abm_quant.errors import NotFound
from abm_quant.llm.catalogue import choices
from abm_quant.llm.routing import RouteRequest, default_name
from abm_quant.settings import Settings

EMPTY_MODEL = '{"variables": [], "relationships": []}'


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Something that makes models from sentences."""

    name: str
    supports: tuple[str, ...]
    description: str
    source: str


ENGINES: Mapping[str, Engine] = {
    engine.name: engine
    for engine in (
        Engine(
            name="abm-quant",
            supports=("abm",),
            description=(
                "Writes complete agent-based models: a specification that is checked, compiled to "
                "Mesa code and ready to run."
            ),
            source="ABM Quant",
        ),
    )
}
RECOMMENDED = {"abm": "abm-quant"}


def engine_named(name: str) -> Engine:
    """Give an engine; raises NotFound."""
    if name not in ENGINES:
        raise NotFound(f'Engine "{name}" not found')
    return ENGINES[name]


def parameters(settings: Settings) -> list[dict[str, Any]]:
    """Give the fields of a generate request, in the order in which clients show them."""
    default = default_name(
        RouteRequest(keys=settings.vendor_keys, default_model=settings.default_model)
    )
    return [
        _field("prompt", "textarea", "Prompt", PROMPT_HELP, required=True),
        {
            "name": "currentModel",
            "type": "json",
            "required": False,
            "defaultValue": EMPTY_MODEL,
            "uiElement": "hidden",
            "description": (
                "The model to change, as an earlier answer gave it; the default starts a new one."
            ),
        },
        *(_key(name, vendor, looks_like) for name, vendor, looks_like in KEYS),
        {
            "name": "underlyingModel",
            "type": "string",
            "defaultValue": default,
            "required": False,
            "options": _model_options(default),
            "uiElement": "combobox",
            "saveForUser": "local",
            "label": "LLM Model",
            "description": "The LLM model that you want to use to process your queries.",
        },
        {
            "name": "target",
            "type": "string",
            "defaultValue": "",
            "required": False,
            "options": [
                {"label": "That of the model", "value": ""},
                *({"label": each.title, "value": name} for name, each in TARGETS.items()),
            ],
            "uiElement": "combobox",
            "saveForUser": "local",
            "label": "Framework",
            "description": "The framework that the model is compiled for.",
        },
    ]


PROMPT_HELP = "Description of desired model or changes to model."
KEYS = (
    ("openAIKey", "Open AI", "skprojectXXXXX"),
    ("googleKey", "Google", "XXXXXX"),
    ("anthropicKey", "Anthropic", "sk-ant-XXXXXX"),
)


def _field(
    name: str, element: str, label: str, help_text: str, *, required: bool
) -> dict[str, Any]:
    return {
        "name": name,
        "type": "string",
        "required": required,
        "uiElement": element,
        "label": label,
        "description": help_text,
    }


def _key(name: str, vendor: str, looks_like: str) -> dict[str, Any]:
    key = f"{vendor} key" if vendor == "Open AI" else f"{vendor} API key"
    return {
        "name": name,
        "type": "string",
        "required": False,
        "uiElement": "password",
        "saveForUser": "global",
        "label": f"{vendor} API Key",
        "description": f"Leave blank for the default, or your {key} - {looks_like}",
    }


def _model_options(default: str) -> list[dict[str, str]]:
    options = [{"label": each.label, "value": each.value} for each in choices()]
    if default not in [each["value"] for each in options]:
        options.insert(0, {"label": default, "value": default})
    return options

"""From a route to a language model that can be asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from abm_quant.errors import SchemaRefused, StreamRefused
from abm_quant.llm.anthropic import AnthropicModel
from abm_quant.llm.catalogue import VENDORS, Vendor
from abm_quant.llm.chat import DEFAULT_TIMEOUT_S, ChatModel, Endpoint
from abm_quant.llm.compatible import CompatibleModel
from abm_quant.llm.gemini import GeminiModel
from abm_quant.llm.leniency import Lenient, Memory, Refusal, place_of
from abm_quant.llm.openai import OpenAIModel
from abm_quant.llm.retries import Patient, RetryPolicy
from abm_quant.llm.routing import Route

PROTOCOLS: dict[str, Callable[[Endpoint, Vendor], ChatModel]] = {
    "responses": lambda endpoint, vendor: OpenAIModel(endpoint),
    "chat": lambda endpoint, vendor: CompatibleModel(endpoint, vendor.dialect),
    "messages": lambda endpoint, vendor: AnthropicModel(endpoint),
    "gemini": lambda endpoint, vendor: GeminiModel(endpoint, vendor.api_version),
}
"""The adapter of each protocol."""


@dataclass(frozen=True, kw_only=True)
class Connections:
    """Where vendors are, and how long they are waited for."""

    vendors: Mapping[str, Vendor] = field(default_factory=lambda: VENDORS)
    timeout_s: float = DEFAULT_TIMEOUT_S
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    memory: Memory = field(default_factory=Memory)


def connect(route: Route, connections: Connections) -> ChatModel:
    """Give the language model of a route, which is asked again where that may help."""
    vendor = connections.vendors[route.vendor]
    endpoint = Endpoint(
        vendor=vendor.name,
        label=vendor.label,
        base_url=vendor.base_url,
        key=route.key,
        timeout_s=connections.timeout_s,
    )
    model = PROTOCOLS[vendor.protocol](endpoint, vendor)
    lenient = Lenient(
        model,
        place=place_of(endpoint, route.model),
        memory=connections.memory,
        without=_without(vendor),
    )
    return Patient(lenient, connections.retries)


def _without(vendor: Vendor) -> frozenset[Refusal]:
    """Give what a vendor is known to refuse."""
    known = {StreamRefused: not vendor.streams, SchemaRefused: vendor.dialect == "json_object"}
    return frozenset(refusal for refusal, is_known in known.items() if is_known)

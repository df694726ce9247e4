"""From a route to a language model that can be asked."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from abm_quant.errors import SchemaRefused
from abm_quant.llm.anthropic import AnthropicModel
from abm_quant.llm.catalogue import VENDORS, Vendor
from abm_quant.llm.chat import (
    DEFAULT_TIMEOUT_S,
    ChatEvent,
    ChatModel,
    ChatRequest,
    Endpoint,
    Waiting,
)
from abm_quant.llm.compatible import CompatibleModel
from abm_quant.llm.gemini import GeminiModel
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
    return Patient(Lenient(model), connections.retries)


class Lenient:
    """A ChatModel that shows the schema to the model where its vendor does not enforce it."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer; asks once more, without enforcement, if need be."""
        try:
            async with aclosing(self._model.stream(request)) as events:
                async for event in events:
                    yield event
            return
        except SchemaRefused as refusal:
            if request.schema is None or not request.is_strict:
                raise
            reason = str(refusal)
        yield Waiting(reason=f"{reason} It is shown to the model instead.", wait_s=0)
        shown = json.dumps(request.schema, separators=(",", ":"))
        system = f"{request.system}\n# The schema of the answer\n\n{shown}\n"
        async with aclosing(
            self._model.stream(replace(request, is_strict=False, system=system))
        ) as events:
            async for event in events:
                yield event

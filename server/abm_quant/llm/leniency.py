"""Asks for less where a vendor does not give all: the schema enforced, a stream, a long answer."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from hashlib import sha256

from abm_quant.errors import LengthRefused, ModelUnavailable, SchemaRefused, StreamRefused
from abm_quant.llm.chat import ChatEvent, ChatModel, ChatRequest, Endpoint, Waiting

WHOLE = "The answer comes whole, so nothing of it can be seen before its end."


@dataclass(frozen=True, kw_only=True)
class Concession:
    """What is asked for less when a vendor refuses it."""

    applies: Callable[[ChatRequest], bool]
    """Whether a request asks for it."""
    concede: Callable[[ChatRequest], ChatRequest]
    """Gives the request that does not."""
    words: str
    """A sentence for the user."""
    is_lasting: bool = True
    """Whether later requests do not ask for it either."""


def _with_shown_schema(request: ChatRequest) -> ChatRequest:
    """Give a request that shows the schema to the model, and does not ask to enforce it."""
    shown = json.dumps(request.schema, separators=(",", ":"))
    system = f"{request.system}\n# The schema of the answer\n\n{shown}\n"
    return replace(request, is_strict=False, system=system)


Refusal = type[ModelUnavailable]
CONCESSIONS: dict[Refusal, Concession] = {
    SchemaRefused: Concession(
        applies=lambda request: request.is_strict and request.schema is not None,
        concede=_with_shown_schema,
        words="It is shown to the model instead.",
        is_lasting=False,
    ),
    StreamRefused: Concession(
        applies=lambda request: request.is_streamed,
        concede=lambda request: replace(request, is_streamed=False),
        words=WHOLE,
    ),
    LengthRefused: Concession(
        applies=lambda request: request.max_output_tokens is not None,
        concede=lambda request: replace(request, max_output_tokens=None),
        words="It is asked again with its own limit.",
    ),
}
"""By the refusal that they answer; each is made once."""

Place = tuple[str, str, str]
"""A vendor, a model and the fingerprint of a key: who refuses depends on all three."""


def place_of(endpoint: Endpoint, model: str) -> Place:
    """Give where a model is asked; of the key only what does not give it away."""
    return endpoint.vendor, model, sha256(endpoint.key_text.encode()).hexdigest()


@dataclass(frozen=True)
class Memory:
    """What was refused where; it lasts as long as the service."""

    refused: dict[Place, frozenset[Refusal]] = field(default_factory=dict)

    def recall(self, place: Place) -> frozenset[Refusal]:
        """Give what need not be asked for."""
        return self.refused.get(place, frozenset())

    def keep(self, place: Place, refusal: Refusal) -> None:
        """Remember a refusal."""
        self.refused[place] = self.recall(place) | {refusal}


class Lenient:
    """A ChatModel that asks another one again, for less, when its vendor refuses a part."""

    def __init__(
        self,
        model: ChatModel,
        *,
        place: Place = ("", "", ""),
        memory: Memory | None = None,
        without: frozenset[Refusal] = frozenset(),
    ) -> None:
        self._model = model
        self._place = place
        self._memory = memory or Memory()
        self._without = without

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer; a Waiting comes before each new attempt."""
        for refusal in CONCESSIONS:
            if refusal in self._without | self._memory.recall(self._place):
                request = _conceded(refusal, request)
        if not request.is_streamed:
            yield Waiting(reason=WHOLE)
        while True:
            try:
                async with aclosing(self._model.stream(request)) as events:
                    async for event in events:
                        yield event
                return
            except tuple(CONCESSIONS) as failure:
                concession = CONCESSIONS[type(failure)]
                if not concession.applies(request):
                    raise
                if concession.is_lasting:
                    self._memory.keep(self._place, type(failure))
                reason = f"{failure} {concession.words}"
            request = concession.concede(request)
            yield Waiting(reason=reason)


def _conceded(refusal: Refusal, request: ChatRequest) -> ChatRequest:
    concession = CONCESSIONS[refusal]
    return concession.concede(request) if concession.applies(request) else request

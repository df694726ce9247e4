"""Sends a request again where that may help, and only there."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from abm_quant.errors import ConnectionFailed, ModelUnavailable, RateLimited, VendorOverloaded
from abm_quant.llm.chat import ChatEvent, ChatModel, ChatRequest, Waiting

PASSING = (RateLimited, VendorOverloaded, ConnectionFailed)
"""What may be over in a moment. A bad key, a spent account or a refusal is not."""


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often, and how long to wait."""

    attempts: int = 3
    first_wait_s: float = 1.0
    """The wait doubles with every attempt, and is shortened by up to a quarter at random."""
    longest_wait_s: float = 30.0
    """A vendor that asks for more is not waited for."""


class Patient:
    """A ChatModel that asks another one again when it was busy, limited or broke off."""

    def __init__(self, model: ChatModel, policy: RetryPolicy | None = None) -> None:
        self._model = model
        self._policy = policy or RetryPolicy()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the pieces of the answer; a Waiting comes before each new attempt."""
        for attempt in range(1, self._policy.attempts + 1):
            try:
                async with aclosing(self._model.stream(request)) as events:
                    async for event in events:
                        yield event
                return
            except PASSING as failure:
                wait_s = self._wait(attempt, failure)
                if wait_s is None:
                    raise
                waiting = Waiting(reason=str(failure), wait_s=wait_s, usage=failure.usage)
            yield waiting
            await asyncio.sleep(wait_s)

    def _wait(self, attempt: int, failure: ModelUnavailable) -> float | None:
        """Give the seconds to wait, None when there is no use in another attempt."""
        policy = self._policy
        if attempt >= policy.attempts:
            return None
        asked = failure.retry_after_s
        if asked is not None:
            return asked if asked <= policy.longest_wait_s else None
        wait_s = min(policy.first_wait_s * 2 ** (attempt - 1), policy.longest_wait_s)
        return float(wait_s * random.uniform(0.75, 1.0))

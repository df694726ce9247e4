"""Helpers for tests of authors."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from abm_quant.authoring.author import Draft, Review
from abm_quant.contracts.progress import Step


async def unread(answer: Any) -> AsyncGenerator[Step | Review]:
    """Judge nothing, for authors whose words alone are looked at."""
    yield Review(problems=[])


async def draft_of(writing: AsyncGenerator[Step | Draft]) -> Draft:
    """Give the draft in which the writing ends."""
    async with aclosing(writing) as steps:
        return [step async for step in steps][-1]  # type: ignore[return-value]

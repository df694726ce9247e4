"""Turns what a vendor's SDK gives for one request into the events of a ChatModel."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Any, Protocol

from abm_quant.contracts.usage import Usage
from abm_quant.errors import AbmError, ReplyTruncated
from abm_quant.llm.chat import ChatEvent, ChatReply, Endpoint, TextDelta
from abm_quant.llm.failures import VendorFailed, not_connected, unavailable, unreadable

Items = AbstractAsyncContextManager[AsyncIterator[Any]]
"""The events of an answer in the SDK's types, or the whole answer as the only one."""


MOST_CHARACTERS = 2_000_000
"""An answer that is longer is not waited for; a large model has a tenth of that."""
TOO_LONG = (
    f"more than {MOST_CHARACTERS:,} characters, which no model needs. Try again, ask for a smaller "
    "model, or choose another language model."
)


class Reading(Protocol):
    """What the items of one answer have said so far."""

    @property
    def usage(self) -> Usage:
        """What the answer took so far."""
        ...

    def take(self, item: Any) -> str:
        """Read an item and give the text that it adds; raises VendorFailed."""
        ...

    def reply(self) -> ChatReply | None:
        """Give the whole answer, None while its end is missing."""
        ...


async def answered(
    items: Items, reading: Reading, endpoint: Endpoint, model: str
) -> AsyncGenerator[ChatEvent]:
    """Give the pieces of an answer as they come, then the whole; see ChatModel.

    What is raised carries the usage of the part that had come.
    """
    began, length = False, 0
    try:
        async with items as coming:
            async for item in coming:
                began = True
                if piece := reading.take(item):
                    length += len(piece)
                    if length > MOST_CHARACTERS:
                        raise ReplyTruncated(f"{model} wrote {TOO_LONG}")
                    yield TextDelta(text=piece)
        reply = reading.reply()
        if reply is None:
            raise (not_connected if began else unreadable)(endpoint, model)
    except VendorFailed as failure:
        known = unavailable(endpoint, model, failure.error)
        known.usage = reading.usage
        raise known from failure
    except AbmError as failure:
        failure.usage = reading.usage
        raise
    yield reply


@asynccontextmanager
async def items_of(opened: Any, whole: Any) -> AsyncGenerator[AsyncIterator[Any]]:
    """Give what an SDK gave: the events of its stream, or the whole answer as the only item.

    Some servers answer with a whole JSON object although they were asked to stream; it is read
    as the SDK's class `whole`.
    """
    if not hasattr(opened, "__aiter__"):
        yield only(opened)
        return
    async with opened, aclosing(_items(opened, whole)) as items:
        yield items


async def _items(stream: Any, whole: Any) -> AsyncGenerator[Any]:
    if "json" in stream.response.headers.get("content-type", ""):
        body = await stream.response.aread()
        if body.lstrip().startswith(b"{"):
            yield whole.model_construct(**json.loads(body))
            return
    async for item in stream:
        yield item


async def only(item: Any) -> AsyncGenerator[Any]:
    """Give the only item."""
    yield item

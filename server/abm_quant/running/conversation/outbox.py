"""What the service has to say to a child, sent in order, without waiting for the child to read it."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Iterator
from typing import Any

from abm_quant.running.child import Channel


class Outbox:
    """Holds what a child has not taken yet; whoever says something bounds how much that is."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lines: deque[bytes] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._is_gathering = False
        self._given = 0
        self.sent = 0
        """How many lines the child's end of the channel has taken."""

    def put(self, line: bytes) -> int:
        """Send a line as soon as the child can take it; gives its number, counted from 1."""
        self._given += 1
        data = line + b"\n"
        if self._is_gathering:
            self._lines.append(data)
            return self._given
        if self._sending is None and not (data := self._channel.push(data)):
            self.sent += 1
            return self._given
        self._lines.append(data)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send())
        return self._given

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Send what is put meanwhile in one piece, so that a child has all of it when it has some."""
        self._is_gathering = True
        try:
            yield
        finally:
            self._is_gathering = False
            lines = [*self._lines]
            self._lines.clear()
            self._given -= 1
            self.sent += len(lines) - 1
            self.put(b"".join(lines).removesuffix(b"\n"))

    def tell(self, kind: str, **values: Any) -> None:
        """Send a message of a type."""
        self.put(json.dumps({"type": kind, **values}, allow_nan=False).encode())

    def close(self) -> None:
        """Send nothing more."""
        self._lines.clear()
        if self._sending is not None:
            self._sending.cancel()

    async def _send(self) -> None:
        try:
            while self._lines:
                await self._channel.send(self._lines.popleft())
                self.sent += 1
        finally:
            self._sending = None

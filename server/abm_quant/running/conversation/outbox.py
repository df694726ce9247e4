"""What the service has to say to a child, sent in order, without waiting for the child to read it."""

import asyncio
import json
from collections import deque
from typing import Any

from abm_quant.running.child import Channel


class Outbox:
    """Holds what a child has not taken yet; whoever says something bounds how much that is."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._has_begun = False
        self._given = 0
        self.sent = 0
        """How many lines the child's end of the channel has taken."""

    def begin(self) -> None:
        """Send what was put until now in one piece: a child that has some of it has all of it."""
        self._has_begun = True
        self._push()

    def put(self, line: bytes) -> int:
        """Send a line as soon as the child can take it; gives its number, counted from 1."""
        self._given += 1
        self._waiting.append((self._given, line + b"\n"))
        if self._has_begun and self._sending is None:
            self._push()
        return self._given

    def tell(self, kind: str, **values: Any) -> None:
        """Send a message of a type."""
        self.put(json.dumps({"type": kind, **values}, allow_nan=False).encode())

    def close(self) -> None:
        """Send nothing more."""
        self._waiting.clear()
        if self._sending is not None:
            self._sending.cancel()

    def _push(self) -> None:
        """Send all that waits, as far as the child can take it now; the rest when it can."""
        rest = self._channel.push(b"".join(data for _, data in self._waiting))
        self._waiting.clear()
        if rest:
            self._waiting.append((self._given, rest))
            self._sending = asyncio.get_running_loop().create_task(self._send())
        else:
            self.sent = self._given

    async def _send(self) -> None:
        try:
            while self._waiting:
                number, data = self._waiting.popleft()
                await self._channel.send(data)
                self.sent = number
        finally:
            self._sending = None

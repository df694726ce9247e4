"""The child's ear: messages of the service on the channel, one JSON object a line, in their order.

Messages: the job, then {"type": "pause" | "resume" | "step" | "stop" | "set", ...}; course.py does
what they say. To look for one between two steps takes about a microsecond. An answer to questions,
{"type": "answer", ...}, is awaited where they were asked.
"""

import json
import os
import select
from collections import deque
from typing import Any

from abm_quant.running.inside.reporting import CHANNEL

Message = dict[str, Any]
_CHUNK = 256 * 1024


class Inbox:
    """Takes messages; ends the process when the service has closed its end."""

    def __init__(self, channel: int = CHANNEL) -> None:
        self._channel = channel
        watched = select.poll()
        watched.register(channel, select.POLLIN)
        self._look = watched.poll
        self._parts: list[bytes] = []
        self._kept: deque[Message] = deque()

    def poll(self) -> Message | None:
        """Give the next message that is there, None when there is none; does not wait."""
        if not self._kept and self._look(0):
            self._read()
        return self._kept.popleft() if self._kept else None

    def wait(self) -> Message:
        """Give the next message, as soon as there is one."""
        while not self._kept:
            self._read()
        return self._kept.popleft()

    def answer(self, number: int) -> Message:
        """Give the answer to questions, as soon as it is there; what else comes is kept."""
        others: list[Message] = []
        try:
            while True:
                message = self.wait()
                if message["type"] != "answer":
                    others.append(message)
                elif message["id"] == number:
                    return message
        finally:
            self._kept.extendleft(reversed(others))

    def _read(self) -> None:
        """Take what has come; a line may come in parts."""
        data = os.read(self._channel, _CHUNK)
        if not data:
            os._exit(1)
        self._parts.append(data)
        if b"\n" in data:
            *lines, rest = b"".join(self._parts).split(b"\n")
            self._parts = [rest]
            self._kept.extend(json.loads(line) for line in lines)

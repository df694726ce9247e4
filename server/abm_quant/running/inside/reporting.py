"""The child's voice: JSON lines on the channel to the service, gathered into batches.

Messages: {"type": "ready" | "refused" | "agents" | "steps" | "frame" | "bounded" | "checkpoint" |
"unsaved" | "inexact" | "printed" | "not-json" | "paused" | "resumed" | "set" | "ask" | "finished" |
"failed", ...}. conversation/messages.py is the reader, and believes none of it. The series of several
steps are one message, with a column for each; a long message is sent in parts.
"""

import io
import json
import os
import time
from typing import Any

from abm_quant.running.inside import values
from abm_quant.running.inside.tracking import AgentTable

CHANNEL = 3
MAX_LINE = 1024 * 1024
MAX_PRINTED = 100_000
_BATCH_BYTES = 64 * 1024
_BATCH_S = 0.05
_ROWS_A_MESSAGE = 5_000
STEPS_A_MESSAGE = 1_000
CHECKPOINT_PART = 700_000
"""Bytes of a checkpoint in one message."""
MOST_CHECKPOINT_BYTES = 64 * 1024 * 1024
_VALUE_BYTES = 12
_SMALL = (float, int, bool, type(None))


class MessageTooLong(Exception):
    """One step holds more than a message can carry."""


class AllowanceSpent(Exception):
    """Messages of a type have taken the bytes that are allowed for them."""


class Printed(io.TextIOBase):
    """Takes what foreign code prints, up to a bound."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = MAX_PRINTED

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._left > 0 and text:
            self._parts.append(text[: self._left])
            self._left -= len(text)
            if self._left <= 0:
                self._parts.append(f"\n(only the first {MAX_PRINTED:,} characters are kept)\n")
        return len(text)

    def take(self) -> str:
        """Give what was printed since the last call."""
        text, self._parts = "".join(self._parts), []
        return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


class Reporter:
    """Sends messages; waits with those that can wait for a twentieth of a second."""

    def __init__(self, channel: int = CHANNEL, printed: Printed | None = None) -> None:
        self._channel = channel
        self._printed = printed or Printed()
        self._lines: list[bytes] = []
        self._size = 0
        self._last_flush = 0.0
        self.told: set[str] = set()
        """The series of which it was said that their values have no JSON form."""
        self._columns: dict[str, list[Any]] = {}
        self._steps = 0
        self._next_step = 0
        self.allowed: dict[str, int] = {}
        """Bytes that messages of a type may still take, for types that are bounded."""

    def step(self, step: int, series: dict[str, Any]) -> None:
        """Report one step, after its agents: first what was printed, then the series."""
        self._print()
        self._add(step, series)
        late = time.monotonic() - self._last_flush > _BATCH_S
        if step <= 1 or late or self._size > _BATCH_BYTES:
            self.flush()

    def agents(self, step: int, table: AgentTable) -> None:
        """Report agents of the step that is reported next.

        Raises MessageTooLong or AllowanceSpent; some of them may have been sent then.
        """
        ids = [*map(values.id_number, table.ids)]
        columns = {
            name: self._column(f"{table.agent_type}.{name}", column)
            for name, column in table.columns.items()
        }
        whole = AgentTable(table.agent_type, ids, columns)
        for first in range(0, max(len(ids), 1), _ROWS_A_MESSAGE):
            self._send_rows(step, whole, first, min(first + _ROWS_A_MESSAGE, len(ids)))
            if self._size > _BATCH_BYTES:
                self.flush()

    def last(self, message: dict[str, Any]) -> None:
        """Report the end, with what was printed before it."""
        self._print()
        self.send(message)
        self.flush()

    def send(self, message: dict[str, Any]) -> None:
        """Put a message into the next batch, after the steps until now; raises MessageTooLong."""
        self._close_columns()
        self._put(message)

    def flush(self) -> None:
        """Send all that waits."""
        self._close_columns()
        data = memoryview(b"".join(self._lines))
        self._lines, self._size = [], 0
        while data:
            data = data[os.write(self._channel, data) :]
        self._last_flush = time.monotonic()

    def _put(self, message: dict[str, Any]) -> None:
        line = json.dumps(message, allow_nan=False, separators=(",", ":")).encode() + b"\n"
        if len(line) > MAX_LINE:
            raise MessageTooLong(f"a message of {len(line):,} bytes; at most {MAX_LINE:,}")
        kind = message["type"]
        if kind in self.allowed:
            if len(line) > self.allowed[kind]:
                raise AllowanceSpent(kind)
            self.allowed[kind] -= len(line)
        self._lines.append(line)
        self._size += len(line)

    def _add(self, step: int, series: dict[str, Any]) -> None:
        """Add the series of one step to the columns of the next message."""
        if self._columns.keys() != series.keys():
            series = {str(name): value for name, value in series.items()}
        if self._columns.keys() != series.keys():
            self._close_columns()
            self._columns = {name: [] for name in series}
        self._steps += 1
        self._next_step = step + 1
        self._size += _VALUE_BYTES * len(series)
        small = True
        for name, value in series.items():
            self._columns[name].append(value)
            small = small and type(value) in _SMALL
        if not small or self._steps == STEPS_A_MESSAGE:
            self._close_columns()

    def _close_columns(self) -> None:
        """Put the steps until now into the next batch."""
        if not self._steps:
            return
        columns, count, self._steps = self._columns, self._steps, 0
        self._columns = {name: [] for name in columns}
        self._size -= _VALUE_BYTES * len(columns) * count
        plain = {name: self._column(name, column) for name, column in columns.items()}
        self._send_steps(self._next_step - count, count, plain)

    def _send_steps(self, first: int, count: int, columns: dict[str, list[Any]]) -> None:
        """Send some steps, in halves when they are too long for one message."""
        try:
            self._put({"type": "steps", "first": first, "count": count, "model": columns})
        except MessageTooLong:
            if count < 2:
                raise
            middle = count // 2
            halves = (slice(0, middle), slice(middle, count))
            early, late = ({name: each[part] for name, each in columns.items()} for part in halves)
            self._send_steps(first, middle, early)
            self._send_steps(first + middle, count - middle, late)

    def _print(self) -> None:
        if text := self._printed.take():
            self.send({"type": "printed", "text": text})

    def _column(self, series: str, column: list[Any]) -> list[Any]:
        plain, reason = values.column_to_json(column)
        if reason:
            self._tell(series, reason)
        return plain

    def _send_rows(self, step: int, table: AgentTable, first: int, end: int) -> None:
        """Send some rows, in halves when they are too long for one message."""
        message = {
            "type": "agents",
            "step": step,
            "agent_type": table.agent_type,
            "id": table.ids[first:end],
            "attributes": {name: column[first:end] for name, column in table.columns.items()},
        }
        try:
            self.send(message)
        except MessageTooLong:
            if end - first < 2:
                raise
            middle = (first + end) // 2
            self._send_rows(step, table, first, middle)
            self._send_rows(step, table, middle, end)

    def _tell(self, series: str, reason: values.NotJson) -> None:
        """Say once for each series that its values have no JSON form."""
        if series not in self.told:
            self.told.add(series)
            self.send({"type": "not-json", "series": series, "kind": reason.kind})

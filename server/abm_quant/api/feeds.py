"""Feeds: the events of a run, numbered from 1, for any number of watchers at their own pace.

An event is either fresh, in memory, or in the run's log on disk, so that no watcher makes anything
grow: each one only remembers how far it has come, and reads on from the one or the other place.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from abm_quant.contracts.events import CheckpointTaken, Event, RunEvent, RunFailed, RunFinished
from abm_quant.contracts.problems import problem
from abm_quant.storage.events import EventLog, number
from abm_quant.storage.runs import RunRecord

MOST_FRESH = 2**20
"""Bytes of events from which they are brought to disk."""
MOST_OLD_S = 1
"""Seconds after which they are, so that no more is lost when the service is killed."""
GROUP = 512
"""Most events that are handed over at once."""
PAUSE_S = 0.02
"""Watchers are woken at most once in this time: a quick model records a hundred steps in it."""
KIND = re.compile(rb'\{"id":\d+,"type":"([a-z-]+)"')
LEFT_OUT: Mapping[type[Event], Any] = {CheckpointTaken: {"checkpoint": {"state"}}}
"""What watchers are not sent of an event: bytes that only a sandbox can read."""
LAST_KINDS = ("run-finished", "run-failed")


@dataclass(frozen=True, slots=True)
class Told:
    """One event as watchers hear it."""

    id: int
    """Its number."""
    type: str
    data: bytes
    """JSON with the `id` and `type` of the event and its fields."""


class Feed:
    """The events of one run, from the first to the last."""

    def __init__(self, log: EventLog, *, kept: int = 0) -> None:
        self._log = log
        self._kept = kept  # the number of the last event that is on disk, or left out there
        self._fresh: list[Told] = []
        self._fresh_bytes = 0
        self._saved = time.monotonic()
        self._waiting: set[asyncio.Future[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._woken = 0.0
        self.is_over = False

    @property
    def last_id(self) -> int:
        """The number of the latest event, 0 before the first one."""
        return self._kept + len(self._fresh)

    @property
    def is_due(self) -> bool:
        """Whether fresh events should be saved before more are told: they are many, or old."""
        return self._fresh_bytes > MOST_FRESH or time.monotonic() - self._saved > MOST_OLD_S

    def tell(self, event: RunEvent) -> None:
        """Number an event and let watchers have it; the last one ends the feed."""
        told = _told(self.last_id + 1, event)
        self._fresh.append(told)
        self._fresh_bytes += len(told.data)
        if isinstance(event, RunFinished | RunFailed):
            self.is_over = True
        self._wake_soon()

    async def save(self) -> None:
        """Bring the fresh events to disk. Raises StorageError; they then stay in memory."""
        lines = [each.data for each in self._fresh]
        await asyncio.to_thread(self._log.append, lines, are_last=self.is_over)
        self._kept += len(lines)
        self._fresh.clear()
        self._fresh_bytes = 0
        self._saved = time.monotonic()

    async def groups(self, after: int = 0) -> AsyncGenerator[list[Told]]:
        """Give the events after a number in order, some at once, until the run is over.

        Where the log has left some out, one of the type `events-skipped` stands in their place.
        After a number that is still to come, all that comes is given, at least the last event.
        """
        if after > self.last_id:
            after = self.last_id - 1 if self.is_over else self.last_id
        place = 0
        while after < self.last_id or not self.is_over:
            if after < self._kept:
                kept = self._kept
                lines, place = await asyncio.to_thread(self._log.read, place, after=after)
                group = _completed(after, [_read(line) for line in lines], kept)
            else:
                if self.last_id - after < GROUP:
                    await self._news(after)
                start = after - self._kept
                group = self._fresh[start : start + GROUP] if start >= 0 else []
            if group:
                yield group
                after = group[-1].id

    def _wake_soon(self) -> None:
        """Wake the watchers that wait, a little later where it was done just now."""
        if self._timer is None and self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._woken + PAUSE_S), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._woken = asyncio.get_running_loop().time()
        for each in self._waiting:
            if not each.done():
                each.set_result(None)

    async def _news(self, after: int) -> None:
        """Wait until there are events after a number, and never less than the pause."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        if after < self.last_id:
            self._wake_soon()
        try:
            await future
        finally:
            self._waiting.discard(future)


def kept_feed(record: RunRecord, log: EventLog) -> Feed:
    """Give the feed of a run that is over; one whose service was killed ends with its record."""
    last = log.last()
    feed = Feed(log, kept=number(last) if last else 0)
    if last is None or _read(last).type not in LAST_KINDS:
        feed.tell(end_of(record))
    feed.is_over = True
    return feed


def end_of(record: RunRecord) -> RunFinished | RunFailed:
    """Give the event that ends a run, from its record."""
    if record.status == "finished":
        return RunFinished(steps=record.step, stop_reason=record.stop_reason or "")
    reason = record.failure or "crash"
    found = [each for each in record.problems if each.severity == "error"]
    said = found[-1] if found else problem("run-failed", "", f"The run is over: {reason}.")
    return RunFailed.model_validate({"steps": record.step, "reason": reason, "problem": said})


def _told(event_id: int, event: Event) -> Told:
    data = event.model_dump_json(exclude=LEFT_OUT.get(type(event))).encode()
    kind: str = event.type  # type: ignore[attr-defined]
    return Told(event_id, kind, b'{"id":%d,%s' % (event_id, data[1:]))


def _read(line: bytes) -> Told:
    found = KIND.match(line)
    return Told(number(line), found[1].decode() if found else "unreadable", line)


def _completed(after: int, group: list[Told], last: int) -> list[Told]:
    """Give events that follow on a number, up to the last one or beyond, with what is missing."""
    complete: list[Told] = []
    for each in group:
        if each.id > after + 1:
            complete.append(_skipped(after + 1, each.id - 1))
        complete.append(each)
        after = each.id
    return complete or [_skipped(after + 1, last)]


def _skipped(first: int, last: int) -> Told:
    kind = "events-skipped"
    told = {"id": last, "type": kind, "from": first, "to": last}
    return Told(last, kind, json.dumps(told).encode())

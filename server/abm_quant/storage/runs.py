"""Runs on disk: `<data folder>/runs/<id>/` with a record, and when the run is over its result.

What happened in the run lies beside them, event by event: see events.py.
"""

import os
import re
import secrets
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from abm_quant.contracts.jobs import Limits, ParameterValue, SandboxReport
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.results import RunResult
from abm_quant.contracts.wire import Wire
from abm_quant.errors import NotFound, StorageError
from abm_quant.storage.events import EventLog
from abm_quant.storage.files import Page, page_of, storage_errors, write_file

RECORD, RESULT, EVENTS = "record.json", "result.json", "events.jsonl"
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

RunStatus = Literal["queued", "running", "paused", "finished", "failed", "cancelled"]


class RunRecord(Wire):
    """Where a run stands."""

    id: str
    """Name of the run in the interface: a UUID that sorts by time."""
    status: RunStatus = "queued"
    """queued, running and paused go on; finished, failed and cancelled are final."""
    model_id: str
    """The model that is run."""
    title: str = ""
    """The model's title."""
    target: str
    """The framework that its code is written for."""
    seed: int
    """The seed of all random numbers of the run."""
    parameters: dict[str, ParameterValue] = {}
    """The parameters that differ from their defaults."""
    limits: Limits = Limits()
    """What the run may use."""
    step: int = 0
    """Steps that were taken so far."""
    of: int
    """The most steps that the run will take."""
    stop_reason: str | None = None
    """`max-steps`, `steps`, `ended-by-code` or the sourceName of the rule that held; None when it did not finish."""
    failure: str | None = None
    """The kind of failure; None when there was none."""
    problems: list[Problem] = []
    """What went wrong or was noticed, each with its place in the specification."""
    sandbox: SandboxReport | None = None
    """What was enforced around the run."""
    created: datetime
    """When it was asked for."""
    ended: datetime | None = None
    """When it came to its end."""

    @property
    def is_over(self) -> bool:
        """Whether the run has come to an end of any kind."""
        return self.status in ("finished", "failed", "cancelled")


class RunStore:
    """Keeps the records and results of runs in a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "runs"

    def save(self, record: RunRecord, result: RunResult | None = None) -> None:
        """Keep where a run stands, and its result where there is one."""
        with storage_errors("written"):
            folder = self._folder / _checked(record.id)
            folder.mkdir(parents=True, exist_ok=True)
            if result is not None:
                write_file(folder / RESULT, result.model_dump_json().encode())
            text = record.model_dump_json(indent=2)
            write_file(folder / RECORD, text.encode(), lasting=record.is_over)

    def get(self, run_id: str) -> RunRecord:
        """Give the record of a run; raises NotFound."""
        folder = self._folder / _checked(run_id)
        if not (folder / RECORD).is_file():
            raise NotFound(_no_run())
        record = _read(folder)
        if record is None:
            raise StorageError(f"The record of run {run_id} is damaged.")
        return record

    def result(self, run_id: str) -> RunResult:
        """Give the result of a run; raises NotFound when it has none."""
        path = self._folder / _checked(run_id) / RESULT
        if not path.is_file():
            raise NotFound("This run has no result.")
        with storage_errors("read"):
            data = path.read_bytes()
        try:
            return RunResult.model_validate_json(data)
        except ValidationError as error:
            raise StorageError(f"The result of run {run_id} is damaged.") from error

    def events(self, run_id: str) -> EventLog:
        """Give the log of the events of a run; raises NotFound for what is no id of a run."""
        return EventLog(self._folder / _checked(run_id) / EVENTS)

    def page(self, *, limit: int = 20, cursor: str | None = None) -> Page[RunRecord]:
        """Give records, newest first; folders that hold none are passed over."""
        if cursor is not None and not ID.fullmatch(cursor):
            raise NotFound("There is no page with this cursor. Leave it out to begin again.")
        with storage_errors("read"):
            return page_of(
                self._ids(), lambda each: _read(self._folder / each), limit=limit, cursor=cursor
            )

    def close_interrupted(self) -> int:
        """Mark the runs that an earlier process left unfinished as failed; give their number."""
        with storage_errors("read"):
            records = [_read(self._folder / each) for each in self._ids()]
        unfinished = [each for each in records if each is not None and not each.is_over]
        for record in unfinished:
            record.status, record.failure, record.ended = "failed", "crash", datetime.now(UTC)
            record.problems = [*record.problems, _interrupted()]
            self.save(record)
        return len(unfinished)

    def _ids(self) -> Iterator[str]:
        if not self._folder.is_dir():
            return
        with os.scandir(self._folder) as entries:
            yield from (entry.name for entry in entries if ID.fullmatch(entry.name))


def new_run_id() -> str:
    """Give a fresh UUID of version 7 (RFC 9562): ids of later runs sort after those of earlier."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    value = milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def _checked(run_id: str) -> str:
    if not ID.fullmatch(run_id):
        raise NotFound(_no_run())
    return run_id


def _no_run() -> str:
    return "There is no run with this id. GET /runs lists those that are kept."


def _interrupted() -> Problem:
    return problem(
        "run-failed",
        "",
        "The service was stopped while this run was under way.",
        "Start it again with the same seed to get the same results.",
    )


def _read(folder: Path) -> RunRecord | None:
    """Give the record of a folder; None when it cannot be read as one."""
    try:
        return RunRecord.model_validate_json((folder / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None

"""Checkpoints of `abm run`: where they are kept, and which run is continued."""

import shlex
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast

from abm_quant.cli.folders import STDOUT, check_file
from abm_quant.contracts.events import CheckpointTaken, RunEvent
from abm_quant.contracts.jobs import Checkpoint, RunJob
from abm_quant.errors import BadRequest
from abm_quant.running.conversation.jobs import steps_to_take
from abm_quant.storage.checkpoints import is_checkpoint, read_checkpoint, write_checkpoint


def check_checkpoints(file: Path | None, every: int | None) -> None:
    """Raise BadRequest when place and distance of checkpoints do not go together, or the place is
    taken by another file."""
    if (file is None) != (every is None):
        raise BadRequest(
            "--checkpoint FILE and --checkpoint-every N belong together: where, and how often."
        )
    if file is None:
        return
    if file == STDOUT:
        raise BadRequest("A checkpoint is binary and goes into a file: name one for --checkpoint.")
    check_file(file)
    if file.exists() and not is_checkpoint(file):
        raise BadRequest(
            f"{str(file)!r} holds something else than a checkpoint and would be lost. "
            "Name another file for --checkpoint."
        )


def saved_run(
    file: Path | None, seed: int | None, assignments: list[str] | None
) -> Checkpoint | None:
    """Give the checkpoint to go on from, None for a new run; raises BadRequest."""
    if file is None:
        return None
    if seed is not None or assignments:
        raise BadRequest(
            "A run is continued with its own seed and parameters: leave out --seed and --set."
        )
    return read_checkpoint(file)


def check_rest(job: RunJob) -> None:
    """Raise BadRequest when a checkpoint is continued and no step is left to take."""
    last = steps_to_take(job)
    if job.resume is not None and job.resume.step == last:
        reason = "the model's own maximum" if last == job.bundle.max_steps else "as far as asked"
        raise BadRequest(
            f"No step is left: the checkpoint was taken after step {last:,}, {reason}."
            + ("" if last == job.bundle.max_steps else " Ask for more steps.")
        )


class CheckpointFile:
    """The file that keeps the last checkpoint of a run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._step: int | None = None

    async def keeping(self, events: AsyncIterator[RunEvent]) -> AsyncIterator[RunEvent]:
        """Give the events of a run, and keep each checkpoint in the place of the one before."""
        async with aclosing(cast(Any, events)) as stream:
            async for event in stream:
                if isinstance(event, CheckpointTaken):
                    write_checkpoint(self._path, event.checkpoint)
                    self._step = event.step
                yield event

    def sentence(self) -> str:
        """Give what became of it."""
        if self._step is None:
            return f"No checkpoint was taken; {self._path} was not written."
        return (
            f"Kept the state after step {self._step:,}: --resume {shlex.quote(str(self._path))} "
            "goes on from there."
        )

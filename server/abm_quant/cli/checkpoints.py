"""Checkpoints of `abm run`: where they are kept, and which run is continued."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast

from abm_quant.cli.folders import check_file
from abm_quant.contracts.events import CheckpointTaken, RunEvent
from abm_quant.contracts.jobs import Checkpoint
from abm_quant.errors import BadRequest
from abm_quant.storage.checkpoints import read_checkpoint, write_checkpoint


def check_checkpoints(file: Path | None, every: int | None) -> None:
    """Raise BadRequest when it is said where checkpoints are kept and not how often, or so."""
    if (file is None) != (every is None):
        raise BadRequest(
            "--checkpoint FILE and --checkpoint-every N belong together: where, and how often."
        )
    if file is not None:
        check_file(file)


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


async def keeping(events: AsyncIterator[RunEvent], file: Path | None) -> AsyncIterator[RunEvent]:
    """Give the events of a run, and keep the last checkpoint in a file."""
    async with aclosing(cast(Any, events)) as stream:
        async for event in stream:
            if isinstance(event, CheckpointTaken) and file is not None:
                write_checkpoint(file, event.checkpoint)
            yield event

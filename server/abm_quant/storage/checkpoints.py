"""Checkpoints as files: one line of JSON that says what follows, then the bytes of the state."""

import hashlib
import json
from pathlib import Path

from pydantic import ValidationError

from abm_quant.contracts.jobs import Checkpoint
from abm_quant.errors import BadRequest
from abm_quant.storage.files import write_file

FORMAT = "abm-quant checkpoint 1"
_LONGEST_HEADER = 1_000_000
_LARGEST = 128 * 1024 * 1024
_NOT_A_HEADER = (
    ValueError,
    AttributeError,
    KeyError,
    TypeError,
    RecursionError,
    ValidationError,
)


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Put a checkpoint into a file, in the place of one that is there; raises BadRequest."""
    state = checkpoint.state
    header = {
        "format": FORMAT,
        "bytes": len(state),
        "sha256": hashlib.sha256(state).hexdigest(),
        **checkpoint.model_dump(exclude={"state"}),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, json.dumps(header).encode() + b"\n" + state)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadRequest(f"{str(path)!r} cannot be written: {why}.") from error


def is_checkpoint(path: Path) -> bool:
    """Tell whether a file looks like a checkpoint, of whatever version; an empty one does."""
    start = json.dumps({"format": FORMAT}).rpartition(" ")[0].encode()
    try:
        with path.open("rb") as stream:
            found = stream.read(len(start))
    except OSError as error:
        raise BadRequest(f"{str(path)!r} cannot be read: {error.strerror}.") from error
    return found in (b"", start)


def read_checkpoint(path: Path) -> Checkpoint:
    """Give the checkpoint in a file; raises BadRequest where it holds none or a broken one."""
    try:
        if path.stat().st_size > _LARGEST:
            raise BadRequest(f"{str(path)!r} is too large for a checkpoint.")
        with path.open("rb") as stream:
            line, state = stream.readline(_LONGEST_HEADER), stream.read()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadRequest(f"{str(path)!r} cannot be read: {why}.") from error
    try:
        header = json.loads(line)
        known, size, digest = header.pop("format"), header.pop("bytes"), header.pop("sha256")
        checkpoint = Checkpoint(**header, state=state)
    except _NOT_A_HEADER as failure:
        raise BadRequest(f"{str(path)!r} is not a checkpoint of `abm run`.") from failure
    if known != FORMAT:
        raise BadRequest(f"{str(path)!r} has the format {known!r}; this version reads {FORMAT!r}.")
    if size != len(state) or digest != hashlib.sha256(state).hexdigest():
        raise BadRequest(
            f"{str(path)!r} is damaged: {len(state):,} bytes of {size!r} are there, or they have "
            "changed. Take the checkpoint again."
        )
    return checkpoint

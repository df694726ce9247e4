"""Tells whether a run can be continued from a checkpoint, and hands its state to the child."""

import base64
import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.jobs import RunJob
from abm_quant.errors import BadRequest
from abm_quant.running.inside.reporting import CHECKPOINT_PART, MOST_CHECKPOINT_BYTES

_LIBRARIES = {"mesa": ("mesa",), "agentpy": ("agentpy",)}
_COMMON = ("cloudpickle", "networkx", "numpy", "pandas")


def source_hash(bundle: CodeBundle) -> str:
    """Give the SHA-256 of a bundle's model.py."""
    return hashlib.sha256(bundle.files["model.py"].encode("utf-8", "surrogatepass")).hexdigest()


def versions(target: str) -> dict[str, str]:
    """Give the versions of Python and of the libraries that models of a target use."""
    found = {"python": platform.python_version()}
    for name in (*_LIBRARIES[target], *_COMMON):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def check_resume(job: RunJob, most_steps: int) -> None:
    """Raise BadRequest when a job cannot be continued from its checkpoint."""
    saved = job.resume
    if saved is None:
        return
    if saved.target != job.bundle.target or saved.source != source_hash(job.bundle):
        raise BadRequest(
            "The checkpoint was taken from another model, or from another version of this one. "
            "Continue the model as it was, or run this one from its start."
        )
    if (saved.seed, saved.parameters) != (job.seed, job.parameters):
        raise BadRequest(
            "The checkpoint was taken from a run with another seed or other parameters. "
            "A run is continued with its own."
        )
    here = versions(saved.target)
    other = [name for name in here if here[name] != saved.versions.get(name)]
    if other:
        told = ", ".join(f"{name} {saved.versions.get(name)} (here {here[name]})" for name in other)
        raise BadRequest(
            f"The checkpoint was taken with other versions of libraries: {told}. "
            "Continue it with those, or run the model from its start."
        )
    if len(saved.state) > MOST_CHECKPOINT_BYTES:
        raise BadRequest(f"The checkpoint is larger than {MOST_CHECKPOINT_BYTES:,} bytes.")
    if saved.step > most_steps:
        raise BadRequest(
            f"The checkpoint was taken after step {saved.step}, and the run is to end after step "
            f"{most_steps}. Ask for more steps."
        )


def state_lines(job: RunJob) -> Iterator[bytes]:
    """Give the messages that hand the state of a checkpoint to the child."""
    state = job.resume.state if job.resume else b""
    for first in range(0, len(state), CHECKPOINT_PART):
        data = base64.b64encode(state[first : first + CHECKPOINT_PART]).decode()
        yield json.dumps({"type": "state", "data": data}).encode()


def state_parts(job: RunJob) -> int:
    """Give the number of those messages."""
    return -(-len(job.resume.state) // CHECKPOINT_PART) if job.resume else 0


def without_past_changes(job: RunJob) -> RunJob:
    """Give a job without the changes that the state of its checkpoint holds already."""
    if job.resume is None:
        return job
    after = job.resume.step
    return replace(job, changes=tuple(each for each in job.changes if each.step > after))

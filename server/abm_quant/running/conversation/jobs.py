"""Checks a job before anything is started, and writes it down for the child."""

import json
from typing import Any

from abm_quant.contracts.jobs import ParameterChange, RunJob
from abm_quant.errors import BadRequest
from abm_quant.running.conversation.parameters import Parameters
from abm_quant.running.conversation.resuming import check_resume, state_parts
from abm_quant.running.limits import MIB

RUNNABLE_TARGETS = ("mesa", "agentpy")
"""The target frameworks whose models can be run here; adapters.py reads them."""
MAX_SEED = 2**63 - 1
_MAX_SOURCE = 5_000_000


def check_job(job: RunJob) -> None:
    """Raise BadRequest, with a sentence that says what to change, when a job cannot be run."""
    bundle = job.bundle
    if bundle.target not in RUNNABLE_TARGETS:
        known = ", ".join(RUNNABLE_TARGETS)
        raise BadRequest(f"Models for {bundle.target!r} cannot be run; choose one of: {known}.")
    if len(bundle.files.get("model.py", "")) not in range(1, _MAX_SOURCE):
        raise BadRequest("The project holds no model.py that could be run.")
    if not bundle.entry_point.isidentifier():
        raise BadRequest(f"{bundle.entry_point!r} is not the name of a class.")
    if isinstance(job.seed, bool) or not 0 <= job.seed <= MAX_SEED:
        raise BadRequest(f"The seed {job.seed} is not a whole number from 0 to {MAX_SEED}.")
    if job.steps is not None and job.steps < 0:
        raise BadRequest(f"A run cannot take {job.steps} steps; give 0 or more.")
    if job.checkpoint_every is not None and job.checkpoint_every < 1:
        raise BadRequest("Checkpoints can be taken every 1 or more steps.")
    _check_parameters(job)
    check_resume(job, steps_to_take(job))


def steps_to_take(job: RunJob) -> int:
    """Give the most steps of a run: the smallest of what is asked, modeled and allowed."""
    most = min(job.bundle.max_steps, job.limits.steps)
    return most if job.steps is None else min(job.steps, most)


def job_line(job: RunJob) -> bytes:
    """Give the message that tells the child what to run."""
    return json.dumps(
        {
            "source": job.bundle.files["model.py"],
            "entry_point": job.bundle.entry_point,
            "target": job.bundle.target,
            "parameters": job.parameters,
            "seed": job.seed,
            "steps": steps_to_take(job),
            "changes": [each.model_dump() for each in sorted(job.changes, key=_step_of)],
            "record": recording_plan(job),
            "checkpoint_every": job.checkpoint_every,
            "resume": job.resume and {"step": job.resume.step, "parts": state_parts(job)},
        },
        allow_nan=False,
    ).encode()


def recording_plan(job: RunJob) -> dict[str, Any]:
    """Give what is recorded of single agents, within what the run may send back.

    Agents get half of the rows and bytes at most and frames a quarter, so that the run itself
    never meets a limit because of them.
    """
    limits, record = job.limits, job.record
    output_bytes = int(limits.output_mb * MIB)
    return {
        **record.model_dump(by_alias=False),
        "agent_rows": min(record.agent_rows, limits.rows // 2),
        "agent_bytes": output_bytes // 2,
        "frame_rows": limits.rows // 4,
        "frame_bytes": output_bytes // 4,
        "lists": job.bundle.lists,
        "shown": job.bundle.shown,
    }


def _check_parameters(job: RunJob) -> None:
    known = Parameters(job.bundle)
    for name, value in job.parameters.items():
        known.check(name, value)
    for change in job.changes:
        known.check_change(change.name, change.value)


def _step_of(change: ParameterChange) -> int:
    return change.step

"""Takes checkpoints from a child. Their state is never looked at here: only a child unpickles it,
confined."""

import base64
import binascii
from collections.abc import Callable

from abm_quant.contracts.events import CheckpointTaken, ProblemNoticed, RunEvent
from abm_quant.contracts.jobs import Checkpoint, RunJob
from abm_quant.contracts.problems import problem
from abm_quant.running.child import ProtocolBroken
from abm_quant.running.conversation.messages import Message, Reply, take
from abm_quant.running.conversation.resuming import source_hash, versions
from abm_quant.running.inside.reporting import CHECKPOINT_PART, MOST_CHECKPOINT_BYTES

_MOST_PARTS = -(-MOST_CHECKPOINT_BYTES // CHECKPOINT_PART)


class Checkpoints:
    """Puts the parts of checkpoints together: at most one a step, and none that nobody asked for.

    `forgive` is called with the bytes that do not count as output of the run.
    """

    def __init__(self, job: RunJob, forgive: Callable[[int], None]) -> None:
        self._job = job
        self._forgive = forgive
        self._asked = 0
        self._notes: set[str] = set()
        self._parts: list[bytes] = []
        self._last_step = job.resume.step if job.resume else -1
        self.replies: dict[str, Reply] = {
            "checkpoint": self._read_part,
            "unsaved": self._read_unsaved,
            "inexact": self._read_inexact,
        }
        """What reads each type of message."""

    def ask(self) -> None:
        """Take one more checkpoint than the job asks for."""
        self._asked += 1

    def _read_part(self, message: Message, step: int) -> list[RunEvent]:
        every = self._job.checkpoint_every
        due = every is not None and step > 0 and step % every == 0
        if step <= self._last_step or take(message, "step", int) != step:
            raise ProtocolBroken("a checkpoint of another step")
        if not due and not self._asked:
            raise ProtocolBroken("a checkpoint that nobody asked for")
        part, of, data = take(message, "part", int), take(message, "of", int), message.get("data")
        if part != len(self._parts) or not part < of <= _MOST_PARTS or not isinstance(data, str):
            raise ProtocolBroken("a part of a checkpoint that is not the next one")
        try:
            self._parts.append(base64.b64decode(data, validate=True))
        except (binascii.Error, ValueError) as failure:
            raise ProtocolBroken("a part of a checkpoint that is not base64") from failure
        self._forgive(len(data))
        if part + 1 < of:
            return []
        state, self._parts = b"".join(self._parts), []
        self._last_step = step
        self._asked -= 0 if due else 1
        return [CheckpointTaken(step=step, checkpoint=_checkpoint(self._job, step, state))]

    def _read_unsaved(self, message: Message, step: int) -> list[RunEvent]:
        why = take(message, "why", str)[:300]
        return self._told(
            "not-checkpointed",
            f"The run could not be saved after step {step}, and went on: {why}.",
            "Keep generators, open files and locks out of attributes; they cannot be saved.",
        )

    def _read_inexact(self, message: Message, step: int) -> list[RunEvent]:
        kind = take(message, "of", str)[:100]
        return self._told(
            "checkpoint-inexact",
            f"The model keeps values of the type {kind!r} in a set, whose order a checkpoint cannot "
            "keep: a run that is continued may go another way than this one.",
            "Use a list or a dictionary instead of the set.",
        )

    def _told(self, code: str, message: str, hint: str) -> list[RunEvent]:
        """Give the problem; each is told once."""
        if code in self._notes:
            raise ProtocolBroken("the same note again")
        self._notes.add(code)
        return [ProblemNoticed(problem=problem(code, "", message, hint))]


def _checkpoint(job: RunJob, step: int, state: bytes) -> Checkpoint:
    return Checkpoint(
        step=step,
        target=job.bundle.target,
        source=source_hash(job.bundle),
        seed=job.seed,
        parameters=job.parameters,
        versions=versions(job.bundle.target),
        state=state,
    )

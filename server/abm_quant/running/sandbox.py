"""The Sandbox port: runs a job apart from the service, and says what happens as typed events."""

from collections.abc import AsyncIterator
from typing import Protocol

from abm_quant.contracts.events import RunEvent
from abm_quant.contracts.jobs import RunJob, SandboxReport
from abm_quant.running.conversation.broker import Host
from abm_quant.running.conversation.controls import Controls


class Sandbox(Protocol):
    """Runs generated code. Closing the iterator kills the run as a whole tree."""

    @property
    def report(self) -> SandboxReport:
        """What this sandbox enforces, or why it refuses."""
        ...

    def run(
        self, job: RunJob, *, controls: Controls | None = None, host: Host | None = None
    ) -> AsyncIterator[RunEvent]:
        """Give the events of one run.

        Its watcher steers it by the controls; the host answers what its model asks, while events are
        taken: a run whose events nobody takes is not answered, and its time goes on. Whatever the
        code does is an event, RunFailed at worst. Raises SandboxUnavailable before the first event
        when this machine cannot confine code.
        """
        ...

"""Starts a fresh, unconfined process for a run: for models that their user trusts, on any platform."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from dataclasses import replace

from abm_quant.contracts.jobs import Limits
from abm_quant.running.child import (
    Channel,
    Exit,
    Scratch,
    ScratchRoot,
    cpu_seconds,
    environment,
    python_command,
    resident_bytes,
    same_addresses,
)
from abm_quant.running.limits import kernel_limits

_GRACE_S = 0.2
_POLL_S = 0.002


class FreshChild:
    """A process that was started for one run and leads its own process group."""

    def __init__(self, target: str, limits: Limits) -> None:
        self._root = ScratchRoot()
        self.scratch = Scratch(self._root)
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours, limits)
        self._exit: Exit | None = None
        plan: dict[str, object] = {
            "channel": f"{theirs.fileno():08}",
            "parent": f"{os.getpid():08}",
            "target": target,
            "limits": kernel_limits(limits),
        }
        try:
            self._process = self._start(plan, theirs)
        except OSError:
            self._clean()
            raise
        finally:
            theirs.close()

    async def started(self) -> None:
        """Return at once: the process was started by making this."""

    def resident_bytes(self) -> int:
        """Give the memory that the process holds, 0 where that is not known."""
        return resident_bytes(self._process.pid)

    def cpu_seconds(self) -> float:
        """Give the processor time that the process has used, 0 where that is not known."""
        return cpu_seconds(self._process.pid)

    def kill(self) -> None:
        """Kill the process and its group at once."""
        if self._exit is None and not self._reap():
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    async def exit(self) -> Exit:
        """Give how the child ended; it is killed when it does not end by itself soon."""
        deadline = time.monotonic() + _GRACE_S
        while not self._reap() and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_S)
        forced = not self._reap()
        await self.end()
        assert self._exit is not None
        return replace(self._exit, forced=forced)

    async def end(self) -> None:
        """Kill the child, wait until it is gone, and remove its scratch folder."""
        self.kill()
        try:
            while not self._reap():
                await asyncio.sleep(_POLL_S)
        finally:
            while not self._reap():
                time.sleep(_POLL_S)
            self._clean()

    def _start(self, plan: dict[str, object], theirs: socket.socket) -> "subprocess.Popen[bytes]":
        with same_addresses():
            return subprocess.Popen(
                [*python_command("abm_quant.running.harness"), json.dumps(plan)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(self.scratch.folder),
                cwd=self.scratch.folder,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    def _reap(self) -> bool:
        """Tell whether the process is gone; takes it off the kernel's list when it has ended."""
        if self._exit is not None:
            return True
        try:
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
        except ChildProcessError:
            self._exit = Exit(status=-signal.SIGKILL, cpu_s=0)
        else:
            if pid == 0:
                return False
            code = os.waitstatus_to_exitcode(status)
            self._exit = Exit(status=code, cpu_s=usage.ru_utime + usage.ru_stime)
        self._process.returncode = self._exit.status
        return True

    def _clean(self) -> None:
        self.channel.close()
        self.scratch.remove()

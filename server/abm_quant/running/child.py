"""Starts the process of one run, talks to it in lines, and ends it as a whole tree.

This is the only part that knows how a child comes into being: a later way to start one has the
same methods.
"""

import asyncio
import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from abm_quant.contracts.jobs import Limits
from abm_quant.resources import PACKAGE
from abm_quant.running.limits import kernel_limits

MAX_LINE = 1024 * 1024
_CHUNK = 64 * 1024
_GRACE_S = 0.2
_POLL_S = 0.002
_SCRATCH_PREFIX = "abm-run-"
_LEFT_BEHIND_S = 24 * 3600
_ASK_PERSONALITY = 0xFFFFFFFF
_NO_RANDOM_ADDRESSES = 0x0040000


class LineTooLong(Exception):
    """The child sent a line that is longer than any message."""


class TooMuchOutput(Exception):
    """The child sent more bytes than its limit allows."""


@dataclass(frozen=True)
class Exit:
    """How a process ended."""

    status: int
    """Its exit status, or the negative number of the signal that killed it."""
    cpu_s: float
    """The processor time that it used."""
    forced: bool = False
    """It did not end by itself after it had closed its channel."""


def python_command(module: str) -> list[str]:
    """Give the command for a module of the service: no user site, no current folder, no pyc files."""
    return [sys.executable, "-s", "-P", "-B", "-m", module]


def environment(scratch: Path) -> dict[str, str]:
    """Give the whole environment of a child; nothing of the service's own is in it.

    The hash seed is fixed, so that sets of texts have the same order in every process. Numerical
    libraries keep to one thread, since a confined process cannot start more.
    """
    one_thread = dict.fromkeys(
        ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
    )
    folders = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), str(scratch))
    return {
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONHASHSEED": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        **folders,
        **one_thread,
    }


def remove_left_folders() -> None:
    """Remove scratch folders of this user that a service left a day ago when it was killed."""
    oldest = time.time() - _LEFT_BEHIND_S
    for folder in Path(tempfile.gettempdir()).glob(f"{_SCRATCH_PREFIX}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            if found.st_uid == os.getuid() and found.st_mtime < oldest and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def same_addresses() -> Iterator[None]:
    """Let programs that this thread starts have the same memory layout each time, where possible.

    Python orders a set of objects by their addresses; without this, a model that goes through a
    set of agents would not repeat itself under one seed. Kernels and container profiles that
    refuse are left as they are.
    """
    if sys.platform != "linux":
        yield
        return
    libc = ctypes.CDLL(None)
    before = libc.personality(ctypes.c_ulong(_ASK_PERSONALITY))
    libc.personality(ctypes.c_ulong(before | _NO_RANDOM_ADDRESSES))
    try:
        yield
    finally:
        libc.personality(ctypes.c_ulong(before))


class Child:
    """A running child. Whoever starts one must await `end`, whatever happens."""

    def __init__(self, limits: Limits, *, confined: bool) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH_PREFIX)).resolve()
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        self._buffer = bytearray()
        self._received = 0
        self._most_bytes = int(limits.output_mb * 1024 * 1024)
        self._exit: Exit | None = None
        plan = {
            "channel": f"{theirs.fileno():08}",
            "parent": f"{os.getpid():08}",
            "scratch": str(self.scratch),
            "confined": confined,
            "limits": kernel_limits(limits),
        }
        try:
            self._process = self._start(plan, theirs)
        except OSError:
            self._clean()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """The number of the process, which leads its own process group."""
        return self._process.pid

    async def send(self, line: bytes) -> None:
        """Send one line; a child that is gone is noticed when its answer is awaited."""
        try:
            await asyncio.get_running_loop().sock_sendall(self._channel, line + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            return

    async def lines(self) -> list[bytes]:
        """Give the lines that came next, none when the child has closed its end.

        Raises LineTooLong or TooMuchOutput.
        """
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0)
            try:
                data = await loop.sock_recv(self._channel, _CHUNK)
            except ConnectionResetError:
                data = b""
            if not data:
                return []
            if lines := self._take(data):
                return lines

    def kill(self) -> None:
        """Kill the process and its group at once."""
        if self._exit is None and not self._reap():
            try:
                os.killpg(self.pid, signal.SIGKILL)
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

    def scratch_use(self) -> tuple[int, int]:
        """Give the number of files in the scratch folder and the bytes that they take."""
        try:
            sizes = [
                entry.stat(follow_symlinks=False).st_blocks for entry in os.scandir(self.scratch)
            ]
        except FileNotFoundError:
            return 0, 0
        return len(sizes), 512 * sum(sizes)

    def _start(self, plan: dict[str, object], theirs: socket.socket) -> "subprocess.Popen[bytes]":
        with same_addresses():
            return subprocess.Popen(
                [*python_command("abm_quant.running.harness"), json.dumps(plan)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(self.scratch),
                cwd=self.scratch,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    def _take(self, data: bytes) -> list[bytes]:
        self._received += len(data)
        if self._received > self._most_bytes:
            raise TooMuchOutput
        self._buffer += data
        *lines, rest = self._buffer.split(b"\n")
        self._buffer = rest
        if len(rest) > MAX_LINE or any(len(line) > MAX_LINE for line in lines):
            raise LineTooLong
        return [bytes(line) for line in lines]

    def _reap(self) -> bool:
        """Tell whether the process is gone; takes it off the kernel's list when it has ended."""
        if self._exit is not None:
            return True
        try:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
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
        self._channel.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

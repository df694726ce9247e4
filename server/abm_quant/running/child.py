"""The process of one run, as the service sees it: a channel, a scratch folder and an end.

fresh.py and warm.py know how such a process comes into being.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import itertools
import mmap
import os
import secrets
import shutil
import socket
import stat
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from abm_quant.contracts.jobs import Limits
from abm_quant.resources import PACKAGE

MAX_LINE = 1024 * 1024
_CHUNK = 64 * 1024
_SCRATCH_PREFIX = "abm-run-"
_LEFT_BEHIND_S = 10
_ASK_PERSONALITY = 0xFFFFFFFF
_NO_RANDOM_ADDRESSES = 0x0040000


class LineTooLong(Exception):
    """The child sent a line that is longer than any message."""


class TooMuchOutput(Exception):
    """The child sent more bytes than its limit allows."""


class ProtocolBroken(Exception):
    """The child sent something that no run sends; the text says what."""


class ChildLost(Exception):
    """The child was gone before it was ready; the text says what is known."""


@dataclass(frozen=True)
class Exit:
    """How a process ended."""

    status: int
    """Its exit status, or the negative number of the signal that killed it."""
    cpu_s: float
    """The processor time that it used, as far as that was seen."""
    forced: bool = False
    """It did not end by itself after it had closed its channel."""
    lost: bool = False
    """Nobody saw how it ended: what watched it ended first."""


class Child(Protocol):
    """A started process. Whoever has one must await `end`, whatever happens."""

    channel: "Channel"
    scratch: "Scratch"

    async def started(self) -> None:
        """Wait until the process is there. Raises ChildLost."""
        ...

    def resident_bytes(self) -> int:
        """Give the memory that the process holds, 0 where that is not known."""
        ...

    def cpu_seconds(self) -> float:
        """Give the processor time that the process has used, 0 where that is not known."""
        ...

    def kill(self) -> None:
        """Kill the process at once."""
        ...

    async def exit(self) -> Exit:
        """Give how the process ended; it is killed when it does not end by itself soon."""
        ...

    async def end(self) -> None:
        """Kill the process, wait until it is gone, and remove what it leaves."""
        ...


class Channel:
    """The service's end of what it says with a child: lines, counted and bounded."""

    def __init__(self, end: socket.socket, limits: Limits) -> None:
        end.setblocking(False)
        self._end = end
        self._buffer = bytearray()
        self._received = 0
        self._most_bytes = int(limits.output_mb * 1024 * 1024)

    def push(self, data: bytes) -> bytes:
        """Send what the child can take at once, and give the rest."""
        try:
            return data[self._end.send(data) :]
        except BlockingIOError:
            return data
        except (BrokenPipeError, ConnectionResetError):
            return b""

    async def send(self, data: bytes) -> None:
        """Send all; a child that is gone is noticed when its answer is awaited."""
        try:
            await asyncio.get_running_loop().sock_sendall(self._end, data)
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
                data = await loop.sock_recv(self._end, _CHUNK)
            except ConnectionResetError:
                data = b""
            if not data:
                return []
            if lines := self._take(data):
                return lines

    def forgive(self, size: int) -> None:
        """Do not count so many bytes that came as output of the run."""
        self._received -= size

    def close(self) -> None:
        """Close the service's end."""
        self._end.close()

    def _take(self, data: bytes) -> list[bytes]:
        self._received += len(data)
        if self._received > self._most_bytes:
            raise TooMuchOutput
        first, *others = data.split(b"\n")
        self._buffer += first
        lines = []
        for following in others:
            lines.append(bytes(self._buffer))
            self._buffer = bytearray(following)
        if max(len(self._buffer), *map(len, lines), 0) > MAX_LINE:
            raise LineTooLong
        return lines


class ScratchRoot:
    """A folder of this service that holds the scratch folders of its runs; removed with it."""

    def __init__(self, user: int | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=_SCRATCH_PREFIX)).resolve()
        self.user = user
        if user is not None:
            self.folder.chmod(0o711)
        self.descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)
        weakref.finalize(self, _remove_root, self.folder, self.descriptor)


class Scratch:
    """A new folder that one run may write to, owned by its user, under a name that nobody guesses."""

    def __init__(self, root: ScratchRoot) -> None:
        self.folder = root.folder / secrets.token_hex(16)
        self.folder.mkdir(mode=0o700)
        if root.user is not None:
            os.chown(self.folder, root.user, root.user)

    def use(self, most_files: int) -> tuple[int, int]:
        """Give the number of files in the folder and the bytes that they take.

        Looks at no more files than one too many, however many a run has made.
        """
        try:
            with os.scandir(self.folder) as found:
                files = itertools.islice(found, most_files + 1)
                blocks = [file.stat(follow_symlinks=False).st_blocks for file in files]
        except FileNotFoundError:
            return 0, 0
        return len(blocks), 512 * sum(blocks)

    def remove(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def resident_bytes(pid: int) -> int:
    """Give the memory that a process holds, 0 where that is not known."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * mmap.PAGESIZE


def cpu_seconds(pid: int) -> float:
    """Give the processor time that a process has used, 0 where that is not known."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def remove_left_folders() -> None:
    """Remove what services of this user left when they were killed.

    Who has just made a folder may not have locked it yet, so the newest are left alone.
    """
    oldest = time.time() - _LEFT_BEHIND_S
    for folder in Path(tempfile.gettempdir()).glob(f"{_SCRATCH_PREFIX}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            is_ours = found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode)
            if is_ours and found.st_mtime < oldest and not _is_in_use(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_in_use(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _remove_root(folder: Path, descriptor: int) -> None:
    os.close(descriptor)
    shutil.rmtree(folder, ignore_errors=True)


def python_command(module: str) -> list[str]:
    """Give the command for a module of the service: no user site, no current folder, no pyc files."""
    return [sys.executable, "-s", "-P", "-B", "-m", module]


def environment(home: Path) -> dict[str, str]:
    """Give the whole environment of a process; nothing of the service's own is in it.

    The hash seed is fixed, so that sets of texts have the same order in every process. Numerical
    libraries keep to one thread, since a confined process cannot start more. Matplotlib asks no other
    program for the machine's fonts: what that answers, and how soon, would be seen in the memory.
    """
    one_thread = dict.fromkeys(
        ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
    )
    folders = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), str(home))
    return {
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONHASHSEED": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "MPL_IGNORE_SYSTEM_FONTS": "1",
        **folders,
        **one_thread,
    }


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

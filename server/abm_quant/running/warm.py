"""Starts confined runs from zygotes: processes that have loaded the modeling libraries already.

See zygote.py for the other side. A zygote is started when it is first needed, started anew when it
has ended, and replaced after a number of runs or some time. It ends when neither a launcher nor a
child refers to it.
"""

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
import weakref
from dataclasses import replace
from pathlib import Path

from abm_quant.contracts.jobs import Limits
from abm_quant.running.child import (
    Channel,
    ChildLost,
    Exit,
    Scratch,
    ScratchRoot,
    cpu_seconds,
    environment,
    python_command,
    resident_bytes,
    same_addresses,
)
from abm_quant.running.confinement import user_of_runs
from abm_quant.running.confining.levels import Level
from abm_quant.running.limits import kernel_limits

RUNS_PER_ZYGOTE = 500
LIFETIME_S = 30 * 60
_SPARE_FROM = RUNS_PER_ZYGOTE - 25
_LOADING_S = 10
_GRACE_S = 0.2
_BEGINNING_S = 0.05
_SURELY_GONE_S = 5
_MOST_MESSAGE = 4096
_LOST = Exit(status=-signal.SIGKILL, cpu_s=0, lost=True)


class Zygote:
    """A started zygote for the models of one target, at a level of confinement."""

    def __init__(self, target: str, level: Level) -> None:
        self.runs = 0
        self._started = time.monotonic()
        self.root = ScratchRoot(user_of_runs(level))
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        handed_over = (theirs.fileno(), self.root.descriptor)
        numbers = [f"{each:08}" for each in (os.getpid(), *handed_over)]
        command = [*python_command("abm_quant.running.zygote"), *numbers, target, level.name]
        try:
            with theirs, same_addresses():
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment(self.root.folder),
                    cwd="/",
                    pass_fds=handed_over,
                    start_new_session=True,
                )
        except OSError:
            self._requests.close()
            raise
        weakref.finalize(self, _end_zygote, self._process, self._requests)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def age_s(self) -> float:
        """The seconds since it was started."""
        return time.monotonic() - self._started

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def request(self, message: bytes, descriptors: list[int]) -> None:
        """Ask for a run; the zygote may still be loading. Raises OSError when it is gone."""
        socket.send_fds(self._requests, [message], descriptors)
        self.runs += 1

    def last_words(self) -> str:
        """Give why it ended, where it could say so before any run.

        The kernel first says that requests were left unread.
        """
        with contextlib.suppress(BlockingIOError):
            for _ in "12":
                with contextlib.suppress(ConnectionResetError):
                    words = self._requests.recv(_MOST_MESSAGE, socket.MSG_DONTWAIT)
                    return words.decode(errors="replace")
        return ""


class Launcher:
    """Gives children; any thread and any event loop may ask."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._lock = threading.Lock()
        self._zygotes: dict[str, Zygote] = {}
        self._spares: dict[str, Zygote] = {}

    def start(self, target: str, limits: Limits) -> "WarmChild":
        """Give a child for a model of a target. Raises OSError when none can be started."""
        with self._lock:
            zygote = self._ready(target)
            try:
                return WarmChild(zygote, limits)
            except (BrokenPipeError, ConnectionResetError):
                self._zygotes[target] = Zygote(target, self._level)
                return WarmChild(self._zygotes[target], limits)

    def warm_up(self, target: str) -> None:
        """Start the zygote of a target now; does not wait until it has loaded."""
        with self._lock:
            self._ready(target)

    def _ready(self, target: str) -> Zygote:
        """Give a zygote that is there and not worn out; an old one only until the next has loaded."""
        zygote, spare = self._zygotes.get(target), self._spares.get(target)
        if zygote is None or _must_go(zygote, spare):
            zygote = self._zygotes[target] = spare or Zygote(target, self._level)
            self._spares.pop(target, None)
        is_wearing_out = zygote.runs >= _SPARE_FROM or zygote.age_s >= LIFETIME_S
        if is_wearing_out and target not in self._spares:
            self._spares[target] = Zygote(target, self._level)
        return zygote


def _must_go(zygote: Zygote, spare: Zygote | None) -> bool:
    """Tell whether a zygote is gone or worn out; one that is only old waits until a spare is ready."""
    if zygote.has_ended or zygote.runs >= RUNS_PER_ZYGOTE:
        return True
    return zygote.age_s >= LIFETIME_S and spare is not None and spare.age_s >= _LOADING_S


class WarmChild:
    """A process that a zygote forks for one run."""

    def __init__(self, zygote: Zygote, limits: Limits) -> None:
        self._zygote: Zygote | None = zygote  # Keeps it alive until this process is gone.
        self._process: int | None = None
        self._pid = -1
        self._cpu_s = 0.0
        self._exit: Exit | None = None
        with contextlib.ExitStack() as undoing, contextlib.ExitStack() as handed_over:
            self.scratch = Scratch(zygote.root)
            undoing.callback(self.scratch.remove)
            ours, theirs = socket.socketpair()
            handed_over.callback(theirs.close)
            self.channel = Channel(ours, limits)
            undoing.callback(self.channel.close)
            self._keeper, keepers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            handed_over.callback(keepers.close)
            undoing.callback(self._keeper.close)
            self._keeper.setblocking(False)
            plan = {"scratch": self.scratch.folder.name, **kernel_limits(limits)}
            zygote.request(json.dumps(plan).encode(), [theirs.fileno(), keepers.fileno()])
            undoing.pop_all()

    async def started(self) -> None:
        """Wait until the process is there. Raises ChildLost when its zygote ended, or it is hidden."""
        await _readable(self._keeper)
        _, found = self._receive()
        if not found:
            self._exit = _LOST
            why = self._zygote.last_words() if self._zygote else ""
            raise ChildLost(f"the process that starts runs has ended{why and f' ({why})'}")
        self._process = found[0]
        self._pid = _pid_of(found[0])
        if resident_bytes(self._pid) == 0 and not await self._ends_by_itself():
            raise ChildLost("/proc does not show the memory of runs here, which must be watched")

    def resident_bytes(self) -> int:
        """Give the memory that the process holds, 0 where that is not known."""
        return resident_bytes(self._pid)

    def cpu_seconds(self) -> float:
        """Give the processor time that the process has used, as it was last seen."""
        self._cpu_s = cpu_seconds(self._pid) or self._cpu_s
        return self._cpu_s

    def kill(self) -> None:
        """Kill the process at once."""
        if self._process is not None and self._exit is None:
            try:
                signal.pidfd_send_signal(self._process, signal.SIGKILL)
            except ProcessLookupError:
                return

    async def exit(self) -> Exit:
        """Give how the child ended; it is killed when it does not end by itself soon."""
        goes_on = self._process is not None and self._exit is None
        forced = goes_on and not await self._ends_by_itself()
        await self.end()
        return replace(self._exit or _LOST, forced=forced)

    async def end(self) -> None:
        """Kill the child, wait until it is gone, and remove its scratch folder.

        One that has not begun, since its zygote is still loading, will end when it begins.
        """
        try:
            if self._process is None and self._exit is None:
                with contextlib.suppress(ChildLost, TimeoutError):
                    async with asyncio.timeout(_BEGINNING_S):
                        await self.started()
            self.kill()
            if self._process is not None and self._exit is None:
                await _readable(self._keeper)
        finally:
            if self._process is not None and self._exit is None:
                _wait_until_readable(self._keeper, _SURELY_GONE_S)
                self._read_exit()
            self._clean()

    async def _ends_by_itself(self) -> bool:
        """Tell whether the process ends soon; one that is ending holds no memory any more."""
        try:
            async with asyncio.timeout(_GRACE_S):
                await _readable(self._keeper)
        except TimeoutError:
            return False
        return True

    def _read_exit(self) -> None:
        message, _ = self._receive()
        self._exit = Exit(status=int(message), cpu_s=self._cpu_s) if message else _LOST

    def _receive(self) -> tuple[bytes, list[int]]:
        """Give what the keeper sent; nothing when it is gone."""
        try:
            message, found, _, _ = socket.recv_fds(self._keeper, _MOST_MESSAGE, 1)
        except OSError:
            return b"", []
        return message, list(found)

    def _clean(self) -> None:
        """Close all ends; a process that is still to begin ends when it finds them closed."""
        self.channel.close()
        self._keeper.close()
        if self._process is not None:
            os.close(self._process)
            self._process = None
        self._exit = self._exit or _LOST
        self._zygote = None
        self.scratch.remove()


def _pid_of(process: int) -> int:
    """Give the number of a process, as this one sees it, from its descriptor; -1 when it is gone."""
    told = Path(f"/proc/self/fdinfo/{process}").read_text()
    return int(told.partition("\nPid:")[2].split()[0])


async def _readable(end: socket.socket) -> None:
    """Wait until something can be received, or the other end is closed."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(end, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(end)


def _wait_until_readable(end: socket.socket, timeout_s: float) -> None:
    """Wait without the event loop, also where descriptors have numbers too large for select()."""
    watched = select.poll()
    watched.register(end, select.POLLIN)
    watched.poll(timeout_s * 1000)


def _end_zygote(process: "subprocess.Popen[bytes]", requests: socket.socket) -> None:
    requests.close()
    process.kill()
    process.wait()

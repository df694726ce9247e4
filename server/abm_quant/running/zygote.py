"""The zygote's program: load the modeling libraries once, and fork a process for every run.

Started by warm.py as `python -m abm_quant.running.zygote SERVICE CHANNEL SCRATCH TARGET LEVEL`: the
number of the service's process, descriptors of the channel for requests and of the folder of
scratch folders, the target of the models, the level of confinement. There are three kinds of
process, so that none has two duties:

- the keeper was started by the service and ends with it, whatever goes on. It tells the service how
  each run ends, and ends a run when the service closes its end;
- the template loads, forks and reaps when the keeper says so. It never sees a request, so that its
  memory stays the same and the thousandth run starts from the same bytes as the first;
- the run has given up its rights before it is asked for. It takes one request from the channel,
  confines itself, and only then reads foreign code, from a channel of its own.

Each is killed by the kernel when the one that forked it ends. The next run is forked ahead and
stands by. A request is one message: a JSON object {scratch, memory_mb, cpu_s, scratch_mb} with the
name of the scratch folder, and the descriptors of the run's channel and of the service's end of its
talk with the keeper. Nothing of foreign code passes there.
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from abm_quant.running import confinement, descriptors, harness
from abm_quant.running.confining import libraries
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.inside.reporting import CHANNEL, Printed, Reporter

_FORK, _REAP, _REHEARSE = b"f", b"r", b"h"
"""What the keeper orders from the template."""
_MOST_REASON = 1000
_NOWHERE = 1
"""Standard output, which is /dev/null."""


def main() -> NoReturn:
    """Be the keeper; never returns."""
    service, requests, scratch_root = (int(each) for each in sys.argv[1:4])
    target, level = sys.argv[4], LEVELS[sys.argv[5]]
    confinement.name_process("abm-zygote")
    watched = os.pidfd_open(service)
    if os.getppid() != service:
        os._exit(1)
    user = confinement.user_of_runs(level)
    with telling_why(requests):
        confinement.enter(level)
    keeper = os.getpid()
    orders, obeyed = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    heard, told = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid != 0:
        obeyed.close()
        told.close()
        Keeper(orders, heard).keep([watched, os.pidfd_open(pid)], requests)
    ends = Ends(orders=obeyed.detach(), requests=requests, keeper=told.detach())
    orders.detach()
    heard.detach()
    with telling_why(requests):
        descriptors.keep_only(requests, requests, also=(scratch_root, ends.orders, ends.keeper))
        confinement.name_process("abm-template")
        confinement.be_first(level, keeper)
        libraries.load(target, everything=not level.landlock)
        libraries.hide_own_code()
        paths = libraries.readable_paths()
        ground = confinement.prepare(level, paths, scratch_root=scratch_root, user=user)
    obey(ends, ground)


@contextlib.contextmanager
def telling_why(requests: int, keeper: socket.socket | None = None) -> Iterator[None]:
    """Tell the service why this process ends, where a step fails before any run; and the keeper."""
    try:
        yield
    except (OSError, RuntimeError, ImportError) as failure:
        with contextlib.suppress(OSError):
            os.write(requests, f"{type(failure).__name__}: {failure}".encode()[:_MOST_REASON])
            if keeper is not None:
                keeper.send(b"failed")
        os._exit(1)


@dataclass(frozen=True)
class Ends:
    """The descriptors that the template and a run that stands by hold."""

    orders: int
    """Orders of the keeper."""
    requests: int
    """Requests of the service."""
    keeper: int
    """Where a run tells the keeper of itself."""


def obey(ends: Ends, ground: confinement.Ground) -> NoReturn:
    """Be the template: do what the keeper orders, until it is gone.

    What is allocated here is freed in the reverse order, which leaves the memory as it was.
    """
    template = os.getpid()
    gc.collect()
    gc.freeze()
    while order := os.read(ends.orders, 1):
        if order == _REAP:
            reap(ends.orders)
        elif order == _REHEARSE:
            rehearse()
        elif os.fork() == 0:
            stand_by(ends, ground, template)
    os._exit(0)


def reap(orders: int) -> None:
    """Take a run that has ended off the kernel's list, and answer with its number and status."""
    os.write(orders, b"%d %d" % os.wait())


def rehearse() -> None:
    """Fork and reap once for nothing, so that what is done for the first time is done before a run."""
    if os.fork() == 0:
        os._exit(0)
    reap(_NOWHERE)


def stand_by(ends: Ends, ground: confinement.Ground, template: int) -> NoReturn:
    """Give up rights, wait for a request, confine this process and run what comes."""
    confinement.name_process("abm-standby")
    printed = Printed()
    reporter = Reporter(printed=printed)
    keeper = socket.socket(fileno=ends.keeper)
    with telling_why(ends.requests, keeper):
        descriptors.own_standard()
        rules = confinement.give_up_rights(ground, template)
    own = os.pidfd_open(os.getpid())
    socket.send_fds(keeper, [b"%d" % os.getpid()], [own])
    requests = socket.socket(fileno=ends.requests)
    message, found = descriptors.receive(requests, 2)
    requests.detach()
    if not message:
        os._exit(0)
    channel, service = found
    socket.send_fds(keeper, [b"taken"], [service])
    keeper.detach()
    confinement.name_process("abm-run")
    plan = json.loads(message)
    scratch = os.open(plan["scratch"], os.O_PATH | os.O_DIRECTORY, dir_fd=ground.scratch_root)
    kept = (scratch,) if rules is None else (scratch, rules.descriptor)
    descriptors.keep_only(channel, CHANNEL, also=kept)
    try:
        os.fchdir(scratch)
        confinement.confine(ground, rules, scratch=scratch, most=plan)
        os.close(scratch)
    except (OSError, ValueError, RuntimeError) as failure:
        harness.refuse(reporter, failure)
    harness.perform(reporter, printed)


@dataclass
class Run:
    """A run, as the keeper knows it."""

    pid: int
    """Its number, as the template sees it."""
    process: int
    """A descriptor of its process."""
    service: socket.socket | None = None
    """Where the service hears of it; None while it stands by."""


class Keeper:
    """Orders runs from the template, and tells the service of each how it ends."""

    def __init__(self, orders: socket.socket, heard: socket.socket) -> None:
        self._orders = orders
        self._heard = heard
        self._watched = select.poll()
        self._runs: dict[int, Run] = {}
        self._waiting: Run | None = None

    def keep(self, vital: list[int], requests: int) -> NoReturn:
        """Serve until the service, the template or a run that stands by ends; never returns.

        `vital` are descriptors of processes; of the channel for requests only the end is watched.
        """
        for descriptor in (*vital, self._heard.fileno()):
            self._watched.register(descriptor, select.POLLIN)
        self._watched.register(requests, 0)
        for order in (_REHEARSE, _REHEARSE, _FORK):
            self._orders.send(order)
        while True:
            for descriptor, _ in self._watched.poll():
                if descriptor in (*vital, requests):
                    os._exit(1)
                elif descriptor == self._heard.fileno():
                    self._hear()
                elif descriptor in self._runs:
                    self._act(self._runs[descriptor], descriptor)

    def _hear(self) -> None:
        """Take what a run says: that it stands by, with its process; or that it is taken.

        One that could not give up its rights has no descriptor to send; no other one could.
        """
        message, sent = descriptors.receive(self._heard, 1)
        if not sent:
            os._exit(1)
        (found,) = sent
        if self._waiting is None:
            self._waiting = Run(int(message), found)
            self._watch(self._waiting, found)
            return
        run, self._waiting = self._waiting, None
        self._orders.send(_FORK)
        run.service = socket.socket(fileno=found)
        self._watch(run, found)
        with contextlib.suppress(OSError):
            socket.send_fds(run.service, [b"{}"], [run.process])

    def _act(self, run: Run, descriptor: int) -> None:
        """Kill a run whose service has closed its end; have one reaped that has ended."""
        if descriptor != run.process:
            self._unwatch(descriptor)
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(run.process, signal.SIGKILL)
        elif run is not self._waiting:
            self._orders.send(_REAP)
            self._report(*map(int, self._orders.recv(100).split()))
        elif not select.select([self._heard], [], [], 0)[0]:
            os._exit(1)

    def _report(self, pid: int, status: int) -> None:
        """Tell the service how the run ended that was reaped, be it the expected one or another."""
        run = next(each for each in self._runs.values() if each.pid == pid)
        if run.service is None:
            os._exit(1)
        with contextlib.suppress(OSError):
            run.service.send(b"%d" % os.waitstatus_to_exitcode(status))
        self._unwatch(run.process)
        self._unwatch(run.service.fileno())
        run.service.close()
        os.close(run.process)

    def _watch(self, run: Run, descriptor: int) -> None:
        self._runs[descriptor] = run
        self._watched.register(descriptor, select.POLLIN)

    def _unwatch(self, descriptor: int) -> None:
        if self._runs.pop(descriptor, None) is not None:
            self._watched.unregister(descriptor)


if __name__ == "__main__":
    main()

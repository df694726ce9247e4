"""The zygote's program: load the modeling libraries once, and fork a process for every run.

Started by warm.py as `python -m abm_quant.running.zygote SERVICE CHANNEL SCRATCH TARGET LEVEL`: the
number of the service's process, descriptors of the channel for requests and of the folder of
scratch folders, the target of the models, the level of confinement. There are four kinds of
process, so that none has two duties:

- the keeper was started by the service. It ends when the service does, whatever goes on;
- the template only loads and forks. It never sees a request, so that its memory stays the same and
  the thousandth run starts from the same bytes as the first;
- the guard of a run reports how it ends, and ends it when the service closes its end;
- the run has given up its rights before it is asked for. It takes one request from the channel,
  confines itself, and only then reads foreign code, from a channel of its own.

Each is killed by the kernel when the one that forked it ends. The next guard and run are forked
ahead and stand by. A request is one message: a JSON object {scratch, memory_mb, cpu_s, scratch_mb}
with the name of the scratch folder, and the descriptors of the run's channel and of the guard's.
Nothing of foreign code passes there.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from typing import NoReturn

from abm_quant.running import confinement, descriptors, harness, libraries
from abm_quant.running.levels import LEVELS
from abm_quant.running.reporting import CHANNEL, Printed, Reporter

_REQUESTS = 3


def main() -> NoReturn:
    """Be the keeper; never returns."""
    service, requests, scratch_root = (int(each) for each in sys.argv[1:4])
    target, level = sys.argv[4], LEVELS[sys.argv[5]]
    confinement.name_process("abm-zygote")
    watched = os.pidfd_open(service)
    if os.getppid() != service:
        os._exit(1)
    user = confinement.user_of_runs(level)
    confinement.enter(level)
    keeper = os.getpid()
    template = os.fork()
    if template != 0:
        keep(watched, template)
    descriptors.keep_only(requests, _REQUESTS, also=(scratch_root,))
    confinement.name_process("abm-template")
    confinement.be_first(level, keeper)
    libraries.load(target, everything=not level.landlock)
    libraries.hide_own_code()
    paths = libraries.readable_paths()
    fork_runs(confinement.prepare(level, paths, scratch_root=scratch_root, user=user))


def keep(service: int, template: int) -> NoReturn:
    """Wait until the service or the template ends, and end: the kernel then ends all others."""
    forked = os.pidfd_open(template)
    descriptors.keep_only(service, service, also=(forked,))
    watched = select.poll()
    watched.register(service, select.POLLIN)
    watched.register(forked, select.POLLIN)
    watched.poll()
    os._exit(1)


def fork_runs(ground: confinement.Ground) -> NoReturn:
    """Be the template: fork a guard, wait until its run is taken, and again."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    template = os.getpid()
    gc.collect()
    gc.freeze()
    # What is allocated from here on is freed in the reverse order, which leaves memory as it was.
    while True:
        taken, telling = os.pipe()
        if os.fork() == 0:
            os.close(taken)
            guard(ground, template, telling)
        os.close(telling)
        if not os.read(taken, 1):
            os._exit(0)
        os.close(taken)


def guard(ground: confinement.Ground, template: int, telling: int) -> NoReturn:
    """Fork a run, say when it is taken, then guard it to its end and report that."""
    confinement.name_process("abm-guard")
    confinement.end_with_parent(template)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    ours, theirs = socket.socketpair()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        ours.close()
        stand_by(ground, parent, theirs)
    run = os.pidfd_open(pid)
    theirs.close()
    os.close(_REQUESTS)
    _, found = descriptors.receive(ours, 1)
    if not found:
        os._exit(1)
    os.write(telling, b"1")
    service = found[0]
    descriptors.keep_only(service, service, also=(run,))
    report_end(socket.socket(fileno=service), run, pid)


def report_end(service: socket.socket, run: int, pid: int) -> NoReturn:
    """Hand the run's process to the service, wait until it ends, and say how it did."""
    watched = select.poll()
    watched.register(run, select.POLLIN)
    watched.register(service, select.POLLIN)
    try:
        socket.send_fds(service, [b"{}"], [run])
        if all(descriptor != run for descriptor, _ in watched.poll()):
            signal.pidfd_send_signal(run, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        cpu_s = usage.ru_utime + usage.ru_stime
        end = {"status": os.waitstatus_to_exitcode(status), "cpu_s": cpu_s}
        service.send(json.dumps(end).encode())
    finally:
        os._exit(0)


def stand_by(ground: confinement.Ground, parent: int, to_guard: socket.socket) -> NoReturn:
    """Give up rights, wait for a request, confine this process and run what comes."""
    confinement.name_process("abm-standby")
    printed = Printed()
    reporter = Reporter(printed=printed)
    rules = confinement.give_up_rights(ground, parent)
    requests = socket.socket(fileno=_REQUESTS)
    message, found = descriptors.receive(requests, 2)
    requests.detach()
    if not message:
        os._exit(0)
    channel, service = found
    socket.send_fds(to_guard, [b"1"], [service])
    to_guard.detach()
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


if __name__ == "__main__":
    main()

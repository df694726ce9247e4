"""Takes from this process, for good, every right that a model does not need.

The order matters: what needs a right comes before the step that takes it. A step that fails
raises, and the caller must leave without reading foreign code. Uses ctypes and nothing of the
service, so that a run can import it without seeing the service's code.
"""

import contextlib
import ctypes
import os
import signal
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from abm_quant.running import limits
from abm_quant.running.confining import landlock, namespaces, seccomp
from abm_quant.running.confining.calls import libc, require
from abm_quant.running.confining.levels import Level

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NAME = 15
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63

RUN_USER = 64_987
"""The user and group of runs at a level with namespaces, where the service is root."""
_NICENESS = 10
"""Runs give way to the service and to what ends them, however many of them compute."""


@dataclass(frozen=True)
class Ground:
    """What is made ready once, in a process that forks the confined ones."""

    level: Level
    readable: tuple[landlock.Grant, ...]
    scratch_root: int
    """A descriptor of the folder of scratch folders."""
    address_space: int
    """Bytes that are in use before a model is there."""
    user: int | None
    """The user that runs become."""


def user_of_runs(level: Level) -> int | None:
    """Give the user that runs become when this process, or one that it starts, forks them."""
    return RUN_USER if level.namespaces and namespaces.may_make_them() else None


def enter(level: Level) -> None:
    """Let the next forked process be where the level wants it; comes before anything else.

    Raises OSError where the machine does not allow it.
    """
    _require_one_thread()
    _volunteer_for_out_of_memory()
    if level.namespaces:
        namespaces.enter()


def be_first(level: Level, parent: int) -> None:
    """Settle what the process must that was forked after `enter`; it ends with its parent."""
    end_with_parent(0 if level.namespaces else parent)
    if level.namespaces:
        namespaces.be_first()


def prepare(
    level: Level, readable: Iterable[Path], *, scratch_root: int, user: int | None
) -> Ground:
    """Give the ground of confinement, after `enter` and after all libraries were loaded.

    `readable` are the files and folders that a run may read.
    """
    _require_one_thread()
    address_space = limits.address_space_bytes()
    paths = list(readable)
    grants = landlock.open_readable(paths) if level.landlock else {}
    if level.namespaces:
        namespaces.hide_files(
            [(path, grant.descriptor) for path, grant in grants.items()], scratch_root
        )
        scratch_root = os.open(namespaces.SCRATCH_ROOT, os.O_PATH | os.O_DIRECTORY)
    return Ground(level, tuple(grants.values()), scratch_root, address_space, user)


def give_up_rights(ground: Ground, parent: int) -> landlock.Ruleset | None:
    """Give up what no run needs, whatever it is, and give the rules for `confine`.

    `parent` is the process to end with. Raises OSError or RuntimeError when a step fails; the
    process must then end.
    """
    if ground.user is not None:
        os.setgroups([])
        os.setresgid(*[ground.user] * 3)
        os.setresuid(*[ground.user] * 3)
    end_with_parent(parent)
    os.nice(_NICENESS)
    _reset_signals()
    _drop_capabilities()
    _control(_PR_SET_NO_NEW_PRIVS, 1)
    close_to_others()
    if not ground.level.landlock:
        return None
    rules = landlock.Ruleset(landlock.abi())
    for grant in ground.readable:
        rules.allow(grant)
    return rules


def confine(
    ground: Ground,
    rules: landlock.Ruleset | None,
    *,
    scratch: int,
    most: limits.KernelLimits,
) -> None:
    """Confine this process for good, after `give_up_rights`.

    `scratch` is a descriptor of the one folder that can be written to. Raises OSError or
    ValueError when a layer cannot be put in force; the process is then partly confined and must
    end.
    """
    limits.impose(most, ground.address_space)
    if rules is not None:
        rules.allow(landlock.Grant(scratch, landlock.SCRATCH))
        rules.restrict()
    os.environ.clear()
    seccomp.install(seccomp.program(os.getpid(), may_open=rules is not None))


def close_to_others() -> None:
    """Let no process look into this one that has no right to trace any."""
    _control(_PR_SET_DUMPABLE, 0)


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process when the thread that started it ends.

    `parent` is the process that started it, 0 where that cannot be seen from here. Raises
    RuntimeError when it has already ended.
    """
    _control(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise RuntimeError("the service ended before the run began")


def name_process(name: str) -> None:
    """Let this process be listed under a name of at most 15 letters."""
    if sys.platform == "linux":
        libc().prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()), *[ctypes.c_ulong(0)] * 3)


def _reset_signals() -> None:
    """Give SIGXCPU and SIGTERM their default effect, whatever was inherited."""
    for number in (signal.SIGXCPU, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _volunteer_for_out_of_memory() -> None:
    """Let the kernel choose this process first when the machine's memory ends, where it can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _require_one_thread() -> None:
    """Fail when another thread exists: it would keep the rights that this one gives up."""
    running = len(os.listdir("/proc/self/task"))
    if running != 1:
        raise RuntimeError(f"the process has {running} threads and must have one")


def _drop_capabilities() -> None:
    """Give up all capabilities, and check that none is left."""
    library = libc()
    for capability in range(_LAST_CAPABILITY + 1):
        # Refused without CAP_SETPCAP; then there is nothing that the bounding set could grant.
        library.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), *[ctypes.c_ulong(0)] * 3)
    library.prctl(
        _PR_CAP_AMBIENT, ctypes.c_ulong(_PR_CAP_AMBIENT_CLEAR_ALL), *[ctypes.c_ulong(0)] * 3
    )
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    nothing = bytes(24)
    require(library.capset(ctypes.c_char_p(header), ctypes.c_char_p(nothing)), "capset")
    held = ctypes.create_string_buffer(24)
    require(library.capget(ctypes.c_char_p(header), held), "capget")
    if held.raw != nothing:
        raise RuntimeError("capabilities are left after dropping them")


def _control(option: int, argument: int) -> None:
    zeros = [ctypes.c_ulong(0)] * 3
    require(libc().prctl(option, ctypes.c_ulong(argument), *zeros), f"prctl {option}")

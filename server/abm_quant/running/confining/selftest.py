"""Tries the key attacks against a level of confinement, in a process that is thrown away.

Started as `python -m abm_quant.running.confining.selftest LEVEL FOLDER` with an empty folder of the caller's.
A forked process is confined exactly as a run is, tries what must fail, and prints a JSON object
{layers, missing}: what is in force, and why the level cannot be used ("" where it can).
"""

import ctypes
import json
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from abm_quant.running import confinement, limits
from abm_quant.running.confining import landlock, levels, libraries, seccomp

_MPTCP = 262
_MOST = limits.KernelLimits(memory_mb=64, cpu_s=10, scratch_mb=1)
_PTRACE_ATTACH = 16


def main() -> NoReturn:
    """Print what a level enforces here; never returns."""
    level, folder = levels.LEVELS[sys.argv[1]], Path(sys.argv[2])
    if not seccomp.supported():
        answer([], "there is no seccomp table for this system and processor")
    if level.landlock and landlock.abi() < 1:
        answer([], "the kernel offers no Landlock")
    if not can_watch():
        answer([], "/proc does not show how much memory other processes of this user hold")
    user = confinement.user_of_runs(level)
    words = landlock.layers(landlock.abi())
    layers = levels.layers(level, words, own_user=user is not None)
    secret = folder / "secret"
    secret.write_text("secret")
    (folder / "scratch").mkdir()
    (folder / "other").mkdir()
    keeper = os.getpid()
    try:
        confinement.enter(level)
        if os.fork() == 0:
            confinement.be_first(level, keeper)
            ground = stand_on(level, folder, user)
            parent = os.getpid()
            if os.fork() == 0:
                be_confined(ground, parent)
                open_ways = [name for name, way in attacks(secret, parent).items() if succeeds(way)]
                stayed = f"these stayed possible: {', '.join(open_ways)}"
                answer(layers, stayed if open_ways else "")
    except (OSError, ValueError, RuntimeError) as failure:
        answer([], str(failure))
    _, status = os.wait()
    os._exit(max(os.waitstatus_to_exitcode(status), 0))


def can_watch() -> bool:
    """Tell whether the memory of a process can be seen that has closed itself to others, as runs do."""
    waiting, closed = os.pipe()
    pid = os.fork()
    if pid == 0:
        confinement.close_to_others()
        os.write(closed, b"!")
        signal.pause()
    os.read(waiting, 1)
    try:
        return Path(f"/proc/{pid}/statm").read_text() != ""
    except OSError:
        return False
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def stand_on(level: levels.Level, folder: Path, user: int | None) -> confinement.Ground:
    """Give the ground that the confined process stands on, made as a zygote makes it."""
    root = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    if user is not None:
        folder.chmod(0o711)
        os.chown(folder / "scratch", user, user)
    return confinement.prepare(level, libraries.readable_paths(), scratch_root=root, user=user)


def be_confined(ground: confinement.Ground, parent: int) -> None:
    """Confine this process as zygote.stand_by does."""
    rules = confinement.give_up_rights(ground, parent)
    scratch = os.open("scratch", os.O_PATH | os.O_DIRECTORY, dir_fd=ground.scratch_root)
    os.fchdir(scratch)
    for grant in ground.readable:
        os.close(grant.descriptor)
    confinement.confine(ground, rules, scratch=scratch, most=_MOST)


def attacks(secret: Path, parent: int) -> dict[str, Callable[[], object]]:
    """Give what a run must not be able to do, by name; each raises OSError where it is denied."""
    libc = ctypes.CDLL(None, use_errno=True)
    return {
        "reading a file outside": lambda: secret.read_bytes(),
        "listing a folder outside": lambda: os.listdir(secret.parent),
        "reading the password file": lambda: Path("/etc/passwd").read_bytes(),
        "writing a file outside": lambda: secret.write_bytes(b"changed"),
        "writing into the folder of another run": lambda: Path("../other/file").write_bytes(b"x"),
        "changing a mode": lambda: secret.chmod(0o777),
        "changing a time": lambda: os.utime(secret),
        "removing a file": lambda: secret.unlink(),
        "reading the environment of the zygote": lambda: Path(
            f"/proc/{parent}/environ"
        ).read_bytes(),
        "a TCP socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "an MPTCP socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, _MPTCP),
        "a UDP socket": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
        "a local socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        "starting a process": _fork_and_leave,
        "starting a program": lambda: os.execv("/bin/true", ["true"]),
        "signaling the zygote": lambda: os.kill(parent, 0),
        "limiting the zygote": lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE, (9, 9)),
        "tracing the zygote": lambda: _call(libc.ptrace(_PTRACE_ATTACH, parent, 0, 0)),
        "a file in memory": lambda: os.memfd_create("file"),
        "shared memory without a file": lambda: mmap.mmap(-1, mmap.PAGESIZE),
        "a new namespace": lambda: _call(libc.unshare(0x10000000)),
        "becoming root": lambda: _call(libc.setuid(0)),
        "an inherited environment": lambda: os.environ["PYTHONHASHSEED"],
    }


def succeeds(attack: Callable[[], object]) -> bool:
    """Tell whether an attack is possible."""
    try:
        attack()
    except (OSError, KeyError):
        return False
    return True


def answer(layers: list[str], missing: str) -> NoReturn:
    """Print the report and end this process."""
    os.write(1, json.dumps({"layers": layers, "missing": missing}).encode() + b"\n")
    os._exit(0)


def _fork_and_leave() -> None:
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def _call(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "denied")


if __name__ == "__main__":
    main()

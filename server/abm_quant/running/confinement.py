"""Takes from this process, for good, every right that a model does not need.

The order matters: what needs a right comes before the step that takes it. A step that fails
raises, and the caller must leave without reading foreign code. Uses ctypes and nothing of the
service, so that a child can import it without seeing the service's code.

As a program (`python -m abm_quant.running.confinement FOLDER`) it confines itself, tries a few forbidden
things and prints a JSON report: this is how the service finds out what the machine can enforce.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import site
import socket
import struct
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

from abm_quant.running import landlock, limits, seccomp

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63

OWN_PACKAGE = "abm_quant"
LAZY_LIBRARIES = ("scipy", "scipy.libs", "tzdata", "agentpy")
"""Libraries that models may import and that are not loaded beforehand."""

SECCOMP_LAYER = (
    "seccomp: sockets, new processes and threads, other programs, tracing and signaling others, "
    "changing modes, owners and times, mounts, namespaces, kernel interfaces"
)
LIMITS_LAYER = "limits: memory, processor time, file size, open files, no core files"
PRIVILEGES_LAYER = "no new privileges, no capabilities, empty environment, ends with the service"


def confine(scratch: Path, kernel_limits: limits.KernelLimits, parent: int) -> list[str]:
    """Confine this process and give the layers that are in force, in words.

    `scratch` is the one folder that can be written to, `parent` the process to end with. Raises OSError, ValueError or RuntimeError
    when a layer cannot be put in force; the process is then partly confined and must end.
    """
    grants = landlock.Grants(readable=tuple(readable_paths()), scratch=(scratch,))
    end_with_parent(parent)
    _reset_signals()
    _volunteer_for_out_of_memory()
    _require_one_thread()
    limits.impose(kernel_limits)
    _drop_capabilities()
    _control(_PR_SET_NO_NEW_PRIVS, 1)
    version = landlock.restrict(grants)
    _control(_PR_SET_DUMPABLE, 0)
    os.environ.clear()
    seccomp.install(seccomp.program(os.getpid()))
    return [*landlock.layers(version), SECCOMP_LAYER, LIMITS_LAYER, PRIVILEGES_LAYER]


def readable_paths() -> Iterator[Path]:
    """Give what a model may read: the standard library, loaded and lazy libraries, time zones.

    Folders that hold installed packages are opened package by package, so that neither this
    service's code nor anything else that happens to be installed can be read.
    """
    installed = package_folders()
    for name in ("stdlib", "platstdlib"):
        folder = Path(sysconfig.get_path(name)).resolve()
        for entry in folder.iterdir():
            if entry not in installed and entry.name not in ("site-packages", "dist-packages"):
                yield entry
    wanted = {*_loaded_packages(installed), *LAZY_LIBRARIES} - {OWN_PACKAGE}
    for folder in installed:
        for name in wanted:
            yield from (folder / name, folder / f"{name}.libs", folder / f"{name}.py")
    yield Path("/usr/share/zoneinfo")
    yield Path("/dev/null")
    yield Path("/dev/urandom")


def package_folders() -> set[Path]:
    """Give the folders in which packages are installed for this interpreter."""
    named = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    return {Path(name).resolve() for name in named if Path(name).is_dir()}


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process when the thread that started it ends.

    `parent` is the process that started it; raises RuntimeError when it has already ended.
    """
    _control(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise RuntimeError("the service ended before the run began")


def keep_only_channel(channel: int, number: int = 3) -> None:
    """Move a descriptor to `number` and close all others but 0, 1 and 2."""
    if channel != number:
        os.dup2(channel, number, inheritable=False)
    os.set_inheritable(number, False)
    highest = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    os.closerange(number + 1, min(highest, 1 << 20))


def _loaded_packages(installed: set[Path]) -> set[str]:
    names = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str):
            place = Path(file).resolve()
            names |= {
                place.relative_to(each).parts[0] for each in installed if each in place.parents
            }
    return names


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
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(_LAST_CAPABILITY + 1):
        # Refused without CAP_SETPCAP; then there is nothing that the bounding set could grant.
        libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), *[ctypes.c_ulong(0)] * 3)
    libc.prctl(_PR_CAP_AMBIENT, ctypes.c_ulong(_PR_CAP_AMBIENT_CLEAR_ALL), *[ctypes.c_ulong(0)] * 3)
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    nothing = bytes(24)
    _require(libc.capset(ctypes.c_char_p(header), ctypes.c_char_p(nothing)), "capset")
    held = ctypes.create_string_buffer(24)
    _require(libc.capget(ctypes.c_char_p(header), held), "capget")
    if held.raw != nothing:
        raise RuntimeError("capabilities are left after dropping them")


def _control(option: int, argument: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    zeros = [ctypes.c_ulong(0)] * 3
    _require(libc.prctl(option, ctypes.c_ulong(argument), *zeros), f"prctl {option}")


def _require(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def probe(folder: Path) -> dict[str, object]:
    """Confine this process, try what must fail, and report; only for a throw-away process.

    `folder` is an empty folder that the caller removes afterwards.
    """
    if not seccomp.supported():
        return {"layers": [], "missing": "there is no seccomp table for this machine's processor"}
    secret, scratch = folder / "secret", folder / "scratch"
    secret.write_text("secret")
    scratch.mkdir()
    parent = os.getppid()
    wanted = limits.KernelLimits(memory_mb=64, cpu_s=10, scratch_mb=1)
    try:
        layers = confine(scratch, wanted, parent)
    except (OSError, ValueError, RuntimeError) as failure:
        return {"layers": [], "missing": str(failure)}
    attempts: dict[str, Callable[[], object]] = {
        "reading a file outside": lambda: secret.read_text(),
        "writing a file outside": lambda: secret.write_text("changed"),
        "changing a mode": lambda: secret.chmod(0o777),
        "opening a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "starting a process": _fork_and_leave,
        "signaling the service": lambda: os.kill(parent, 0),
    }
    open_ways = [name for name, attempt in attempts.items() if not _fails(attempt)]
    missing = f"these stayed possible: {', '.join(open_ways)}" if open_ways else ""
    return {"layers": layers, "missing": missing}


def _fails(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except PermissionError:
        return True
    return False


def _fork_and_leave() -> None:
    if os.fork() == 0:
        os._exit(0)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(probe(Path(sys.argv[1]))))

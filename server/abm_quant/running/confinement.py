"""Takes from this process, for good, every right that a model does not need.

The order matters: what needs a right comes before the step that takes it. A step that fails
raises, and the caller must leave without reading foreign code. Uses ctypes and nothing of the
service, so that a child can import it without seeing the service's code.

As a program (`python -m abm_quant.running.confinement FOLDER`) it confines itself, tries a few forbidden
things and prints a JSON report: this is how the service finds out what the machine can enforce.
"""

import contextlib
import ctypes
import functools
import json
import os
import signal
import site
import socket
import struct
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from abm_quant.running import landlock, limits, seccomp

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NAME = 15
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


@dataclass(frozen=True)
class Ground:
    """What is made ready once, in a process that forks the confined ones."""

    readable: tuple[landlock.Grant, ...]
    landlock_version: int
    address_space: int
    """Bytes that are in use before a model is there."""

    @property
    def layers(self) -> list[str]:
        """What a process that was confined on this ground is denied, in words."""
        found = landlock.layers(self.landlock_version)
        return [*found, SECCOMP_LAYER, LIMITS_LAYER, PRIVILEGES_LAYER]


def prepare() -> Ground:
    """Give the ground of confinement, after all libraries were loaded."""
    _require_one_thread()
    _volunteer_for_out_of_memory()
    readable = landlock.open_readable(readable_paths())
    return Ground(readable, landlock.abi(), limits.address_space_bytes())


def give_up_rights(ground: Ground, parent: int) -> landlock.Ruleset:
    """Give up what no run needs, whatever it is, and give the rules for `confine`.

    `parent` is the process to end with. Raises OSError or RuntimeError when a step fails; the
    process must then end.
    """
    end_with_parent(parent)
    _reset_signals()
    _drop_capabilities()
    _control(_PR_SET_NO_NEW_PRIVS, 1)
    _control(_PR_SET_DUMPABLE, 0)
    rules = landlock.Ruleset(ground.landlock_version)
    for grant in ground.readable:
        rules.allow(grant)
    return rules


def confine(
    ground: Ground, rules: landlock.Ruleset, *, scratch: int, most: limits.KernelLimits
) -> None:
    """Confine this process for good, after `give_up_rights`.

    `scratch` is a descriptor of the one folder that can be written to. Raises OSError or
    ValueError when a layer cannot be put in force; the process is then partly confined and must
    end.
    """
    rules.allow(landlock.Grant(scratch, landlock.SCRATCH))
    limits.impose(most, ground.address_space)
    rules.restrict()
    os.environ.clear()
    seccomp.install(seccomp.program(os.getpid()))


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


def name_process(name: str) -> None:
    """Let this process be listed under a name of at most 15 letters."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()), *[ctypes.c_ulong(0)] * 3)


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
    libc = _libc()
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
    zeros = [ctypes.c_ulong(0)] * 3
    _require(_libc().prctl(option, ctypes.c_ulong(argument), *zeros), f"prctl {option}")


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


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
    most = limits.KernelLimits(memory_mb=64, cpu_s=10, scratch_mb=1)
    try:
        ground = prepare()
        rules = give_up_rights(ground, parent)
        for grant in ground.readable:
            os.close(grant.descriptor)
        confine(ground, rules, scratch=os.open(scratch, os.O_DIRECTORY), most=most)
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
    return {"layers": ground.layers, "missing": missing}


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

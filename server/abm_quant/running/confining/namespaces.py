"""A file system, network, processes and shared memory of their own for a zygote and its runs.

Needs root, or a kernel that lets users make user namespaces. Raises OSError where it does not.
"""

import ctypes
import os
import platform
import stat
from collections.abc import Iterable
from pathlib import Path

from abm_quant.running.confining.calls import libc, require

SCRATCH_ROOT = "/scratch"
"""Where the folder of the scratch folders is seen."""
_NEW_ROOT = "/tmp"

_NEW_MOUNTS = 0x00020000
_NEW_CGROUPS = 0x02000000
_NEW_HOST_NAME = 0x04000000
_NEW_IPC = 0x08000000
_NEW_USERS = 0x10000000
_NEW_PROCESSES = 0x20000000
_NEW_NETWORK = 0x40000000
_OTHERS = _NEW_CGROUPS | _NEW_HOST_NAME | _NEW_IPC | _NEW_NETWORK
_ALL = _NEW_MOUNTS | _NEW_PROCESSES | _OTHERS

_NEEDED = 1 << 21 | 1 << 7 | 1 << 6 | 1 << 0
"""CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID and CAP_CHOWN."""

_READ_ONLY = 1
_NO_SUID = 2
_NO_DEVICES = 4
_REMOUNT = 32
_BIND = 4096
_RECURSIVE = 16384
_PRIVATE = 1 << 18
_KEPT_FLAGS = {2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}
"""Of statvfs -> of mount: what a mount forbids, and how it keeps access times, must stay."""
_DETACH = 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_FIRST_PROCESS = 1000
"""Above the numbers that Python keeps as ready-made objects: so all runs allocate the same."""


def may_make_them() -> bool:
    """Tell whether this process may make namespaces, and change its user, without a new user's."""
    status = Path("/proc/self/status").read_text()
    held = int(status.partition("CapEff:")[2].split()[0], 16)
    return held & _NEEDED == _NEEDED


def enter() -> None:
    """Make new namespaces. The next process that this one forks is the first of them.

    When that one ends, the kernel ends all others in them.
    """
    if may_make_them():
        require(libc().unshare(_ALL), "unshare")
    else:
        user, group = os.geteuid(), os.getegid()
        require(libc().unshare(_NEW_USERS | _ALL), "unshare")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")


def be_first() -> None:
    """Settle what the first process in new namespaces must: how those after it are numbered."""
    Path("/proc/sys/kernel/ns_last_pid").write_text(str(_FIRST_PROCESS))


def hide_files(shown: Iterable[tuple[Path, int]], scratch_root: int) -> None:
    """Leave of the file system only some paths, read-only, and the folder of scratch folders.

    `shown` are paths with path descriptors of what is to be seen there, opened after `enter`.
    """
    shown = tuple(shown)
    own_path = os.readlink(f"/proc/self/fd/{scratch_root}")
    own_scratch_root = os.open(own_path, os.O_PATH | os.O_DIRECTORY)
    folders = {folder: folder.stat() for folder in {path.parent for path, _ in shown}}
    _mount("", "/", "", _RECURSIVE | _PRIVATE)
    _mount("tmpfs", _NEW_ROOT, "tmpfs", _NO_SUID | _NO_DEVICES, "mode=755,size=4m")
    for path, descriptor in shown:
        place = f"{_NEW_ROOT}{path}"
        _show(descriptor, place)
        kept = os.statvfs(place).f_flag
        flags = sum(ours for theirs, ours in _KEPT_FLAGS.items() if kept & theirs)
        _mount("", place, "", _BIND | _REMOUNT | _READ_ONLY | _NO_SUID | flags)
    for folder, seen in folders.items():
        _keep_time(folder, seen)
    _show(own_scratch_root, f"{_NEW_ROOT}{SCRATCH_ROOT}")
    os.chdir(_NEW_ROOT)
    call = _PIVOT_ROOT[platform.machine()]
    require(libc().syscall(call, ctypes.c_char_p(b"."), ctypes.c_char_p(b".")), "pivot_root")
    require(libc().umount2(ctypes.c_char_p(b"."), _DETACH), "umount")
    os.chdir("/")
    _mount("", "/", "", _REMOUNT | _READ_ONLY | _NO_SUID | _NO_DEVICES)


def _keep_time(folder: Path, seen: os.stat_result) -> None:
    """Let a folder look unchanged, so that Python believes the list of modules that it has of it.

    It could not make a new one: what is in a folder is shown, and the folder itself is not.
    """
    os.utime(f"{_NEW_ROOT}{folder}", ns=(seen.st_atime_ns, seen.st_mtime_ns))


def _show(descriptor: int, place: str) -> None:
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.makedirs(place, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.close(os.open(place, os.O_CREAT | os.O_CLOEXEC, 0o644))
    _mount(f"/proc/self/fd/{descriptor}", place, "", _BIND)


def _mount(source: str, place: str, kind: str, flags: int, data: str = "") -> None:
    texts = [ctypes.c_char_p(text.encode() or None) for text in (source, place, kind, data)]
    result = libc().mount(*texts[:3], ctypes.c_ulong(flags), texts[3])
    require(result, f"mount {place}")

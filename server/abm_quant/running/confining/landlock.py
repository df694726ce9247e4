"""Landlock: the kernel takes from a process every file and TCP right that is not granted again.

Needs Linux 5.13 (ABI 1: files). ABI 2 adds moving between folders, 3 truncation, 4 TCP, 5 device
control, 6 signals and abstract sockets. What an older kernel lacks is denied by seccomp as well.
Landlock does not cover metadata: `stat` of any path still tells whether it exists, and its size.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from abm_quant.running.confining.calls import libc

_CREATE_RULESET = 444
_ADD_RULE = 445
_RESTRICT_SELF = 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_MAKE_REG = 1 << 8
_TRUNCATE = 1 << 14

_ALL_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_ALL_TCP_RIGHTS = 0b11
_ALL_SCOPES = 0b11

READ = _READ_FILE | _READ_DIR
"""Read files and list folders."""
SCRATCH = READ | _WRITE_FILE | _MAKE_REG | _TRUNCATE
"""Besides that make and write plain files; never remove, move, link, or make folders."""
_RIGHTS_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE


@dataclass(frozen=True)
class Grant:
    """Rights on a file, or on a folder with all below it; a file cannot have rights of folders."""

    descriptor: int
    """An open descriptor of it; a path descriptor (O_PATH) is enough."""
    rights: int


def abi() -> int:
    """Give the Landlock version of the running kernel, 0 when it has none or it is turned off."""
    version = _syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    return max(version, 0)


def layers(version: int) -> list[str]:
    """Give in words what a version denies."""
    found = ["Landlock: files outside Python's libraries and the scratch folder"]
    if version >= 4:
        found.append("Landlock: TCP connections and listeners")
    if version >= 6:
        found.append("Landlock: signals to other processes, abstract sockets")
    return found


def open_readable(paths: Iterable[Path]) -> dict[Path, Grant]:
    """Give the grants to read files and folders; those that do not exist are skipped."""
    found = {}
    for path in paths:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        is_folder = stat.S_ISDIR(os.fstat(opened).st_mode)
        found[path] = Grant(opened, READ if is_folder else READ & _RIGHTS_OF_FILES)
    return found


class Ruleset:
    """What will still be allowed, written down in the kernel; `restrict` puts it in force.

    Raises OSError when the kernel refuses any part.
    """

    def __init__(self, version: int) -> None:
        if version < 1:
            raise OSError("the kernel offers no Landlock")
        self._handled = next(
            rights for least, rights in _descending(_ALL_FILE_RIGHTS) if version >= least
        )
        attributes = struct.pack("Q", self._handled)
        if version >= 4:
            attributes += struct.pack("Q", _ALL_TCP_RIGHTS)
        if version >= 6:
            attributes += struct.pack("Q", _ALL_SCOPES)
        made = _syscall(_CREATE_RULESET, ctypes.c_char_p(attributes), len(attributes), 0)
        self.descriptor = _checked(made, "ruleset")

    def allow(self, grant: Grant) -> None:
        """Allow what a grant says."""
        rule = struct.pack("=Qi", grant.rights & self._handled, grant.descriptor)
        added = _syscall(_ADD_RULE, self.descriptor, _PATH_BENEATH, ctypes.c_char_p(rule), 0)
        _checked(added, "rule")

    def restrict(self) -> None:
        """Confine this process for good; no_new_privs must be set."""
        try:
            _checked(_syscall(_RESTRICT_SELF, self.descriptor, 0), "restrict")
        finally:
            os.close(self.descriptor)


def _descending(table: dict[int, int]) -> Iterable[tuple[int, int]]:
    return sorted(table.items(), reverse=True)


def _syscall(number: int, *arguments: ctypes.c_char_p | int | None) -> int:
    """Make a system call; -1 when it fails."""
    converted = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    return int(libc().syscall(ctypes.c_long(number), *converted))


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock {what}: {os.strerror(number)}")
    return result

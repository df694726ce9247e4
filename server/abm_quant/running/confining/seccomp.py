"""The system calls that foreign code may make: a seccomp filter that allows a list and denies the rest.

What is not on the list fails with EPERM, so that a program meets a PermissionError at the line
that asked. Calls through another instruction set kill the process. A filter is inherited and
cannot be taken off; no_new_privs must be set before.

The x86_64 table is tested. The aarch64 table agrees with the kernel's headers and has not run.
"""

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from abm_quant.running.confining.calls import libc, require

_LOAD_WORD = 0x20
_JUMP_EQUAL = 0x15
_AND = 0x54
_RETURN = 0x06

_ALLOW = 0x7FFF0000
_DENY = 0x00050000 | errno.EPERM
_KILL_PROCESS = 0x80000000

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2

_O_TMPFILE = 0o20000000
_O_TRUNC = 0o1000
_ACCESS_MODE = 0o3
_NEITHER = 0o3
"""The access mode that neither reads nor writes: Landlock asks no right for it."""

_SHARED_MEMORY = 0x21
"""MAP_SHARED, which is a bit of MAP_SHARED_VALIDATE, and MAP_ANONYMOUS."""

_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)
"""Duplicate, get and set flags; never F_SETOWN, which makes the kernel signal other processes."""
_FUTEX_OPERATIONS = (0, 1, 3, 4, 5, 9, 10)
"""Wait, wake and move those that wait; never those that name another thread as the owner."""
_FUTEX_MASK = 0x7F
_IOCTL_REQUESTS = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)
"""Is it a terminal, bytes waiting, (non)blocking, (non)inheritable."""


@dataclass(frozen=True)
class Architecture:
    """The numbers of one instruction set."""

    audit: int
    """Its AUDIT_ARCH constant."""
    plain: dict[str, int]
    """Calls that are allowed whatever their arguments."""
    checked: dict[str, int]
    """Calls whose arguments are checked; see `_checks`."""


_X86_64 = Architecture(
    audit=0xC000003E,
    plain={
        "read": 0,
        "write": 1,
        "munmap": 11,
        "madvise": 28,
        "brk": 12,
        "mremap": 25,
        "mprotect": 10,
        "clock_gettime": 228,
        "close": 3,
        "stat": 4,
        "fstat": 5,
        "lstat": 6,
        "newfstatat": 262,
        "statx": 332,
        "lseek": 8,
        "pread64": 17,
        "pwrite64": 18,
        "readv": 19,
        "writev": 20,
        "access": 21,
        "faccessat": 269,
        "faccessat2": 439,
        "readlink": 89,
        "readlinkat": 267,
        "getdents": 78,
        "getdents64": 217,
        "getcwd": 79,
        "ftruncate": 77,
        "poll": 7,
        "ppoll": 271,
        "select": 23,
        "pselect6": 270,
        "epoll_create1": 291,
        "epoll_ctl": 233,
        "epoll_wait": 232,
        "epoll_pwait": 281,
        "eventfd2": 290,
        "pipe": 22,
        "pipe2": 293,
        "dup": 32,
        "dup2": 33,
        "dup3": 292,
        "close_range": 436,
        "rt_sigaction": 13,
        "rt_sigprocmask": 14,
        "rt_sigreturn": 15,
        "rt_sigpending": 127,
        "sigaltstack": 131,
        "restart_syscall": 219,
        "sched_yield": 24,
        "sched_getaffinity": 204,
        "getcpu": 309,
        "nanosleep": 35,
        "clock_nanosleep": 230,
        "clock_getres": 229,
        "gettimeofday": 96,
        "time": 201,
        "times": 100,
        "setitimer": 38,
        "getitimer": 36,
        "alarm": 37,
        "getpid": 39,
        "getppid": 110,
        "gettid": 186,
        "getuid": 102,
        "geteuid": 107,
        "getgid": 104,
        "getegid": 108,
        "getrlimit": 97,
        "getrusage": 98,
        "uname": 63,
        "sysinfo": 99,
        "getrandom": 318,
        "exit": 60,
        "exit_group": 231,
    },
    checked={
        "open": 2,
        "openat": 257,
        "mmap": 9,
        "fcntl": 72,
        "ioctl": 16,
        "futex": 202,
        "kill": 62,
        "tgkill": 234,
        "prlimit64": 302,
    },
)

_AARCH64 = Architecture(
    audit=0xC00000B7,
    plain={
        "read": 63,
        "write": 64,
        "munmap": 215,
        "madvise": 233,
        "brk": 214,
        "mremap": 216,
        "mprotect": 226,
        "clock_gettime": 113,
        "close": 57,
        "fstat": 80,
        "newfstatat": 79,
        "statx": 291,
        "lseek": 62,
        "pread64": 67,
        "pwrite64": 68,
        "readv": 65,
        "writev": 66,
        "faccessat": 48,
        "faccessat2": 439,
        "readlinkat": 78,
        "getdents64": 61,
        "getcwd": 17,
        "ftruncate": 46,
        "ppoll": 73,
        "pselect6": 72,
        "epoll_create1": 20,
        "epoll_ctl": 21,
        "epoll_pwait": 22,
        "eventfd2": 19,
        "pipe2": 59,
        "dup": 23,
        "dup3": 24,
        "close_range": 436,
        "rt_sigaction": 134,
        "rt_sigprocmask": 135,
        "rt_sigreturn": 139,
        "rt_sigpending": 136,
        "sigaltstack": 132,
        "restart_syscall": 128,
        "sched_yield": 124,
        "sched_getaffinity": 123,
        "getcpu": 168,
        "nanosleep": 101,
        "clock_nanosleep": 115,
        "clock_getres": 114,
        "gettimeofday": 169,
        "times": 153,
        "setitimer": 103,
        "getitimer": 102,
        "getpid": 172,
        "getppid": 173,
        "gettid": 178,
        "getuid": 174,
        "geteuid": 175,
        "getgid": 176,
        "getegid": 177,
        "getrlimit": 163,
        "getrusage": 165,
        "uname": 160,
        "sysinfo": 179,
        "getrandom": 278,
        "exit": 93,
        "exit_group": 94,
    },
    checked={
        "openat": 56,
        "mmap": 222,
        "fcntl": 25,
        "ioctl": 29,
        "futex": 98,
        "kill": 129,
        "tgkill": 131,
        "prlimit64": 261,
    },
)

ARCHITECTURES = {"x86_64": _X86_64, "aarch64": _AARCH64}
"""By the machine's name, as `platform.machine()` gives it."""


@dataclass(frozen=True)
class Rule:
    """A demand on the low (or high) half of one argument: masked, it is one of the values."""

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    high_half: bool = False
    denied: bool = False
    """The values are the forbidden ones."""


def _checks(pid: int) -> dict[str, tuple[Rule, ...]]:
    """Give the rules of each checked call; all rules of a call must hold.

    Shared memory without a file is held by the kernel where a mapping of it shrinks, and is then in
    no limit and in no count of a process's memory.
    """
    return {
        "open": _open_rules(1),
        "openat": _open_rules(2),
        "mmap": (Rule(3, (_SHARED_MEMORY,), mask=_SHARED_MEMORY, denied=True),),
        "fcntl": (Rule(1, _FCNTL_COMMANDS),),
        "ioctl": (Rule(1, _IOCTL_REQUESTS),),
        "futex": (Rule(1, _FUTEX_OPERATIONS, mask=_FUTEX_MASK),),
        "kill": (Rule(0, (pid,)),),
        "tgkill": (Rule(0, (pid,)),),
        "prlimit64": (Rule(0, (0,)), Rule(2, (0,)), Rule(2, (0,), high_half=True)),
    }


def _open_rules(flags: int) -> tuple[Rule, ...]:
    """No files without a name, no truncation through a descriptor for reading or for neither.

    Before ABI 3, Landlock lets the latter empty any file that the user may write to.
    """
    return (
        Rule(flags, (0,), mask=_O_TMPFILE),
        Rule(flags, (_O_TRUNC,), mask=_O_TRUNC | _ACCESS_MODE, denied=True),
        Rule(flags, (_NEITHER,), mask=_ACCESS_MODE, denied=True),
    )


def supported(machine: str | None = None) -> bool:
    """Tell whether there is a table for a machine, by default this one, in 64-bit mode."""
    known = (machine or platform.machine()) in ARCHITECTURES
    return known and sys.platform == "linux" and struct.calcsize("P") == 8


def program(pid: int, machine: str | None = None, *, may_open: bool = True) -> bytes:
    """Give the filter for the process `pid`, which may signal only itself.

    Where it may not open, no call opens a file any more, whatever its path and flags. Raises
    KeyError for a machine without a table.
    """
    architecture = ARCHITECTURES[machine or platform.machine()]
    checks = _checks(pid)
    if not may_open:
        for name in ("open", "openat"):
            del checks[name]
    return b"".join(_instructions(architecture, checks))


def install(filter_program: bytes) -> None:
    """Put the filter on this process for good; raises OSError when the kernel refuses."""
    if len(filter_program) % 8:
        raise ValueError("a filter is a sequence of 8-byte instructions")
    code = ctypes.create_string_buffer(filter_program, len(filter_program))
    header = struct.pack("HxxxxxxQ", len(filter_program) // 8, ctypes.addressof(code))
    done = libc().prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.c_char_p(header), 0, 0)
    require(done, "seccomp")


def _instructions(
    architecture: Architecture, checks: dict[str, tuple[Rule, ...]]
) -> Iterator[bytes]:
    yield _instruction(_LOAD_WORD, 4)
    yield _instruction(_JUMP_EQUAL, architecture.audit, 1, 0)
    yield _instruction(_RETURN, _KILL_PROCESS)
    yield _instruction(_LOAD_WORD, 0)
    for number in architecture.plain.values():
        yield _instruction(_JUMP_EQUAL, number, 0, 1)
        yield _instruction(_RETURN, _ALLOW)
    for name, number in architecture.checked.items():
        if name not in checks:
            continue
        block = [part for rule in checks[name] for part in _rule_block(rule)]
        block.append(_instruction(_RETURN, _ALLOW))
        yield _instruction(_JUMP_EQUAL, number, 0, len(block))
        yield from block
    yield _instruction(_RETURN, _DENY)


def _rule_block(rule: Rule) -> list[bytes]:
    """Give instructions that go on behind the block when the rule holds, and deny otherwise."""
    offset = 16 + 8 * rule.argument + (4 if rule.high_half else 0)
    block = [_instruction(_LOAD_WORD, offset), _instruction(_AND, rule.mask)]
    deny = _instruction(_RETURN, _DENY)
    if rule.denied:
        for value in rule.values:
            block += [_instruction(_JUMP_EQUAL, value, 0, 1), deny]
        return block
    for place, value in enumerate(rule.values):
        block.append(_instruction(_JUMP_EQUAL, value, len(rule.values) - place, 0))
    return [*block, deny]


def _instruction(code: int, constant: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, constant)

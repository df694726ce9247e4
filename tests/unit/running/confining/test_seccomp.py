"""The filter, executed by a small interpreter of its instructions."""

import errno
import struct
from pathlib import Path

import pytest

from abm_quant.running.confining.seccomp import ARCHITECTURES, program, supported

ALLOW, DENY, KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
PID = 4321


def verdict(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """Give what the filter answers to a system call."""
    table = ARCHITECTURES[machine]
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=iIQ6Q", number, audit or table.audit, 0, *padded)
    code = list(struct.iter_unpack("HBBI", program(PID, machine)))
    place, word = 0, 0
    while True:
        operation, if_true, if_false, constant = code[place]
        place += 1
        if operation == 0x20:
            (word,) = struct.unpack_from("=I", data, constant)
        elif operation == 0x54:
            word &= constant
        elif operation == 0x15:
            place += if_true if word == constant else if_false
        else:
            assert operation == 0x06
            return constant


@pytest.mark.parametrize("machine", sorted(ARCHITECTURES))
def test_exactly_the_listed_calls_are_allowed(machine: str) -> None:
    table = ARCHITECTURES[machine]
    plain = set(table.plain.values())
    for number in range(600):
        if number not in table.checked.values():
            assert verdict(machine, number) == (ALLOW if number in plain else DENY)


@pytest.mark.parametrize("machine", sorted(ARCHITECTURES))
def test_arguments_are_checked(machine: str) -> None:
    calls = ARCHITECTURES[machine].checked
    read_only, create, truncate, tmpfile = 0, 0o101, 0o1000, 0o20200002
    neither = 0o3
    expected = [
        ("openat", (0, 0, read_only), ALLOW),
        ("openat", (0, 0, create), ALLOW),
        ("openat", (0, 0, create | truncate), ALLOW),
        ("openat", (0, 0, truncate), DENY),
        ("openat", (0, 0, tmpfile), DENY),
        ("openat", (0, 0, neither), DENY),
        ("openat", (0, 0, neither | truncate), DENY),
        ("openat", (0, 0, neither | create), DENY),
        ("fcntl", (1, 4), ALLOW),
        ("fcntl", (1, 1030), ALLOW),
        ("fcntl", (1, 8, PID), DENY),
        ("fcntl", (1, 0x1_0000_0008), DENY),
        ("ioctl", (1, 0x5421), ALLOW),
        ("ioctl", (1, 0x8901), DENY),
        ("futex", (0, 128 | 1), ALLOW),
        ("futex", (0, 256 | 128 | 9), ALLOW),
        ("futex", (0, 6), DENY),
        ("futex", (0, 128 | 8), DENY),
        ("futex", (0, 12), DENY),
        ("futex", (0, 0x1_0000_000D), DENY),
        ("kill", (PID, 9), ALLOW),
        ("kill", (PID - 1, 9), DENY),
        ("kill", (0, 9), DENY),
        ("kill", (2**64 - 1, 9), DENY),
        ("tgkill", (PID, PID, 6), ALLOW),
        ("tgkill", (1, 1, 6), DENY),
        ("prlimit64", (0, 7, 0, 99), ALLOW),
        ("prlimit64", (0, 7, 99, 0), DENY),
        ("prlimit64", (0, 7, 1 << 32, 0), DENY),
        ("prlimit64", (PID, 7, 0, 99), DENY),
    ]
    for name, arguments, answer in expected:
        assert verdict(machine, calls[name], *arguments) == answer, (name, arguments)


def test_another_instruction_set_is_killed() -> None:
    i386 = 0x40000003
    assert verdict("x86_64", 3, audit=i386) == KILL
    assert verdict("x86_64", 0x40000000 | 39) == DENY


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")),
        ("aarch64", Path("/usr/include/asm-generic/unistd.h")),
    ],
)
def test_the_numbers_are_those_of_the_kernel_headers(machine: str, header: Path) -> None:
    if not header.exists():
        pytest.skip("the kernel headers are not installed")
    defined: dict[str, int] = {}
    for line in header.read_text().splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "#define" and words[2].isdigit():
            defined[words[1].removeprefix("__NR_").removeprefix("__NR3264_")] = int(words[2])
    other_names = {"newfstatat": "fstatat"} if machine == "aarch64" else {}
    table = ARCHITECTURES[machine]
    for name, number in {**table.plain, **table.checked}.items():
        assert defined[other_names.get(name, name)] == number, name


def test_numbers_are_not_given_twice() -> None:
    for table in ARCHITECTURES.values():
        numbers = [*table.plain.values(), *table.checked.values()]
        assert len(numbers) == len(set(numbers))


def test_a_machine_without_a_table_is_not_supported() -> None:
    assert supported("x86_64")
    assert not supported("riscv64")

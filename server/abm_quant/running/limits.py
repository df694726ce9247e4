"""The kernel's limits on one process, counted from what the started interpreter already uses."""

import math
import resource
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from abm_quant.contracts.jobs import Limits

MIB = 1024 * 1024
OPEN_FILES = 64


class KernelLimits(TypedDict):
    """The part of Limits that the kernel enforces, as plain JSON values."""

    memory_mb: int
    cpu_s: float
    scratch_mb: int


def kernel_limits(limits: "Limits") -> KernelLimits:
    """Give the part of the limits that the child imposes on itself."""
    return KernelLimits(
        memory_mb=limits.memory_mb, cpu_s=limits.cpu_s, scratch_mb=limits.scratch_mb
    )


def impose(limits: KernelLimits, address_space: int) -> None:
    """Limit this process for good, beyond what it has used until now: `address_space` bytes.

    Memory is the address space, so that a program that wants too much meets a MemoryError.
    Raises OSError or ValueError when the kernel refuses.
    """
    _cap(resource.RLIMIT_AS, address_space + limits["memory_mb"] * MIB)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = math.ceil(used.ru_utime + used.ru_stime + limits["cpu_s"])
    _cap(resource.RLIMIT_CPU, cpu_s, grace=1)
    _cap(resource.RLIMIT_FSIZE, limits["scratch_mb"] * MIB)
    _cap(resource.RLIMIT_NOFILE, OPEN_FILES)
    _cap(resource.RLIMIT_NPROC, 0)
    _cap(resource.RLIMIT_CORE, 0)
    _cap(resource.RLIMIT_MEMLOCK, 0)
    _cap(resource.RLIMIT_MSGQUEUE, 0)
    _cap(resource.RLIMIT_SIGPENDING, 0)


def address_space_bytes() -> int:
    """Give the size of this process's address space."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _cap(kind: int, value: int, grace: int = 0) -> None:
    """Set both limits, never above a hard limit that is there already."""
    _, hard = resource.getrlimit(kind)
    top = value + grace if hard == resource.RLIM_INFINITY else min(value + grace, hard)
    resource.setrlimit(kind, (min(value, top), top))

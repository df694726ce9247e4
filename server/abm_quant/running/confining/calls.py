"""Calls of the C library that fail with an OSError."""

import ctypes
import functools
import os


@functools.cache
def libc() -> ctypes.CDLL:
    """Give the C library of this process."""
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def require(result: int, what: str) -> None:
    """Raise OSError, with what was done, where a call that was just made did not give 0."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")

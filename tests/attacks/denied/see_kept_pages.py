"""Asks which pages of a library are in memory, which tells what other processes have read."""


def attack(target):
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    page = ctypes.c_size_t(ctypes.addressof(ctypes.c_int.in_dll(libc, "optind")) & ~4095)
    if libc.mincore(page, ctypes.c_size_t(4096), ctypes.create_string_buffer(1)) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

"""Watches the libraries that all runs share, to see which of them the others read, and when."""


def attack(target):
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.inotify_init1(0) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

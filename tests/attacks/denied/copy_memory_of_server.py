"""Copies memory out of the service."""


def attack(target):
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.process_vm_readv(target["server"], None, 0, None, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "copied"

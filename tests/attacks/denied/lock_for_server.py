"""Locks a word of its memory in the name of the service, to be lined up with it in the kernel."""


def attack(target):
    import ctypes
    import os

    futex, lock_with_owner = 202, 6
    word = ctypes.c_uint32(target["server"])
    libc = ctypes.CDLL(None, use_errno=True)
    wait = (ctypes.c_long * 2)(1, 0)
    result = libc.syscall(futex, ctypes.byref(word), lock_with_owner, 0, wait, 0, 0)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

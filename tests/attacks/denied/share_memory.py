"""Makes shared memory that outlives it."""


def attack(target):
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    made = libc.shmget(0, 4096, 0o1600)
    if made < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    libc.shmctl(made, 0, None)
    return made

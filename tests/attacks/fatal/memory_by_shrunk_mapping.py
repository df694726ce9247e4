"""Fills shared memory and shrinks its mapping: the kernel keeps it all, and no count shows it."""


def act(model):
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    number, size = ctypes.c_long, ctypes.c_size_t
    libc.mmap.restype = libc.mremap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [size, size, ctypes.c_int, ctypes.c_int, ctypes.c_int, number]
    libc.mremap.argtypes = [size, size, size, ctypes.c_int]
    libc.madvise.argtypes = [size, size, ctypes.c_int]
    readable_and_writable, shared_without_file, not_needed = 3, 0x21, 4
    whole, part = 32 * 2**20, 4 * 2**20
    for _ in range(5):
        at = libc.mmap(0, whole, readable_and_writable, shared_without_file, -1, 0)
        if ctypes.get_errno():
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        for place in range(at, at + whole, part):
            ctypes.memset(place, 1, part)
            libc.madvise(place, part, not_needed)
        libc.mremap(at, whole, 4096, 0)

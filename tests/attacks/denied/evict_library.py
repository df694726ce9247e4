"""Has the kernel forget a library that it holds in memory for all, so that others wait for the disk."""


def attack(target):
    import json
    import os

    library = os.open(json.__file__, os.O_RDONLY)
    os.posix_fadvise(library, 0, 0, os.POSIX_FADV_DONTNEED)

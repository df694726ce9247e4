"""Asks for shared memory, which some limits do not count."""


def act(model):
    import mmap

    kept = [mmap.mmap(-1, 2**26) for _ in range(100)]
    return len(kept)

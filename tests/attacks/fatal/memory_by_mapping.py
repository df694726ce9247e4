"""Maps memory of its own, page by page, past every allocator."""


def act(model):
    import mmap

    kept = []
    while True:
        kept.append(mmap.mmap(-1, 2**20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
        kept[-1].write(b"x" * 2**20)

"""Uses up its memory and its descriptors, and is stopped with all of it in use."""


def act(model):
    import os

    kept = [os.pipe() for _ in range(20)]
    model.kept = (kept, bytearray(b"x") * 2**26)
    while True:
        pass

"""Leaves files that are hard to name, to read or to remove."""


def act(model):
    import os

    names = (b"a\nb", b"\xff\xfe", b"-rf", b"*", b".hidden", b"x" * 255)
    for mode, name in zip((0, 0o6777, 0o000, 0o1777, 0o200, 0o777), names, strict=True):
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, mode))
    with open("sparse", "wb") as file:
        file.truncate(2**23)

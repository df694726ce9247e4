"""Writes one line without end to the channel."""


def act(model):
    import os

    while True:
        os.write(3, b"x" * 65536)

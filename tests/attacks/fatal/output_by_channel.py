"""Writes long lines that say little to the channel, without end."""


def act(model):
    import os

    line = b'{"type":"printed","text":"x"' + b" " * 10_000 + b"}" + chr(10).encode()
    while True:
        os.write(3, line)

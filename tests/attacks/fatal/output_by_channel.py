"""Writes lines to the channel without end."""


def act(model):
    import os

    line = b'{"type":"printed","text":""}' + chr(10).encode()
    while True:
        os.write(3, line * 1000)

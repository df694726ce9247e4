"""Asks the host on and on and never reads an answer, so that answers pile up in the service."""


def act(model):
    import os

    for number in range(1, 1_000_000):
        os.write(3, b'{"type":"ask","id":%d,"questions":[]}' % number + chr(10).encode())

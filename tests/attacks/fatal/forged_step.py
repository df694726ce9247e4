"""Sends a step that was not due."""


def act(model):
    import os

    os.write(3, b'{"type":"step","step":7,"model":{"value":1}}' + chr(10).encode())

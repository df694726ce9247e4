"""Sends a number that JSON does not have."""


def act(model):
    import os

    os.write(3, b'{"type":"step","step":1,"model":{"value":NaN}}' + chr(10).encode())

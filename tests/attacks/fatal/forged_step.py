"""Sends a step that was not due."""


def act(model):
    import os

    os.write(3, b'{"type":"steps","first":7,"count":1,"model":{"value":[1]}}' + chr(10).encode())

"""Sends a number that JSON does not have."""


def act(model):
    import os

    os.write(3, b'{"type":"steps","first":1,"count":1,"model":{"value":[NaN]}}' + chr(10).encode())

"""Sends JSON that is nested deeper than a parser's stack."""


def act(model):
    import os

    os.write(3, b"[" * 500_000 + chr(10).encode())

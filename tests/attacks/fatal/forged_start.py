"""Claims that a new, confined run begins."""


def act(model):
    import os

    os.write(3, b'{"type":"ready"}' + chr(10).encode())

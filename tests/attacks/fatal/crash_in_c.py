"""Writes to an address that does not exist."""


def act(model):
    import ctypes

    ctypes.memset(1, 0, 1)

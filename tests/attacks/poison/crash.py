"""Ends its process in the middle of a write."""


def act(model):
    import os
    import signal

    os.write(3, b'{"type":"steps"')
    signal.raise_signal(signal.SIGSEGV)

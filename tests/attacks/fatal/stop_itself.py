"""Stops itself, so that only SIGKILL helps."""


def act(model):
    import os
    import signal

    os.kill(os.getpid(), signal.SIGSTOP)

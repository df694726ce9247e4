"""Kills the process that started it, so that nobody ends it any more."""


def attack(target):
    import os
    import signal

    return os.kill(os.getppid(), signal.SIGKILL) or "killed"

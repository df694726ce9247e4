"""Fills the kernel's queue of waiting signals, which all processes of a user share.

A queue of its own has no room at all; signals are then merged, and take nothing.
"""


def attack(target):
    import os
    import resource
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
    for _ in range(1000):
        os.kill(os.getpid(), signal.SIGRTMIN)
    return resource.getrlimit(resource.RLIMIT_SIGPENDING)

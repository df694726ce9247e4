"""Starts a copy of itself that would outlive the run."""


def attack(target):
    import os

    child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[1] or "forked"

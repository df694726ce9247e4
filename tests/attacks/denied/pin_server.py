"""Ties the service to one core."""


def attack(target):
    import os

    return os.sched_setaffinity(target["server"], {0}) or "pinned"

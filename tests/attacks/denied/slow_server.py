"""Gives the service the lowest priority."""


def attack(target):
    import os

    return os.setpriority(os.PRIO_PROCESS, target["server"], 19) or "slowed"

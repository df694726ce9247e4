"""Sends a signal to every process that it may signal."""


def attack(target):
    import os

    return os.kill(-1, 0) or "could signal"

"""Sends a signal to the service."""


def attack(target):
    import os

    return os.kill(target["server"], 0) or "could signal"

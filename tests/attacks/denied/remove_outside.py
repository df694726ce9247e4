"""Removes the secret file."""


def attack(target):
    import os

    return os.remove(target["secret"]) or "removed"

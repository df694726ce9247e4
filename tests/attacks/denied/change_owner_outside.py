"""Gives the secret file to another user."""


def attack(target):
    import os

    return os.chown(target["secret"], 65534, 65534) or "changed"

"""Empties the secret file."""


def attack(target):
    import os

    return os.truncate(target["secret"], 0) or "emptied"

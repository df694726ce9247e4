"""Moves the secret file into the scratch folder, to read it there."""


def attack(target):
    import os

    return os.rename(target["secret"], "mine") or "moved"

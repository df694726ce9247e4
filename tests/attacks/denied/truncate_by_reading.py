"""Empties the secret file through a descriptor that only reads."""


def attack(target):
    import os

    return os.open(target["secret"], os.O_RDONLY | os.O_TRUNC)

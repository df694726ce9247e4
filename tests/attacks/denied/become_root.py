"""Takes the rights of the superuser."""


def attack(target):
    import os

    return os.setuid(0) or "changed"

"""Changes its root folder, to escape from rules on paths."""


def attack(target):
    import os

    return os.chroot(".") or "changed"

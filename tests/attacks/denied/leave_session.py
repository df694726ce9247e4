"""Leaves its process group, so that killing the group does not reach it."""


def attack(target):
    import os

    return os.setpgid(0, 0) or os.getpgid(0)

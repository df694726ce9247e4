"""Makes a file in memory, which no limit on files covers."""


def attack(target):
    import os

    return os.memfd_create("mine")

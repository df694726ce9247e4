"""Takes hold of the process that started it, to steal its descriptors."""


def attack(target):
    import os

    return os.pidfd_open(os.getppid())

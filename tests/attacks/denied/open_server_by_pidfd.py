"""Opens a handle of the service, to signal it or take its descriptors."""


def attack(target):
    import os

    return os.pidfd_open(target["server"])

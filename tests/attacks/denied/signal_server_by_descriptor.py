"""Lets the kernel signal the service when a descriptor is ready."""


def attack(target):
    import fcntl
    import os

    reader, writer = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETOWN, target["server"])
    return fcntl.fcntl(reader, fcntl.F_GETOWN)

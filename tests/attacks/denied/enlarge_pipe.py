"""Enlarges pipes, whose bytes no count of the memory of a process shows."""


def attack(target):
    import fcntl
    import os

    reading, _ = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, 2**20)

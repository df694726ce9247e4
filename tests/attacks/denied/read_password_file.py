"""Reads a file of the machine that every user may read."""


def attack(target):
    with open("/etc/passwd") as file:
        return file.read(20)

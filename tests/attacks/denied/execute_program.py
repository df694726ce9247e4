"""Replaces itself by a shell."""


def attack(target):
    import os

    os.execv("/bin/sh", ["sh", "-c", "exit 0"])

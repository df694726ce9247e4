"""Lets everybody read the secret file; Landlock does not cover modes."""


def attack(target):
    import os

    return os.chmod(target["secret"], 0o777) or "changed"

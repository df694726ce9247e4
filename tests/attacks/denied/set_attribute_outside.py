"""Puts an extended attribute on the secret file."""


def attack(target):
    import os

    return os.setxattr(target["secret"], "user.mine", b"x") or "changed"

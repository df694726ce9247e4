"""Changes when the secret file was changed; Landlock does not cover times."""


def attack(target):
    import os

    return os.utime(target["secret"], (0, 0)) or "changed"

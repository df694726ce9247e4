"""Makes a symbolic link to the secret file in the scratch folder."""


def attack(target):
    import os

    return os.symlink(target["secret"], "mine") or "linked"

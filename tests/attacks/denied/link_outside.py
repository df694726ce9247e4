"""Gives the secret file a second name in the scratch folder."""


def attack(target):
    import os

    return os.link(target["secret"], "mine") or "linked"

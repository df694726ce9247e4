"""Reads its own environment, where a service's keys would be if it were inherited."""


def attack(target):
    import os

    return dict(os.environ)

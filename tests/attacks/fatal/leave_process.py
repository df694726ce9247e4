"""Leaves its process in the middle of a run."""


def act(model):
    import os

    os._exit(0)

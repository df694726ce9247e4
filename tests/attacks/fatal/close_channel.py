"""Closes its channel and goes on."""


def act(model):
    import os
    import time

    os.close(3)
    time.sleep(10**6)

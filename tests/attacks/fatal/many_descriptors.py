"""Opens descriptors until there are no more."""


def act(model):
    import os

    while True:
        os.pipe()

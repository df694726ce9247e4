"""Makes a file without a name, to hide it from the watch of the folder."""


def attack(target):
    import os

    return os.open(".", os.O_TMPFILE | os.O_RDWR)

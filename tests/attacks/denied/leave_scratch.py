"""Goes to another folder by a descriptor that was opened for its path alone, which no layer denies."""


def attack(target):
    import os

    above = os.open("/", os.O_PATH | os.O_DIRECTORY)
    os.fchdir(above)

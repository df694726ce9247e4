"""Makes a folder in the scratch folder, to hide files from its watch."""


def attack(target):
    import os

    return os.mkdir("hidden") or "made"

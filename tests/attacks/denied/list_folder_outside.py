"""Lists the files of the service's data folder."""


def attack(target):
    import os

    return os.listdir(target["folder"])

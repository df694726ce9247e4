"""Reads a secret file in the service's data folder, named by its path."""


def attack(target):
    with open(target["secret"]) as file:
        return file.read()

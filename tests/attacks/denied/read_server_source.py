"""Reads the service's own source code."""


def attack(target):
    with open(target["source"]) as file:
        return file.read(100)

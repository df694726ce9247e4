"""Reads the service's environment, where keys are kept, from /proc."""


def attack(target):
    with open(f"/proc/{target['server']}/environ", "rb") as file:
        return len(file.read())

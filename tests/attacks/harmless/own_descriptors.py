"""Counts what is open in its process: nothing of the service, and nothing of other runs."""


def attack(target):
    import os

    found = []
    for number in range(1024):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found

"""Opens the memory of the service."""


def attack(target):
    with open(f"/proc/{target['server']}/mem", "rb") as file:
        return file.fileno()

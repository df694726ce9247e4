"""Reads the secret file through its own root folder in /proc."""


def attack(target):
    with open("/proc/self/root" + target["secret"]) as file:
        return file.read()

"""Writes and reads a file in its own scratch folder, which it may."""


def attack(target):
    with open("mine", "w") as file:
        file.write("kept for this run only")
    with open("mine") as file:
        return file.read()

"""Writes beside its scratch folder, where other runs and the service have theirs."""


def attack(target):
    with open("../left", "w") as file:
        file.write("for the next run")
    return "written"

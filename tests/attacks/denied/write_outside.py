"""Makes a file outside the scratch folder."""


def attack(target):
    with open(target["folder"] + "/made", "w") as file:
        return file.write("x")

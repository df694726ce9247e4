"""Writes a file that is larger than the limit."""


def act(model):
    with open("large", "wb") as file:
        for _ in range(100):
            file.write(bytes(2**20))

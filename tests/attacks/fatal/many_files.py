"""Fills the disk with files that are each within the limit."""


def act(model):
    import time

    for number in range(100):
        with open(str(number), "wb") as file:
            file.write(bytes(2**20))
        time.sleep(0.02)
    time.sleep(60)

"""Fills memory with Python objects."""


def act(model):
    kept = []
    while True:
        kept.append(bytearray(10**6))

"""Asks the host twice under one number."""


def act(model):
    import os

    os.write(3, b'{"type":"ask","id":1,"questions":[1]}' + chr(10).encode())
    os.write(3, b'{"type":"ask","id":1,"questions":[1]}' + chr(10).encode())

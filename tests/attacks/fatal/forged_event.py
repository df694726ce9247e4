"""Sends an event of the service's own."""


def act(model):
    import os

    os.write(3, b'{"type":"run-started","seed":9,"steps":9,"sandbox":{}}' + chr(10).encode())

"""Says that it is paused, so that no time goes by, while nobody asked for it."""


def act(model):
    import os

    os.write(3, b'{"type":"paused","step":0}' + chr(10).encode())
    while True:
        pass

"""Says that a parameter was changed, which nobody asked for."""


def act(model):
    import os

    os.write(3, b'{"type":"set","step":1,"name":"target","value":"x"}' + chr(10).encode())

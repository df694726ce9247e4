"""Sends agents past what records them, until the limit on rows is reached."""


def act(model):
    import os

    numbers = b"[" + b"1," * 2_999 + b"1]"
    line = b'{"type":"agents","step":1,"agent_type":"Walker","id":' + numbers
    line += b',"attributes":{"energy":' + numbers + b"}}" + chr(10).encode()
    for _ in range(10):
        os.write(3, line)

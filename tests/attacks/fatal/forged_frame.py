"""Sends a frame that nobody asked for."""

import os


def act(model):
    space = b'{"kind":"none","width":null,"height":null}'
    line = b'{"type":"frame","step":0,"space":' + space + b',"agents":{},"network":null}'
    os.write(3, line + chr(10).encode())

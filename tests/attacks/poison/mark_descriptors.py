"""Leaves marks where descriptors of several runs could meet: in the flags of standard input and output."""


def act(model):
    import fcntl
    import os

    for number in range(3):
        fcntl.fcntl(number, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)

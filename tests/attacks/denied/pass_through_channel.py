"""Sends a descriptor over its own channel to the service."""


def attack(target):
    import array
    import socket

    channel = socket.socket(fileno=3)
    try:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))]
        return channel.sendmsg([b" "], rights)
    finally:
        channel.detach()

"""Sends data with the opening of a connection, around a rule on connect."""


def attack(target):
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        return connection.sendto(b"out", 0x20000000, ("127.0.0.1", target["port"]))

"""Connects to a socket in the file system."""


def attack(target):
    import socket

    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(target["unix"])
        return connection.send(b"out")

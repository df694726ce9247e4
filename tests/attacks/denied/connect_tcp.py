"""Connects to a listener on this machine."""


def attack(target):
    import socket

    with socket.create_connection(("127.0.0.1", target["port"]), timeout=2) as connection:
        return connection.send(b"out")

"""Opens a socket to the host of a virtual machine."""


def attack(target):
    import socket

    with socket.socket(40, socket.SOCK_STREAM) as made:
        return str(made)

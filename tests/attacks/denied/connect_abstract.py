"""Opens a socket in the abstract namespace, where no file rights hold."""


def attack(target):
    import socket

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(chr(0) + "abm-attack")
        return listener.getsockname()

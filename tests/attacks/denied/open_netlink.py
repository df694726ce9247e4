"""Asks the kernel for the machine's addresses."""


def attack(target):
    import socket

    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        return kernel.fileno()

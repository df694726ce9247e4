"""Sends a message with a descriptor through every socket that is open."""


def attack(target):
    import array
    import socket

    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))
    refusal = None
    for number in range(3, 64):
        try:
            end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=number)
        except OSError:
            continue
        try:
            return end.sendmsg([b"{}"], [rights])
        except OSError as failure:
            refusal = failure
        finally:
            end.detach()
    raise refusal

"""Which descriptors a process holds, and how one process hands them to another."""

import os
import resource
import socket
from collections.abc import Iterable


def keep_only(descriptor: int, number: int, also: Iterable[int] = ()) -> None:
    """Move a descriptor to `number` and close all others but 0, 1, 2 and those in `also`."""
    if descriptor != number:
        os.dup2(descriptor, number, inheritable=False)
    os.set_inheritable(number, False)
    most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 1 << 20)
    first = 3
    for kept in sorted({number, *also}):
        os.closerange(first, kept)
        first = kept + 1
    os.closerange(first, most)


def own_standard() -> None:
    """Let 0, 1 and 2 be a /dev/null of this process alone.

    Flags of an open file belong to all that have it from a common parent, and outlive each of them.
    """
    opened = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(opened, number)
    os.close(opened)


def receive(channel: socket.socket, most: int) -> tuple[bytes, list[int]]:
    """Give a message and the descriptors that came with it; no bytes when the other end is closed.

    Python makes the descriptors close on exec. Raises OSError when something was cut off.
    """
    message, found, flags, _ = socket.recv_fds(channel, 4096, most)
    if flags & (socket.MSG_CTRUNC | socket.MSG_TRUNC):
        for each in found:
            os.close(each)
        raise OSError("a message was cut off")
    return message, list(found)

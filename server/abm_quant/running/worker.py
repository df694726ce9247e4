"""The process of a worker: it does one call after the other, and says what came of each.

workers.py starts it, with the number of a socket as its argument; it ends with that socket.
"""

import gc
import pickle
import resource
import signal
import sys
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from abm_quant.errors import AbmError

MEMORY_MB = 2048
"""Address space of a worker; a usual call takes some tens of MiB."""


def main(descriptor: int) -> None:
    """Serve until the service closes its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which ends this one
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB * 2**20, MEMORY_MB * 2**20))
    with Connection(descriptor) as service, suppress(EOFError, ConnectionError):
        while True:
            service.send_bytes(outcome(service.recv_bytes()))
            gc.collect()
            gc.freeze()  # what is left stays; looking through it again and again takes time


def outcome(call: bytes) -> bytes:
    """Give what a pickled call (function, arguments) gives, or raises, with whether it gave it."""
    try:
        work, arguments = pickle.loads(call)
        return pickle.dumps((True, work(*arguments)))
    except Exception as failure:
        if not isinstance(failure, AbmError):
            failure.add_note(traceback.format_exc())
        return _raised(failure)


def _raised(failure: Exception) -> bytes:
    """Give an exception on its way to another process; its text where it cannot go there."""
    answer: tuple[bool, Any] = (False, failure)
    try:
        data = pickle.dumps(answer)
        pickle.loads(data)
    except Exception:
        return pickle.dumps((False, RuntimeError("".join(traceback.format_exception(failure)))))
    return data


if __name__ == "__main__":
    main(int(sys.argv[1]))

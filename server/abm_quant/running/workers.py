"""Workers: processes that do for the service what would keep its own interpreter busy.

Python runs one thread at a time, so that a thread that computes keeps the event loop waiting, and
so does clearing away what it leaves. Calls and answers are pickled. A worker gets nothing of the
service's environment, which holds keys.
"""

import asyncio
import os
import pickle
import socket
import subprocess
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

from abm_quant.errors import WorkerLost, WorkTooLarge
from abm_quant.running.child import environment, python_command
from abm_quant.running.worker import MEMORY_MB

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
MOST = 4
TIMEOUT_S: float = 30
ATTEMPTS = 2
"""A worker that was killed is no fault of the call; two that died of it may be."""


def usual_number() -> int:
    """Give how many workers there is room for: one processor is left to the service."""
    return max(1, min(MOST, (os.cpu_count() or 1) - 1))


class Workers:
    """Does calls in processes, as many at once as there are workers. Close it in the end."""

    def __init__(self, number: int | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        self._turns = asyncio.Semaphore(number or usual_number())
        self._timeout_s = timeout_s
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._is_closed = False

    async def do(self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """Give what a function of a module gives, or raise what it raises.

        Raises WorkTooLarge when it takes too much time or memory, and WorkerLost when its process
        ended again and again. Whoever is cancelled does not wait: what has begun goes on to its
        end, and the rest is not begun.
        """
        await self._turns.acquire()
        job = asyncio.ensure_future(asyncio.to_thread(self._do, work, args))
        job.add_done_callback(self._end_turn)
        is_done, value = await asyncio.shield(job)
        if not is_done:
            raise value
        result: T = value
        return result

    def close(self) -> None:
        """End all workers, also those that are busy."""
        self._is_closed = True
        for worker in list(self._busy):
            worker.kill()
        while self._idle:
            self._idle.pop().close()

    def _end_turn(self, job: "asyncio.Future[Any]") -> None:
        self._turns.release()
        if not job.cancelled():
            job.exception()  # whoever asked for it may be gone

    def _do(self, work: Callable[..., Any], args: tuple[Any, ...]) -> tuple[bool, Any]:
        """Give whether a call was done, and what it gave or raised."""
        call = pickle.dumps((work, args))
        for _ in range(ATTEMPTS):
            if self._is_closed:
                break
            if (answer := self._ask(call)) is not None:
                is_done, value = pickle.loads(answer)
                if isinstance(value, MemoryError):
                    raise WorkTooLarge(f"It needs more than {MEMORY_MB:,} MiB of memory.")
                return is_done, value
        raise WorkerLost("The process that did the work ended before it was done. Ask again.")

    def _ask(self, call: bytes) -> bytes | None:
        """Give the answer to a call, None where the worker ended before."""
        worker = self._idle.pop() if self._idle else _Worker()
        self._busy.add(worker)
        answer = None
        try:
            answer = worker.ask(call, self._timeout_s)
        except (EOFError, OSError):
            return None
        finally:
            self._busy.discard(worker)
            if answer is None or self._is_closed:
                worker.close()
            else:
                self._idle.append(worker)
        return answer


class _Worker:
    """One process, and the socket on which it is asked."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [*python_command("abm_quant.running.worker"), str(number)],
                env=environment(Path(tempfile.gettempdir())) | {"PYTHONHASHSEED": "random"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(number,),
            )
            self._end = Connection(ours.detach())

    def ask(self, call: bytes, timeout_s: float) -> bytes:
        """Give the answer to a call. Raises WorkTooLarge; EOFError or OSError when it has ended."""
        self._end.send_bytes(call)
        if not self._end.poll(timeout_s):
            raise WorkTooLarge(f"It takes longer than {timeout_s:g} s.")
        return self._end.recv_bytes()

    def kill(self) -> None:
        """Kill the process; whoever waits for its answer hears of it."""
        self._process.kill()

    def close(self) -> None:
        """Kill the process, and wait until it is gone."""
        self._end.close()
        with self._process:
            self._process.kill()

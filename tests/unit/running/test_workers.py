"""Workers: calls are done in processes that know no keys, are bounded, and may die."""

import asyncio
import os
import pickle
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from abm_quant.errors import CannotCompile, NothingFits, SpecRejected, WorkerLost, WorkTooLarge
from abm_quant.pipeline import compile_model
from abm_quant.running.worker import outcome
from abm_quant.running.workers import Workers


@pytest.fixture
def one() -> Iterator[Workers]:
    """Give a single worker."""
    workers = Workers(1)
    yield workers
    workers.close()


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_calls_are_done_in_one_other_process_which_is_kept(one):
    first, second = await one.do(os.getpid), await one.do(os.getpid)
    assert first == second != os.getpid()


async def test_a_worker_gets_no_keys(one, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-never-0123456789abcdef")
    assert await one.do(os.getenv, "OPENAI_API_KEY") is None
    assert b"sk-never" not in await one.do(Path.read_bytes, Path("/proc/self/environ"))


async def test_problems_of_a_model_come_back_whole(one):
    with pytest.raises(SpecRejected) as there:
        await one.do(compile_model, "[]")
    with pytest.raises(SpecRejected) as here:
        compile_model("[]")
    assert there.value.problems == here.value.problems
    assert str(there.value) == str(here.value)


async def test_a_fault_says_where_it_was(one):
    with pytest.raises(ValueError, match="invalid literal") as fault:
        await one.do(int, "x")
    assert "worker.py" in fault.value.__notes__[0]


def refuse() -> None:
    raise NothingFits("nothing", ["a", "b"])


def test_a_failure_that_cannot_travel_comes_as_its_text():
    is_done, failure = pickle.loads(outcome(pickle.dumps((refuse, ()))))
    assert not is_done
    assert "NothingFits: nothing" in str(failure)


async def test_a_worker_that_is_killed_under_its_work_is_replaced(one):
    pid = await one.do(os.getpid)
    work = asyncio.ensure_future(one.do(time.sleep, 0.3))
    await asyncio.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    assert await work is None
    assert await one.do(os.getpid) != pid
    assert not is_alive(pid)


async def test_work_that_ends_its_process_again_is_given_up(one):
    with pytest.raises(WorkerLost, match="Ask again"):
        await one.do(os._exit, 3)
    assert await one.do(abs, -1) == 1


async def test_work_that_takes_too_long_is_ended():
    workers = Workers(1, timeout_s=1)
    pid = await workers.do(os.getpid)
    began = time.monotonic()
    with pytest.raises(WorkTooLarge, match="longer than 1 s"):
        await workers.do(time.sleep, 60)
    assert time.monotonic() - began < 20
    assert not is_alive(pid)
    workers.close()


async def test_work_that_takes_too_much_memory_is_ended(one):
    with pytest.raises(WorkTooLarge, match="MiB of memory"):
        await one.do(bytes, 2**32)
    assert await one.do(abs, -1) == 1


async def test_calls_leave_nothing_behind(one):
    held = "own = [b'x' * 2**23]; own.append(own)"
    sizes = []
    for _ in range(20):
        await one.do(exec, held, {})
        statm = await one.do(Path.read_text, Path("/proc/self/statm"))
        sizes.append(int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    assert sizes[-1] - sizes[1] < 40 * 2**20


async def test_whoever_is_cancelled_leaves_the_others_their_work(one):
    await one.do(abs, -1)
    running = asyncio.ensure_future(one.do(time.sleep, 0.5))
    waiting = asyncio.ensure_future(one.do(time.sleep, 60))
    other = asyncio.ensure_future(one.do(abs, -2))
    await asyncio.sleep(0.1)
    running.cancel()
    waiting.cancel()
    assert await asyncio.wait_for(other, 20) == 2
    assert running.cancelled() and waiting.cancelled()


async def test_as_many_calls_at_once_as_workers_while_the_loop_goes_on():
    workers = Workers(2)
    await asyncio.gather(workers.do(abs, -1), workers.do(abs, -1))
    began = time.monotonic()
    naps = asyncio.gather(*(workers.do(time.sleep, 0.2) for _ in range(4)))
    ticks = 0
    while not naps.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert time.monotonic() - began >= 0.4
    assert ticks > 12
    workers.close()


async def test_closing_ends_the_processes_also_one_at_work(one):
    pid = await one.do(os.getpid)
    work = asyncio.ensure_future(one.do(time.sleep, 60))
    await asyncio.sleep(0.1)
    one.close()
    with pytest.raises(WorkerLost):
        await asyncio.wait_for(work, 20)
    assert not is_alive(pid)
    with pytest.raises(WorkerLost):
        await one.do(abs, -1)


def test_an_error_of_a_model_can_be_pickled():
    failure = CannotCompile([])
    assert pickle.loads(pickle.dumps(failure)).problems == []

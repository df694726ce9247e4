"""Who may compute when: in order, within the cores and the memory, across threads and event loops."""

import asyncio
import contextlib
import gc
import random
import threading
from collections.abc import Awaitable, Iterator
from pathlib import Path

import pytest

from abm_quant.errors import BadRequest, TooManyRuns
from abm_quant.running import admission as module
from abm_quant.running.admission import Admission, Place, machine_memory_mb
from abm_quant.running.process import ProcessSandbox
from abm_quant.running.table import launcher, make_sandbox
from sandboxed import confined, result, running, walkers


async def inside(place: Place, name: str, order: list[str], hold: asyncio.Event) -> None:
    """Be in a place until `hold`, and write down when it was entered."""
    async with place:
        order.append(name)
        await hold.wait()


async def settled() -> None:
    """Wait until nothing can go on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_they_enter_in_the_order_in_which_they_came() -> None:
    admission, order = Admission(at_once=2, memory_mb=1000), list[str]()
    holds = [asyncio.Event() for _ in range(5)]
    tasks = [
        asyncio.create_task(inside(admission.place(100), str(number), order, hold))
        for number, hold in enumerate(holds)
    ]
    await settled()
    assert order == ["0", "1"]
    holds[1].set()
    await settled()
    assert order == ["0", "1", "2"]
    for hold in holds:
        hold.set()
    await asyncio.gather(*tasks)
    assert order == ["0", "1", "2", "3", "4"]


async def test_memory_is_bounded_and_a_large_run_is_not_passed_by_small_ones() -> None:
    admission, order = Admission(at_once=8, memory_mb=1000), list[str]()
    holds = {name: asyncio.Event() for name in ("half", "large", "small")}
    budgets = {"half": 500, "large": 900, "small": 100}
    tasks = []
    for name, budget in budgets.items():
        place = admission.place(budget)
        tasks.append(asyncio.create_task(inside(place, name, order, holds[name])))
        await settled()
    assert order == ["half"]
    holds["half"].set()
    await settled()
    assert order == ["half", "large", "small"]
    for hold in holds.values():
        hold.set()
    await asyncio.gather(*tasks)


async def test_a_place_that_was_left_lets_another_compute_but_keeps_its_memory() -> None:
    admission = Admission(at_once=1, memory_mb=1000)
    async with admission.place(600) as paused:
        paused.leave()
        paused.leave()
        async with admission.place(400):
            assert not await within(paused.enter())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02), admission.place(401):
                pytest.fail("more memory than there is")
        assert await within(paused.enter())
        assert await within(paused.enter())
        assert not await within(admission.place(1).__aenter__())
    assert await within(admission.place(1000).__aenter__())


async def within(entering: Awaitable[object]) -> bool:
    """Tell whether something is entered at once."""
    try:
        async with asyncio.timeout(0.02):
            await entering
    except TimeoutError:
        return False
    return True


async def test_who_returns_comes_before_who_is_new() -> None:
    admission, order, go = Admission(at_once=1, memory_mb=1000), list[str](), asyncio.Event()
    async with admission.place(10) as first:
        first.leave()
        async with admission.place(10) as second:
            new = asyncio.create_task(inside(admission.place(10), "new", order, go))
            await settled()
            back = asyncio.create_task(first.enter())
            await settled()
            second.leave()
            await settled()
            assert back.done()
            assert order == []
    go.set()
    await new


async def test_who_is_cancelled_while_waiting_loses_nothing_to_anybody() -> None:
    admission, order, go = Admission(at_once=1, memory_mb=1000), list[str](), asyncio.Event()
    async with admission.place(1000):
        waiting = [
            asyncio.create_task(inside(admission.place(1000), str(number), order, go))
            for number in range(3)
        ]
        await settled()
        waiting[0].cancel()
        await settled()
    waiting[1].cancel()  # it has its turn, and does not know it yet
    go.set()
    await asyncio.wait(waiting)
    assert order == ["2"]
    assert await within(admission.place(1000).__aenter__())


async def test_a_line_that_is_too_long_and_a_run_that_is_too_large_are_refused() -> None:
    admission, go = Admission(at_once=1, memory_mb=100, most_waiting=1), asyncio.Event()
    tasks = [
        asyncio.create_task(inside(admission.place(60), name, [], go)) for name in ("in", "waiting")
    ]
    await settled()
    with pytest.raises(TooManyRuns, match="1 runs wait already"):
        await admission.place(60).__aenter__()
    with pytest.raises(BadRequest, match=r"101 MiB \(memory_mb\).* 100 MiB here.*MAX_MEMORY_MB"):
        admission.place(101)
    go.set()
    await asyncio.gather(*tasks)


async def test_a_run_larger_than_all_runs_together_may_be_does_not_begin() -> None:
    sandbox = make_sandbox("none", admission=Admission(memory_mb=100))
    with pytest.raises(BadRequest, match="Ask for less"):
        await result(walkers(), sandbox)


def test_a_place_that_nobody_holds_any_more_is_free() -> None:
    admission = Admission(at_once=1, memory_mb=100)
    loop = asyncio.new_event_loop()
    place = admission.place(100)
    loop.run_until_complete(place.__aenter__())
    loop.close()
    del place, loop
    gc.collect()
    assert asyncio.run(within(admission.place(100).__aenter__()))


def test_the_turn_of_an_event_loop_that_was_closed_goes_to_the_next() -> None:
    admission = Admission(at_once=1, memory_mb=100)
    closed = asyncio.new_event_loop()
    first, second = admission.place(50), admission.place(50)
    closed.run_until_complete(first.enter())
    forgotten = second.enter()
    closed.run_until_complete(asyncio.wait({closed.create_task(forgotten)}, timeout=0.01))
    closed.close()

    async def third() -> bool:
        entering = asyncio.create_task(within(admission.place(50).__aenter__()))
        await asyncio.sleep(0)
        first.leave()
        return await entering

    assert asyncio.run(third())
    forgotten.close()


def test_threads_with_event_loops_of_their_own_share_it() -> None:
    admission = Admission(at_once=2, memory_mb=40)
    lock, inside_now, most, entered = threading.Lock(), [0], [0], [0]

    @contextlib.contextmanager
    def counted() -> Iterator[None]:
        with lock:
            inside_now[0] += 1
            entered[0] += 1
            most[0] = max(most[0], inside_now[0])
        try:
            yield
        finally:
            with lock:
                inside_now[0] -= 1

    async def run(seed: int) -> None:
        draw = random.Random(seed)
        async with admission.place(draw.choice([5, 10, 20])) as place:
            with counted():
                await asyncio.sleep(draw.random() / 1000)
            if draw.random() < 0.5:
                place.leave()
                await asyncio.sleep(draw.random() / 1000)
                await place.enter()
                with counted():
                    pass

    async def many(first: int) -> None:
        tasks = [asyncio.create_task(run(first + number)) for number in range(60)]
        await asyncio.sleep(0.01)
        for task in tasks[::7]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    threads = [
        threading.Thread(target=lambda first=first: asyncio.run(many(first)))
        for first in (0, 1000, 2000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert most[0] == 2
    assert entered[0] > 150


def test_sandboxes_in_several_threads_run_no_more_than_there_are_turns() -> None:
    admission, counts = Admission(at_once=1), list[int]()

    async def follow() -> None:
        sandbox = ProcessSandbox(confined().report, launcher("full").start, admission=admission)
        async for _ in sandbox.run(walkers(steps=2)):
            counts.append(len(running()))

    threads = [threading.Thread(target=lambda: asyncio.run(follow())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(counts), max(counts)) == (15, 1)


def test_the_memory_of_a_container_counts_where_it_is_less(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "v1").write_text(f"{2**63 - 4096}\n")
    (tmp_path / "v2").write_text("max\n")
    monkeypatch.setattr(module, "_MEMORY_OF_CONTAINER", [tmp_path / "v1", tmp_path / "v2"])
    whole = machine_memory_mb()
    (tmp_path / "v2").write_text(f"{64 * 2**20}\n")
    assert machine_memory_mb() == 64 < whole

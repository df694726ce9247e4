"""Zygotes: started when needed, started anew, replaced, shared by threads, and the same for each run."""

import asyncio
import fcntl
import json
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from abm_quant.contracts.events import RunFailed, StepRecorded
from abm_quant.contracts.jobs import Limits
from abm_quant.contracts.results import RunResult
from abm_quant.errors import SandboxUnavailable
from abm_quant.running import warm
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.confining.libraries import PRELOADED
from abm_quant.running.conversation.jobs import RUNNABLE_TARGETS
from abm_quant.running.inside.adapters import ADAPTERS
from abm_quant.running.limits import kernel_limits
from abm_quant.running.process import ProcessSandbox
from abm_quant.running.warm import Launcher
from sandboxed import (
    bundle,
    confined,
    descendants,
    ended,
    is_alive,
    program,
    result,
    running,
    walkers,
    zygotes,
)

SLEEPER = program("import time\ndef act(model):\n    time.sleep(60)")
ADDRESSES = program("""
    class Thing:
        pass

    def start(model):
        made = [object(), Thing(), Thing, [], {}, 1.5 * len(model.target), (model,), bytearray(9999)]
        return [id(each) for each in made] + [hash("text")]
    """)
"""Tells where things lie in memory, on which the order of sets of agents depends."""


@pytest.fixture
def sandbox() -> Iterator[ProcessSandbox]:
    """Give a sandbox with a launcher of its own."""
    yield ProcessSandbox(confined().report, Launcher(LEVELS["full"]).start)


def test_every_target_has_its_libraries() -> None:
    assert set(PRELOADED) == set(ADAPTERS) == set(RUNNABLE_TARGETS)


async def test_the_second_run_starts_from_the_same_memory_as_the_first(
    sandbox: ProcessSandbox,
) -> None:
    first = await result(ADDRESSES, sandbox)
    assert first.finished
    await asyncio.gather(*[result(walkers(seed=seed), sandbox) for seed in range(4)])
    crashed = await result(program("import os\ndef act(model):\n    os._exit(1)"), sandbox)
    assert crashed.failure == "crash"
    assert (await result(ADDRESSES, sandbox)).model == first.model
    other = ProcessSandbox(confined().report, Launcher(LEVELS["full"]).start)
    assert (await result(ADDRESSES, other)).model == first.model


async def test_agentpy_starts_from_the_same_memory_in_every_zygote() -> None:
    source = """
PARAMETERS = {}

class Model:
    def __init__(self, parameters):
        self.running, self.type, self._logs = True, "Model", {}

    def sim_setup(self, seed):
        made = [object(), Model, [], {}, self, bytearray(9999)]
        self.log = {"value": [[id(each) for each in made]]}
"""
    job = replace(walkers(steps=0), bundle=replace(bundle(source), target="agentpy"))
    sandboxes = [ProcessSandbox(confined().report, Launcher(LEVELS["full"]).start) for _ in "12"]
    first, second = [await result(job, each) for each in sandboxes]
    assert first.finished
    assert first.model == second.model


async def test_a_zygote_starts_with_the_first_run_and_ends_with_its_launcher() -> None:
    before = zygotes()
    launcher = Launcher(LEVELS["full"])
    sandbox = ProcessSandbox(confined().report, launcher.start)
    assert zygotes() == before
    assert (await result(walkers(), sandbox)).finished
    (new,) = zygotes() - before
    family = descendants(new)
    del launcher, sandbox
    assert zygotes() == before
    assert ended(family)


async def test_a_zygote_that_was_killed_is_started_anew(sandbox: ProcessSandbox) -> None:
    before = zygotes()
    assert (await result(walkers(), sandbox)).finished
    (zygote,) = zygotes() - before
    os.kill(zygote, signal.SIGKILL)
    assert ended([zygote])
    assert (await result(walkers(), sandbox)).finished
    assert zygote not in zygotes()


async def test_a_run_whose_zygote_is_killed_fails_with_a_reason(sandbox: ProcessSandbox) -> None:
    before = zygotes()
    last = None
    async for event in sandbox.run(SLEEPER):
        last = event
        if isinstance(event, StepRecorded):
            (zygote,) = zygotes() - before
            os.kill(zygote, signal.SIGKILL)
    assert isinstance(last, RunFailed)
    assert (last.reason, "what starts runs" in last.problem.message) == ("crash", True)


async def test_a_zygote_is_replaced_after_many_runs_by_one_that_stood_by(
    sandbox: ProcessSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "RUNS_PER_ZYGOTE", 4)
    monkeypatch.setattr(warm, "_SPARE_FROM", 2)
    before, seen = zygotes(), []
    for _ in range(6):
        assert (await result(walkers(steps=1), sandbox)).finished
        seen.append(zygotes() - before)
    assert [len(each) for each in seen] == [1, 1, 2, 2, 1, 1]
    assert seen[0] < seen[2]
    assert seen[4] == seen[2] - seen[0]


async def test_an_old_zygote_goes_on_until_the_next_one_has_loaded(
    sandbox: ProcessSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, seen = zygotes(), []

    async def run_one() -> None:
        assert (await result(walkers(steps=1), sandbox)).finished
        seen.append(zygotes() - before)

    await run_one()
    monkeypatch.setattr(warm, "LIFETIME_S", 0)
    await run_one()
    await run_one()
    monkeypatch.setattr(warm, "_LOADING_S", 0)
    monkeypatch.setattr(warm, "LIFETIME_S", 3600)
    await run_one()
    assert seen[0] < seen[1] == seen[2] == seen[3]
    monkeypatch.setattr(warm, "LIFETIME_S", 0)
    await run_one()
    assert seen[0].isdisjoint(seen[4])
    assert seen[1] - seen[0] < seen[4]


def test_threads_with_their_own_event_loops_share_one_zygote() -> None:
    before, launcher = zygotes(), Launcher(LEVELS["full"])
    outcomes: list[RunResult] = []

    def work() -> None:
        sandbox = ProcessSandbox(confined().report, launcher.start)
        outcomes.extend(asyncio.run(two_runs(sandbox)))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(zygotes() - before) == 1
    assert len({json.dumps(each.model) for each in outcomes}) == 1
    assert [each.finished for each in outcomes] == [True] * 6


async def two_runs(sandbox: ProcessSandbox) -> list[RunResult]:
    return list(await asyncio.gather(result(walkers(), sandbox), result(walkers(), sandbox)))


async def test_a_run_that_is_given_up_while_the_zygote_loads_leaves_nothing(
    sandbox: ProcessSandbox,
) -> None:
    task = asyncio.create_task(result(SLEEPER, sandbox))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await result(walkers(), sandbox)).finished
    assert running() == []


async def test_what_a_zygote_holds_is_not_what_the_service_holds(
    sandbox: ProcessSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABM_TEST_SECRET", "the key of the service")
    before = zygotes()
    assert (await result(walkers(), sandbox)).finished
    (started,) = zygotes() - before
    (zygote,) = descendants(started, "abm-template")
    variables = Path(f"/proc/{zygote}/environ").read_bytes()
    assert b"ABM_TEST_SECRET" not in variables
    assert os.readlink(f"/proc/{zygote}/cwd") == "/"
    assert len(list(Path(f"/proc/{zygote}/task").iterdir())) == 1
    links = {os.readlink(each) for each in Path(f"/proc/{zygote}/fd").iterdir()}
    plain = {each for each in links if not each.startswith(("pipe:", "socket:", "/"))}
    assert plain == set()
    assert sum(each.startswith("socket:") for each in links) == 3  # requests, orders, the keeper


async def test_a_run_whose_memory_cannot_be_watched_is_refused(
    sandbox: ProcessSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "resident_bytes", lambda _: 0)
    with pytest.raises(SandboxUnavailable, match="must be watched"):
        await result(SLEEPER, sandbox)
    assert running() == []


async def test_memory_is_watched_where_the_limit_of_the_kernel_is_passed_by(
    sandbox: ProcessSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    generous = kernel_limits(Limits(memory_mb=500))
    monkeypatch.setattr(warm, "kernel_limits", lambda _: generous)
    code = """
    def act(model):
        model.kept = bytearray(b"x") * (60 * 2**20)
        while True:
            pass
    """
    outcome = await result(program(code, limits=Limits(memory_mb=50)), sandbox)
    assert outcome.failure == "memory"
    assert "50 MiB (memory_mb)" in outcome.problems[-1].message


@pytest.mark.parametrize("level", LEVELS)
async def test_a_run_is_gone_soon_after_it_was_given_up(level: str) -> None:
    code = "import signal, time\ndef act(model):\n"
    code += "    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))\n    time.sleep(60)"
    stream = confined(level).run(program(code))
    async for event in stream:
        if isinstance(event, StepRecorded):
            break
    await asyncio.sleep(0.1)
    (pid,) = running()
    started = time.monotonic()
    await stream.aclose()
    assert not is_alive(pid)
    assert time.monotonic() - started < 0.5  # 10 ms where the machine has nothing else to do


async def test_a_run_that_is_ending_is_not_taken_for_a_hidden_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warm, "resident_bytes", lambda pid: 0)
    monkeypatch.setattr(warm, "_GRACE_S", 20)
    child = Launcher(LEVELS["full"]).start("mesa", Limits())
    child.channel.close()  # so that it has nobody to talk to, and ends
    await child.started()
    await child.end()


def test_waiting_takes_descriptors_with_large_numbers() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        number = fcntl.fcntl(ours, fcntl.F_DUPFD_CLOEXEC, 2048)
        with socket.socket(fileno=number) as far:
            before = time.monotonic()
            warm._wait_until_readable(far, 0.05)
            assert time.monotonic() - before >= 0.05
            theirs.send(b"x")
            warm._wait_until_readable(far, 60)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert time.monotonic() - before < 30

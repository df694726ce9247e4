"""What a hostile run leaves for the next one, and for the service: nothing.

poison/     `act(model)` tries to change what comes after it; the run may end in any way
"""

import asyncio
import functools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import abm_quant
from abm_quant.contracts.events import run_event
from abm_quant.contracts.jobs import Limits
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.process import ProcessSandbox
from abm_quant.running.sandbox import Sandbox
from abm_quant.running.warm import Launcher
from sandboxed import confined, descendants, events, program, result, walkers, zygotes

POISON = {file.stem: file for file in sorted((Path(__file__).parent / "poison").glob("*.py"))}
LIMITS = Limits(memory_mb=128, cpu_s=1, wall_s=10)


def fresh(level: str) -> Sandbox:
    """Give a sandbox whose zygote is not started yet."""
    return ProcessSandbox(confined(level).report, Launcher(LEVELS[level]).start)


async def honest(sandbox: Sandbox) -> list[bytes]:
    """Give all events of an honest run, as bytes; agents in sets show where they lie in memory."""
    code = """
    import fcntl
    import random

    class Thing:
        pass

    def act(model):
        things = {Thing(): number for number in range(300)}
        flags = [fcntl.fcntl(number, fcntl.F_GETFL) for number in range(3)]
        return [things[each] for each in set(things)][:50] + [random.random(), id(model), flags]
    """
    told = await events(program(code, steps=3), sandbox) + await events(walkers(), sandbox)
    return [run_event.dump_json(event) for event in told]


@functools.cache
def first_runs(level: str) -> list[bytes]:
    """Give the events of honest runs on a service that has run nothing before."""
    return asyncio.run(honest(fresh(level)))


@pytest.fixture(scope="module", params=LEVELS)
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give each level, with what honest runs say there."""
    first_runs(request.param)
    yield request.param


@pytest.mark.parametrize("name", POISON)
async def test_the_next_run_is_as_on_a_new_service(name: str, level: str) -> None:
    sandbox = confined(level)
    before = zygotes()
    await result(program(POISON[name].read_text(), steps=2, limits=LIMITS), sandbox)
    assert await honest(sandbox) == first_runs(level)
    assert before <= zygotes()


async def test_no_file_outlives_its_run(
    level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sandbox = fresh(level)
    program_text = POISON["leave_strange_files"].read_text()
    outcome = await result(program(program_text, steps=1, limits=LIMITS), sandbox)
    assert outcome.finished == (level != "noopen"), outcome.problems
    (root,) = tmp_path.glob("abm-run-*")
    assert list(root.iterdir()) == []


async def test_nothing_piles_up_over_many_runs() -> None:
    sandbox, before = fresh("full"), zygotes()
    assert (await result(walkers(steps=0), sandbox)).finished
    (started,) = zygotes() - before
    (template,) = descendants(started, "abm-template")

    def held() -> list[int]:
        lists = [Path(f"/proc/{pid}/fd") for pid in (template, started, os.getpid())]
        return [len(list(each.iterdir())) for each in lists]

    async def many(runs: int) -> None:
        for number in range(runs):
            code = ["", "import os\nos._exit(1)", "def act(model):\n    while True: pass"][
                number % 3
            ]
            stream = sandbox.run(program(code, limits=LIMITS))
            async for event in stream:
                if event.type == "step-recorded":
                    break
            await stream.aclose()

    await asyncio.gather(many(10), many(10))
    await asyncio.sleep(0.3)  # until the next run stands by again
    first, memory = held(), resident_kb(template)
    await asyncio.gather(many(90), many(90))
    await asyncio.sleep(0.3)
    assert held() == first
    assert resident_kb(template) - memory < 512
    assert len(descendants(started)) == 2  # the template, and the run that stands by
    assert (await result(walkers(steps=0), sandbox)).finished


def resident_kb(pid: int) -> int:
    """Give the memory that a process holds."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0])


SERVICE = """
import asyncio, sys
from sandboxed import confined, program, result, walkers

async def serve():
    sandbox = confined(sys.argv[1])
    endless = "import signal\\nsignal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))\\n"
    endless += "def act(model):\\n    while True: pass"
    asyncio.create_task(result(program(endless), sandbox))
    if sys.argv[2] == "loading":
        await asyncio.sleep(0.1)
        print("loading", flush=True)
    await result(walkers(), sandbox)
    print("running", flush=True)
    while True:
        await result(walkers(), sandbox)

asyncio.run(serve())
"""


@pytest.mark.parametrize("moment", ["loading", "running"])
@pytest.mark.parametrize("level", LEVELS)
def test_nothing_survives_a_service_that_is_killed_at_any_moment(
    level: str, moment: str, tmp_path: Path
) -> None:
    paths = [str(Path(abm_quant.__file__).parents[1]), str(Path(__file__).parents[1])]
    service = subprocess.Popen(
        [sys.executable, "-c", SERVICE, level, moment],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with service:
        assert service.stdout is not None
        service.stdout.readline()
        time.sleep(random.Random(f"{level} {moment}").random() / 5)
        (session,) = zygotes(service.pid)
        service.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 1
    while members(session) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert members(session) == []


def members(session: int) -> list[int]:
    """Give the living processes of a session, whoever their parent is by now."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = folder.joinpath("stat").read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == session and state != "Z":
            found.append(int(folder.name))
    return found

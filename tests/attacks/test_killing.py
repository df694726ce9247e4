"""kill -9 at random moments while runs go on: of what starts runs, of runs, and of the service."""

import copy
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from abm_quant.api.examples import SPECIFICATION
from sandboxed import descendants, is_alive

RUNS = "/api/v1/runs"
SECONDS = 15
KINDS = ("abm-zygote", "abm-template", "abm-standby", "abm-run")
"""What can be killed, by the names of processes."""


def model(code: str) -> dict[str, Any]:
    """Give a specification whose agents do something."""
    spec = copy.deepcopy(SPECIFICATION)
    spec["agents"][0][0]["agentBehaviors"][0]["code"] = code
    return spec


HONEST = SPECIFICATION
ENDLESS = model("def flip(self):\n    while True:\n        pass")
GREEDY = model("def flip(self):\n    self.model.kept = [0] * 10**9")
LONG = model("def flip(self):\n    self.heads = sum(range(100000)) > 0")


@contextmanager
def service(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Give the address and the process of `abm serve`; all that it starts has `folder` in its environment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    bounds = {"ABM_LIMIT_CPU_S": "1", "ABM_LIMIT_WALL_S": "4", "ABM_MAX_ACTIVE_RUNS": "6"}
    command = [sys.executable, "-m", "abm_quant", "serve", "--port", str(port)]
    own = {"ABM_DATA_DIR": str(folder / "data"), "TMPDIR": str(folder)}
    with subprocess.Popen(
        command, env=os.environ | bounds | own, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()


def honest(client: httpx2.Client) -> bytes:
    """Give what an honest run records, as bytes, once the service answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            job = {"model": HONEST, "seed": 3, "steps": 20}
            run = client.post(RUNS, json=job, headers={"Prefer": "wait=60"})
        except httpx2.ConnectError:
            time.sleep(0.1)
            continue
        if run.status_code == 429:
            time.sleep(0.1)
            continue
        assert run.json()["status"] == "finished", run.text
        return client.get(f"{RUNS}/{run.json()['id']}/results?format=csv").content
    raise TimeoutError("the service did not answer")


def bombard(url: str, stop: threading.Event, seed: int) -> None:
    """Ask for runs without end, and cancel some."""
    draw = random.Random(seed)
    with httpx2.Client(base_url=url, timeout=60) as client:
        while not stop.is_set():
            job = {
                "model": draw.choice([HONEST, ENDLESS, GREEDY, LONG]),
                "seed": draw.randrange(99),
            }
            try:
                run = client.post(RUNS, json=job)
                if run.status_code < 300 and draw.random() < 0.6:
                    time.sleep(draw.random() / 5)
                    client.delete(f"{RUNS}/{run.json()['id']}")
            except httpx2.TransportError:
                return
            time.sleep(draw.random() / 10)


def survivors(mark: Path) -> list[int]:
    """Give the living processes that were started with a folder in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(mark) in folder.joinpath("environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid() and is_alive(pid)]


def held(pid: int) -> tuple[int, int]:
    """Give the numbers of descriptors and of threads of a process."""
    return tuple(len(os.listdir(f"/proc/{pid}/{kind}")) for kind in ("fd", "task"))  # type: ignore[return-value]


@pytest.mark.skipif(
    os.geteuid() != 0, reason="looks into the environment of other users' processes"
)
def test_whatever_is_killed_nothing_stays_and_the_next_run_is_the_same(tmp_path: Path) -> None:
    draw, killed, stop = random.Random(7), list[str](), threading.Event()
    with service(tmp_path) as (url, process), httpx2.Client(base_url=url, timeout=90) as client:
        first = honest(client)
        before = held(process.pid)
        clients = [threading.Thread(target=bombard, args=(url, stop, seed)) for seed in range(4)]
        for each in clients:
            each.start()
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline or not set(KINDS) <= set(killed):
            time.sleep(draw.random())
            kind = draw.choice([each for each in KINDS if each not in killed] or KINDS)
            for pid in descendants(process.pid, kind)[:1]:
                os.kill(pid, signal.SIGKILL)
                killed.append(kind)
            assert honest(client) == first
        assert is_alive(process.pid)
        after = held(process.pid)
        scratch = [each for root in tmp_path.glob("abm-run-*") for each in root.iterdir()]
        process.kill()
        began = time.monotonic()
        while (left := survivors(tmp_path)) and time.monotonic() - began < 5:
            time.sleep(0.005)
        took = time.monotonic() - began
        stop.set()
        for each in clients:
            each.join()
    assert left == []
    assert took < 1  # 0.12 where eight others compute on two cores
    assert len(scratch) <= len(os.sched_getaffinity(0)) + 1  # those of the runs that went on
    assert after[0] - before[0] < 60  # each open connection and run holds some
    assert after[1] - before[1] < 40  # a pool of threads is filled when it is used

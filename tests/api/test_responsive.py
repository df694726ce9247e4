"""`abm serve` answers while it compiles, and outlives the process that does it."""

import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

COMPILE = "/api/v1/compile"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[str, int]]]:
    """Give the address and the process of two services: one to be kept busy, and its idle peer."""
    with ExitStack() as stack:
        yield [served(tmp_path_factory.mktemp("data"), stack) for _ in range(2)]


def served(folder: Path, stack: ExitStack) -> tuple[str, int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-m", "abm_quant", "serve", "--port", str(port)],
            env=os.environ | {"ABM_DATA_DIR": str(folder)},
            stderr=subprocess.DEVNULL,
        )
    )
    stack.callback(process.terminate)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return url, process.pid
        time.sleep(0.1)
    raise TimeoutError("the service did not start")


def workers_of(pid: int) -> list[int]:
    """Give the processes that compile for a service."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid and b"abm_quant.running.worker" in command:
            found.append(int(folder.name))
    return found


def asked(client: httpx2.Client) -> float:
    """Give the seconds of a question about health."""
    began = time.perf_counter()
    assert client.get("/health").status_code == 200
    return time.perf_counter() - began


def test_health_is_answered_while_many_models_are_compiled(
    servers: list[tuple[str, int]], gallery: Callable[[str], dict[str, Any]]
) -> None:
    (busy_url, _), (idle_url, _) = servers
    model = gallery("predator-prey")
    limits = httpx2.Limits(max_connections=20)
    with ExitStack() as stack:
        busy, idle = (
            stack.enter_context(httpx2.Client(base_url=each, timeout=60))
            for each in (busy_url, idle_url)
        )
        client = stack.enter_context(httpx2.Client(base_url=busy_url, timeout=120, limits=limits))
        pool = stack.enter_context(ThreadPoolExecutor(20))
        assert client.post(COMPILE, json=model).status_code == 200
        many = [pool.submit(client.post, COMPILE, json=model) for _ in range(40)]
        times = []
        while not all(each.done() for each in many):
            times.append((asked(busy), asked(idle)))
            time.sleep(0.01)
    assert {each.result().status_code for each in many} == {200}
    of_busy, of_idle = (statistics.quantiles(each, n=20) for each in zip(*times, strict=True))
    assert of_busy[9] < 10 * of_idle[9] + 0.02
    assert of_busy[18] < 10 * of_idle[18] + 0.1


def test_a_request_is_answered_though_its_worker_is_killed(
    servers: list[tuple[str, int]], gallery: Callable[[str], dict[str, Any]]
) -> None:
    url, pid = servers[0]
    model = gallery("predator-prey")
    with httpx2.Client(base_url=url, timeout=120) as client:
        expected = client.post(COMPILE, json=model).json()
        killed = threading.Event()

        def kill() -> None:
            while not killed.wait(0.02):
                (worker,) = workers_of(pid)
                os.kill(worker, signal.SIGKILL)
                killed.set()

        thread = threading.Thread(target=kill)
        thread.start()
        answer = client.post(COMPILE, json=model)
        thread.join()
        assert answer.status_code == 200 and answer.json() == expected
        assert client.post(COMPILE, json=model).status_code == 200

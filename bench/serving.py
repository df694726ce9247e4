"""The service over a real socket: how soon a short run is answered, and what watchers cost others.

The peer is the same model in a new Python, `python model.py`, measured in the same run. The goals
are for two cores with nothing else to do. Usage: python bench/serving.py [--rounds 60]
"""

import argparse
import asyncio
import copy
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from websockets.asyncio.client import connect

from abm_quant.api.examples import SPECIFICATION

RUNS = "/api/v1/runs"
AGENTS, STEPS = 100, 10
STREAMING, WATCHERS, LONG = 10, 20, 10_000
"""Runs at once, clients that watch them in all, and steps of each run."""
GOALS = {
    "run over HTTP, p50": "80 ms",
    "run over HTTP / python model.py": "0.1",
}


def specification(agents: int) -> dict[str, Any]:
    """Give a model of some coins."""
    spec = copy.deepcopy(SPECIFICATION)
    spec["agents"][0][0]["initialCount"] = agents
    spec["terminationCriteria"]["maxSteps"] = LONG
    return spec


@contextmanager
def serving() -> Iterator[str]:
    """Give the address of a service of its own, as `abm serve` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "abm_quant", "serve", "--port", port]
        surroundings = os.environ | {"ABM_DATA_DIR": folder}
        service = subprocess.Popen(command, env=surroundings, stderr=subprocess.DEVNULL)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            service.terminate()
            service.wait()


def wait_until_up(client: httpx2.Client) -> None:
    """Return when the service answers."""
    for _ in range(300):
        try:
            client.get("/health")
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the service did not come up")


def keep(client: httpx2.Client, agents: int) -> str:
    """Give the id of a kept model of some agents."""
    answer = client.post("/api/v1/models", json={"model": specification(agents)})
    return str(answer.json()["id"])


def run_s(client: httpx2.Client, model_id: str, seed: int) -> float:
    """Give the seconds from asking for a short run to having its result."""
    body = {"modelId": model_id, "steps": STEPS, "seed": seed}
    start = time.perf_counter()
    answer = client.post(RUNS, json=body, headers={"Prefer": "wait=30"})
    took = time.perf_counter() - start
    assert len(answer.json()["result"]["model"]["Coin.count"]) == STEPS + 1, answer.text
    return took


def cold_s(client: httpx2.Client, model_id: str) -> float:
    """Give the seconds of a new Python that runs the generated code for as many steps."""
    source = client.get(f"/api/v1/models/{model_id}/code").text
    entry = client.post("/api/v1/compile", json={"model": specification(AGENTS)}).json()
    run = f"\nmodel = {entry['entryPoint']}(seed=1)\nfor _ in range({STEPS}):\n    model.step()\n"
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", source + run], check=True)
    return time.perf_counter() - start


async def watch(url: str, run_id: str, form: str) -> int:
    """Give the number of events that a watcher of a run gets until its end."""
    if form == "stream":
        address = f"{url.replace('http', 'ws')}{RUNS}/{run_id}/stream"
        async with connect(address, compression=None, max_size=None) as stream:
            return len([each async for each in stream]) - 1
    async with (
        httpx2.AsyncClient(base_url=url, timeout=60) as client,
        client.stream("GET", f"{RUNS}/{run_id}/events") as answer,
    ):
        return len([line async for line in answer.aiter_lines() if line.startswith("id: ")])


async def healthy_s(url: str, until: asyncio.Event) -> list[float]:
    """Give the seconds of each of many requests for /health, one after the other."""
    found = []
    async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
        while not until.is_set():
            start = time.perf_counter()
            await client.get("/health")
            found.append(time.perf_counter() - start)
            await asyncio.sleep(0.01)
    return sorted(found)


async def streaming(url: str, model_id: str, form: str) -> dict[str, float]:
    """Give how long /health takes, and events a second, while many clients watch many runs."""
    over = asyncio.Event()
    asking = asyncio.create_task(healthy_s(url, over))
    async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
        bodies = [{"modelId": model_id, "steps": LONG, "seed": each} for each in range(STREAMING)]
        ids = [(await client.post(RUNS, json=body)).json()["id"] for body in bodies]
    start = time.perf_counter()
    watchers = [watch(url, ids[each % STREAMING], form) for each in range(WATCHERS)]
    counts = await asyncio.gather(*watchers)
    took = time.perf_counter() - start
    over.set()
    found = await asking
    assert set(counts) == {LONG + 3}, counts
    return {
        f"/health beside {WATCHERS} watchers ({form}), p50": statistics.median(found) * 1e3,
        f"/health beside {WATCHERS} watchers ({form}), p99": found[int(0.99 * len(found))] * 1e3,
        f"events a second to all watchers ({form})": sum(counts) / took,
    }


def measure(rounds: int) -> dict[str, float]:
    """Give every measurement by its name, in ms where nothing else is said."""
    with serving() as url, httpx2.Client(base_url=url, timeout=60) as client:
        wait_until_up(client)
        model_id = keep(client, AGENTS)
        cold = statistics.median(cold_s(client, model_id) for _ in range(5))
        run_s(client, model_id, 0)
        warm = sorted(run_s(client, model_id, each) for each in range(rounds))
        found = {
            "python model.py": cold * 1e3,
            "run over HTTP, p50": statistics.median(warm) * 1e3,
            "run over HTTP, p95": warm[int(0.95 * len(warm))] * 1e3,
            "run over HTTP / python model.py": statistics.median(warm) / cold,
        }
        for form in ("events", "stream"):
            found |= asyncio.run(streaming(url, keep(client, 1), form))
    return found


def main() -> None:
    """Print each measurement beside its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    for name, value in measure(parser.parse_args().rounds).items():
        print(f"{name:45} {value:10.2f}   goal: {GOALS.get(name, '-')}")


if __name__ == "__main__":
    main()

"""What a generate request adds to the vendor's own time, and whether the service answers meanwhile.

A vendor on loopback sends a recorded answer, in a process of its own; `abm serve` is another. The
peer is the vendor's SDK, which reads the same answer without us. The judgement of the new model by
running it is switched off here: it has a time budget of its own (ABM_VERIFY_BUDGET_S). With many
requests in flight, a process of its own asks for GET /health: of the busy service and, in turn, of
an idle one on the same machine. The idle one is the peer: what it takes is the machine's part,
with the vendor, the clients and whatever else runs there.
"""

import asyncio
import json
import os
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import openai

from abm_quant.authoring.offline.gallery import entry_named
from abm_quant.authoring.wire import with_blanks

GOAL_MS, GOAL_HEALTH_MS = 120, 50
AT_ONCE, ROUNDS = 50, 9
SLOW_S = 0.05
"""Pause between two pieces of a slow answer; it has some 300."""
PAUSE_S = 0.02
"""Between two questions about health."""
KEY = "sk-loopback-0123456789abcdef"
TESTS = Path(__file__).parents[1] / "tests"
GENERATE = "/api/v1/engines/abm-quant/generate"
BODY = {"prompt": "an epidemic", "underlyingModel": "gpt-5.6-sol", "openAIKey": KEY}


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def listening(command: list[str], port: int, **variables: str) -> Iterator[str]:
    """Start a server, and give its address when it listens."""
    environment = os.environ | variables
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def vendor(folder: str, pause_s: float, stack: ExitStack) -> str:
    """Start a vendor, and give its base URL."""
    model = with_blanks(entry_named("sir-network").model.wire())
    answer = {"plan": "", "model": model, "title": "T", "explanation": "E", "assumptions": []}
    file = Path(folder) / "answer.json"
    file.write_text(json.dumps(answer), "utf-8")
    port = free_port()
    command = [sys.executable, "-m", "cassettes.vendors", str(port), str(file), str(pause_s)]
    started = listening(command, port, PYTHONPATH=str(TESTS))
    return stack.enter_context(started) + "/ok/v1"


def service(folder: str, vendor_url: str, stack: ExitStack) -> str:
    """Start `abm serve`, and give its address."""
    port = free_port()
    command = [sys.executable, "-m", "abm_quant", "serve", "--port", str(port)]
    settings = {"ABM_OPENAI_BASE_URL": vendor_url, "ABM_DATA_DIR": folder}
    return stack.enter_context(listening(command, port, ABM_VERIFY_BUDGET_S="0", **settings))


async def by_sdk(url: str) -> float:
    """Give the seconds in which the vendor's SDK reads the answer."""
    began = time.perf_counter()
    client = openai.AsyncOpenAI(api_key=KEY, base_url=url, max_retries=0)
    async with client, await client.responses.create(model="m", input="x", stream=True) as events:
        async for _ in events:
            pass
    return time.perf_counter() - began


async def by_service(client: httpx2.AsyncClient, url: str) -> float:
    """Give the seconds of a generate request."""
    began = time.perf_counter()
    answer = await client.post(url + GENERATE, json=BODY)
    assert answer.json()["success"], answer.text[:500]
    return time.perf_counter() - began


def ask_health(urls: list[str]) -> None:
    """Ask services for /health in turn until standard input ends, and print the seconds of each."""
    times: dict[str, list[float]] = {url: [] for url in urls}
    with ExitStack() as stack:
        clients = {url: stack.enter_context(httpx2.Client(timeout=60)) for url in urls}
        while not select.select([sys.stdin], [], [], PAUSE_S)[0]:
            for url, client in clients.items():
                began = time.perf_counter()
                client.get(url + "/health")
                times[url].append(time.perf_counter() - began)
    print(json.dumps(list(times.values())))


async def alone(vendor_url: str, url: str) -> tuple[float, float]:
    """Give the median seconds of the SDK and of the service, in turn."""
    async with httpx2.AsyncClient(timeout=120) as client:
        await by_service(client, url)
        pairs = [(await by_sdk(vendor_url), await by_service(client, url)) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


async def together(url: str, idle_url: str) -> tuple[float, list[list[float]]]:
    """Give the seconds of many requests at once, and those of /health: busy, then idle."""
    limits = httpx2.Limits(max_connections=AT_ONCE)
    command = [sys.executable, __file__, url, idle_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    async with httpx2.AsyncClient(timeout=300, limits=limits) as client:
        await by_service(client, url)
        with subprocess.Popen(command, **pipes) as asking:
            began = time.perf_counter()
            await asyncio.gather(*(by_service(client, url) for _ in range(AT_ONCE)))
            seconds = time.perf_counter() - began
            answer, _ = asking.communicate()
    return seconds, json.loads(answer)


def quantiles(times: list[float]) -> str:
    """Give the median, the 99th percentile and the longest of some seconds, in words."""
    cuts = [1000 * each for each in statistics.quantiles(times, n=100)]
    most = 1000 * max(times)
    return f"median {cuts[49]:.1f}, 99% {cuts[98]:.0f}, longest {most:.0f} ms of {len(times)}"


def main() -> None:
    """Measure, and print what was seen against the goals."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        fast = vendor(folder, 0, stack)
        sdk_s, service_s = asyncio.run(alone(fast, service(folder, fast, stack)))
    own_ms = (service_s - sdk_s) * 1000
    print(f"generate / the SDK alone: {service_s / sdk_s:.2f}")
    print(f"own time of a generate request: {own_ms:.0f} ms (goal {GOAL_MS} ms)")
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        slow = vendor(folder, SLOW_S, stack)
        url, idle_url = (service(f"{folder}/{name}", slow, stack) for name in ("busy", "idle"))
        whole_s, (busy, idle) = asyncio.run(together(url, idle_url))
    print(f"{AT_ONCE} at once took {whole_s:.1f} s; /health meanwhile (goal {GOAL_HEALTH_MS} ms):")
    print(f"  of this service: {quantiles(busy)}")
    print(f"  of an idle one:  {quantiles(idle)}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    ask_health(sys.argv[1:]) if sys.argv[1:] else main()

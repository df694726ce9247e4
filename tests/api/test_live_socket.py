"""Watching runs over a real socket, while they go on."""

import json
import os
import threading
import time

from websockets.sync.client import connect

from abm_quant.api import streams
from abm_quant.api.examples import SPECIFICATION
from pausing import pausing

RUNS = "/api/v1/runs"


def watch(network, run, *, after: int = 0, most: int = 10**9) -> list[dict]:
    """Give the first events that a watcher gets, then leave."""
    headers = {"Last-Event-ID": str(after)}
    got = []
    with network.stream("GET", run["links"]["events"], headers=headers) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                got.append(json.loads(line.removeprefix("data: ")))
            if len(got) > most:
                break
    return got[1:]


def test_events_come_while_the_run_goes_on(network, run):
    began = time.monotonic()
    got = watch(network, run, most=20)
    assert [each["id"] for each in got] == list(range(1, 21))
    assert time.monotonic() - began < 10
    assert network.get(run["links"]["self"]).json()["status"] == "running"


def test_a_watcher_that_leaves_and_returns_misses_nothing(network, run):
    first = watch(network, run, most=10)
    time.sleep(0.3)
    second = watch(network, run, after=10, most=30)
    assert [each["id"] for each in first + second] == list(range(1, 41))


def test_many_watchers_see_the_same_to_the_end(network):
    run = network.post(RUNS, json={"model": pausing(0.005, 100), "seed": 1}).json()
    seen: list[list[dict]] = []
    threads = [threading.Thread(target=lambda: seen.append(watch(network, run))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert len(seen) == 8
    assert all(each == seen[0] for each in seen)
    assert [each["id"] for each in seen[0]] == list(range(1, 104))
    assert seen[0][-1]["type"] == "run-finished"
    assert watch(network, run) == seen[0]


def test_a_watcher_that_reads_nothing_holds_nobody_up(network):
    run = network.post(RUNS, json={"model": SPECIFICATION, "steps": 50, "seed": 1}).json()
    with network.stream("GET", run["links"]["events"]) as lazy:
        assert watch(network, run)[-1]["type"] == "run-finished"
        assert network.get("/health").json() == {"status": "ok"}
        assert lazy.status_code == 200


def test_cancelling_ends_the_stream(network, run):
    ended: list[list[dict]] = []
    thread = threading.Thread(target=lambda: ended.append(watch(network, run)))
    thread.start()
    watch(network, run, most=5)
    network.delete(run["links"]["self"])
    thread.join(10)
    assert ended[0][-1]["reason"] == "cancelled"


def test_a_queued_run_streams_its_status_and_then_its_events(network, model_id):
    body = {"modelId": model_id, "seed": 1}
    blocking = [network.post(RUNS, json=body).json() for _ in range(len(os.sched_getaffinity(0)))]
    for each in blocking:
        watch(network, each, most=1)
    queued = network.post(RUNS, json={**body, "steps": 1}).json()
    with network.stream("GET", queued["links"]["events"]) as answer:
        lines = (each for each in answer.iter_lines() if each.startswith("data: {"))
        assert json.loads(next(lines)[6:])["run"]["status"] == "queued"
        for each in blocking:
            network.delete(each["links"]["self"])
        assert [json.loads(line[6:])["id"] for line in lines] == [1, 2, 3, 4]


def test_a_stream_without_events_is_kept_open_by_comments(network, run, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.05)
    with (
        connect(f"{str(network.base_url).replace('http', 'ws')}{run['links']['stream']}") as ws,
        network.stream("GET", run["links"]["events"]) as answer,
    ):
        ws.send('{"type": "pause"}')
        lines = answer.iter_lines()
        while not (next(lines).startswith("event: run-paused")):
            pass
        assert len([line for line, _ in zip(lines, range(6), strict=False) if line[:1] == ":"]) > 1

"""Feeds: every watcher gets every event once and in order, from memory or from disk."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from abm_quant.api import feeds
from abm_quant.api.feeds import Feed, kept_feed
from abm_quant.contracts.events import (
    CheckpointTaken,
    RunEvent,
    RunFinished,
    RunStarted,
    StepRecorded,
)
from abm_quant.contracts.jobs import Checkpoint, SandboxReport
from abm_quant.contracts.problems import problem
from abm_quant.storage.events import EventLog
from abm_quant.storage.runs import RunRecord, new_run_id

STARTED = RunStarted(seed=1, steps=9, sandbox=SandboxReport(level="kernel"))


def step(number: int, width: int = 1) -> RunEvent:
    return StepRecorded(step=number, model={"text": "x" * width})


@pytest.fixture
def log(tmp_path) -> EventLog:
    return EventLog(tmp_path / "events.jsonl")


def record(**fields) -> RunRecord:
    now = datetime.now(UTC)
    return RunRecord(
        id=new_run_id(), model_id="m", target="mesa", seed=1, of=9, created=now, **fields
    )


async def watch(feed: Feed, after: int = 0, pause_s: float = 0) -> list[dict]:
    """Give what a watcher gets who rests after each group."""
    got = []
    async for group in feed.groups(after):
        got += [json.loads(each.data) for each in group]
        assert [each.id for each in group] == [each["id"] for each in got[-len(group) :]]
        await asyncio.sleep(pause_s)
    return got


def ids(got: list[dict]) -> list[int]:
    return [each["id"] for each in got]


async def perform(feed: Feed, steps: int, width: int = 1) -> None:
    """Tell a whole run, as the desk does."""
    feed.tell(STARTED)
    for number in range(steps + 1):
        feed.tell(step(number, width))
        if feed.is_due:
            await feed.save()
        if number % 50 == 0:
            await asyncio.sleep(0)
    feed.tell(RunFinished(steps=steps, stop_reason="steps"))
    await feed.save()


async def test_events_are_numbered_from_one(log):
    feed = Feed(log)
    watching = asyncio.create_task(watch(feed))
    await perform(feed, 2)
    got = await watching
    assert ids(got) == [1, 2, 3, 4, 5]
    types = [each["type"] for each in got]
    assert types == ["run-started", *["step-recorded"] * 3, "run-finished"]
    assert got[-1]["stopReason"] == "steps"


@pytest.mark.parametrize("width", [1, 5_000])
@pytest.mark.parametrize("pause_s", [0, 0.01])
async def test_watchers_at_any_pace_get_everything_once(log, width, pause_s):
    feed = Feed(log)
    watching = [asyncio.create_task(watch(feed, 0, pause_s)) for _ in range(3)]
    await perform(feed, 1_000, width)
    late = await watch(feed)
    assert ids(late) == list(range(1, 1_004))
    for each in watching:
        assert await each == late
    assert await watch(feed, after=600) == late[600:]
    again = kept_feed(record(status="finished"), log)
    assert await watch(again) == late
    assert ids(await watch(again, after=1_000)) == [1_001, 1_002, 1_003]


async def test_what_nobody_reads_does_not_stay_in_memory(log):
    feed = Feed(log)
    lazy = feed.groups()
    feed.tell(STARTED)
    await anext(lazy)
    for number in range(300):
        feed.tell(step(number, 50_000))
        if feed.is_due:
            await feed.save()
        assert feed._fresh_bytes < feeds.MOST_FRESH + 60_000
    feed.tell(RunFinished(steps=299, stop_reason="steps"))
    assert sum([len(group) async for group in lazy]) == 301


async def test_a_quick_run_wakes_its_watchers_seldom(log):
    feed, groups = Feed(log), 0

    async def count() -> None:
        nonlocal groups
        async for _ in feed.groups():
            groups += 1

    watching = asyncio.create_task(count())
    for number in range(200):
        feed.tell(step(number))
        await asyncio.sleep(0.001)
    feed.tell(RunFinished(steps=199, stop_reason="steps"))
    await watching
    assert 2 <= groups <= 40


async def test_what_a_full_log_left_out_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(feeds, "MOST_FRESH", 10_000)
    log = EventLog(tmp_path / "events.jsonl", most_bytes=30_000)
    feed = Feed(log)
    await perform(feed, 100, 1_000)
    for each in (feed, kept_feed(record(status="finished"), log)):
        got = await watch(each)
        [skipped] = [each for each in got if each["type"] == "events-skipped"]
        assert skipped["from"] == 1 + got[got.index(skipped) - 1]["id"]
        assert skipped["to"] == skipped["id"] == got[got.index(skipped) + 1]["id"] - 1
        assert got[-1]["type"] == "run-finished"
        assert got[-1]["id"] == 103
        assert await watch(each, after=skipped["id"]) == got[got.index(skipped) + 1 :]


async def test_a_watcher_ahead_of_the_run_gets_what_comes(log):
    feed = Feed(log)
    feed.tell(STARTED)
    watching = asyncio.create_task(watch(feed, after=99))
    await asyncio.sleep(0)
    feed.tell(step(0))
    feed.tell(RunFinished(steps=0, stop_reason="steps"))
    assert ids(await watching) == [2, 3]


async def test_a_slow_run_is_saved_every_second(log, monkeypatch):
    feed = Feed(log)
    feed.tell(STARTED)
    assert not feed.is_due
    monkeypatch.setattr(feeds, "MOST_OLD_S", 0)
    assert feed.is_due
    watching = asyncio.create_task(watch(feed))
    await feed.save()
    feed.tell(RunFinished(steps=0, stop_reason="steps"))
    assert ids(await watching) == [1, 2]


async def test_a_watcher_that_leaves_is_forgotten(log):
    feed = Feed(log)
    watching = asyncio.create_task(watch(feed))
    await asyncio.sleep(0)
    assert feed._waiting
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    assert not feed._waiting
    await perform(feed, 1)


async def test_the_feed_of_a_run_whose_service_was_killed_ends(log):
    feed = Feed(log)
    feed.tell(STARTED)
    feed.tell(step(0))
    await feed.save()
    said = problem("run-failed", "", "The service was stopped while this run was under way.")
    interrupted = record(status="failed", failure="crash", problems=[said])
    got = await watch(kept_feed(interrupted, log))
    assert ids(got) == [1, 2, 3]
    assert (got[-1]["type"], got[-1]["reason"]) == ("run-failed", "crash")
    assert "was stopped" in got[-1]["problem"]["message"]
    assert ids(await watch(kept_feed(interrupted, log), after=50)) == [3]


async def test_a_run_without_a_log_tells_its_end(log):
    got = await watch(kept_feed(record(status="finished", step=4, stop_reason="steps"), log))
    assert got == [{"id": 1, "type": "run-finished", "steps": 4, "stopReason": "steps"}]


async def test_the_state_in_a_checkpoint_is_not_sent_to_watchers(log):
    checkpoint = Checkpoint(
        step=3, target="mesa", source="0" * 64, seed=1, parameters={}, versions={}, state=b"secret"
    )
    feed = Feed(log)
    feed.tell(CheckpointTaken(step=3, checkpoint=checkpoint))
    feed.tell(RunFinished(steps=3, stop_reason="steps"))
    taken, _ = await watch(feed)
    assert taken["checkpoint"]["step"] == 3
    assert "state" not in taken["checkpoint"]

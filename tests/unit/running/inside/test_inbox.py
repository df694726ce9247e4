"""Messages come in their order, in whatever parts they arrive; looking for one costs next to nothing."""

import os
import time
from collections.abc import Iterator

import pytest

from abm_quant.running.inside.inbox import Inbox


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """Give the end of a model's process, and that of the service."""
    theirs, ours = os.pipe()
    yield theirs, ours
    os.close(theirs)
    os.close(ours)


def test_nothing_is_there_until_a_whole_line_has_come(ends: tuple[int, int]) -> None:
    theirs, ours = ends
    inbox = Inbox(theirs)
    assert inbox.poll() is None
    os.write(ours, b'{"type": "pa')
    assert inbox.poll() is None
    os.write(ours, b'use"}\n{"type": "stop"}\n{"ty')
    assert inbox.wait() == {"type": "pause"}
    assert inbox.poll() == {"type": "stop"}
    assert inbox.poll() is None
    os.write(ours, b'pe": "set"}\n')
    assert inbox.poll() == {"type": "set"}


def test_a_long_line_is_put_together(ends: tuple[int, int]) -> None:
    theirs, ours = ends
    inbox = Inbox(theirs)
    text = "x" * 300_000
    line = b'{"text": "%s"}\n' % text.encode()
    for first in range(0, len(line), 60_000):
        os.write(ours, line[first : first + 60_000])
        found = inbox.poll()
    assert found == {"text": text}


def test_looking_takes_microseconds(ends: tuple[int, int]) -> None:
    inbox = Inbox(ends[0])
    best = min(seconds_of_looks(inbox, 2_000) for _ in range(10)) / 2_000
    assert best < 10e-6  # About 0.7 on a quiet machine.


def seconds_of_looks(inbox: Inbox, count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        inbox.poll()
    return time.perf_counter() - start

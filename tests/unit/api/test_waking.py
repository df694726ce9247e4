"""The service stays awake while it compiles, and is warm before the first request."""

import asyncio
import threading
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from abm_quant.api.app import create_app
from abm_quant.api.dependencies import make_tools
from abm_quant.authoring.offline.search import gallery_index
from abm_quant.pipeline import COMPILED_AT_ONCE, in_turn
from abm_quant.settings import load_settings


async def test_few_compile_at_once_and_the_loop_goes_on(tmp_path: Path) -> None:
    tools = make_tools(load_settings(data_dir=tmp_path))
    lock, inside, most = threading.Lock(), 0, 0

    def work(number: int) -> int:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.01)
        with lock:
            inside -= 1
        return number

    waiting = asyncio.gather(*(in_turn(tools, work, each) for each in range(12)))
    ticks = 0
    while not waiting.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert await waiting == list(range(12))
    assert most == COMPILED_AT_ONCE
    assert ticks > 12


async def test_a_failure_gives_its_turn_back(tmp_path: Path) -> None:
    tools = make_tools(load_settings(data_dir=tmp_path))

    def fail() -> None:
        raise ValueError("no")

    for _ in range(COMPILED_AT_ONCE + 1):
        with pytest.raises(ValueError, match="no"):
            await asyncio.wait_for(in_turn(tools, fail), 1)


def test_the_index_is_there_once_the_service_has_stopped_warming(tmp_path: Path) -> None:
    gallery_index.cache_clear()
    with TestClient(create_app(load_settings(data_dir=tmp_path))):
        pass
    assert gallery_index.cache_info().currsize == 1

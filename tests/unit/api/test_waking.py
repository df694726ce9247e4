"""The service stays awake while it compiles, and is warm before the first request."""

import asyncio
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from abm_quant.api.app import create_app
from abm_quant.api.dependencies import make_tools
from abm_quant.authoring.offline.search import gallery_index
from abm_quant.errors import CannotCompile
from abm_quant.pipeline import in_turn
from abm_quant.settings import load_settings


async def test_what_takes_too_long_to_compile_is_a_problem_of_the_model(tmp_path: Path) -> None:
    tools = make_tools(load_settings(data_dir=tmp_path, compile_timeout_s=0.5))
    assert tools.workers is not None
    with pytest.raises(CannotCompile) as refusal:
        await in_turn(tools, time.sleep, 60)
    (problem,) = refusal.value.problems
    assert problem.code == "too-large"
    assert problem.message == "It takes longer than 0.5 s."
    tools.workers.close()


async def test_waiting_requests_leave_threads_to_others(tmp_path: Path) -> None:
    tools = make_tools(load_settings(data_dir=tmp_path))
    assert tools.workers is not None
    many = [asyncio.ensure_future(in_turn(tools, time.sleep, 5)) for _ in range(50)]
    await asyncio.sleep(0)
    assert await asyncio.wait_for(asyncio.to_thread(abs, -1), 3) == 1
    tools.workers.close()
    for each in many:
        each.cancel()
    await asyncio.gather(*many, return_exceptions=True)


def test_the_index_is_there_once_the_service_has_stopped_warming(tmp_path: Path) -> None:
    gallery_index.cache_clear()
    with TestClient(create_app(load_settings(data_dir=tmp_path))):
        pass
    assert gallery_index.cache_info().currsize == 1

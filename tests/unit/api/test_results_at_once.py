"""However many clients ask for large results, few of them are in memory at once."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from abm_quant.api.dependencies import RESULTS_AT_ONCE, Service
from abm_quant.api.routes.runs import read_results
from abm_quant.contracts.results import RunResult


class Desk:
    """Gives an empty result, and counts how many are being made at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def record(self, run_id: str) -> Any:
        return SimpleNamespace(id=run_id, is_over=True)

    async def result(self, run_id: str) -> RunResult:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1
        return RunResult()


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
async def test_results_are_read_and_written_by_turns(form: Any) -> None:
    desk = Desk()
    service = Service(settings=cast(Any, None), tools=cast(Any, None), desk=cast(Any, desk))
    answers = await asyncio.gather(*(read_results("id", service, form=form) for _ in range(9)))
    assert {each.status_code for each in answers} == {200}
    assert desk.most == RESULTS_AT_ONCE

"""What routes are handed: the settings, the tools and the desk of the application they serve."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

import structlog
from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection

from abm_quant.api.examples import SPECIFICATION
from abm_quant.api.logs import configure_logging
from abm_quant.api.performing import Desk
from abm_quant.authoring.offline.search import gallery_index
from abm_quant.authoring.table import author_for
from abm_quant.errors import AbmError, StorageError
from abm_quant.pipeline import Tools, compile_model, in_turn
from abm_quant.running.admission import shared_admission
from abm_quant.running.table import make_sandbox
from abm_quant.running.workers import Workers
from abm_quant.settings import Settings
from abm_quant.storage.models import ModelStore
from abm_quant.storage.runs import RunStore

log = structlog.get_logger(__name__)

RESULTS_AT_ONCE = 2
"""The largest result that a run may have takes a gigabyte while it is read and written."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """Everything that the routes of one application share."""

    settings: Settings
    tools: Tools
    desk: Desk
    results: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(RESULTS_AT_ONCE))
    """Who may have a result in memory now, to write it as a table."""


def make_tools(settings: Settings) -> Tools:
    """Give the tools that the settings ask for."""
    return Tools(
        author=partial(author_for, connections=settings.connections),
        models=ModelStore(settings.data_dir),
        sandbox=make_sandbox(
            settings.sandbox,
            warm="mesa",
            admission=shared_admission(settings.max_computing_runs, settings.max_memory_mb),
        ),
        workers=Workers(timeout_s=settings.compile_timeout_s),
        verify_budget_s=settings.verify_budget_s,
    )


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Make the service when the application starts, and end its runs when it stops."""
    configure_logging()
    settings: Settings = app.state.settings
    tools: Tools = app.state.tools or make_tools(settings)
    runs = RunStore(settings.data_dir)
    desk = Desk(runs, tools, max_active=settings.max_active_runs)
    app.state.service = Service(settings=settings, tools=tools, desk=desk)
    report = tools.sandbox.report
    log.info("service ready", sandbox=report.level, runs_accepted=report.available)
    try:
        interrupted = runs.close_interrupted()
        if interrupted:
            log.warning("runs of an earlier process were closed", number=interrupted)
    except StorageError as error:
        log.error("data folder", reason=str(error))
    warming = asyncio.create_task(warm_up(tools))
    yield
    await warming
    await desk.close()
    if tools.workers is not None:
        tools.workers.close()


async def warm_up(tools: Tools) -> None:
    """Do once what the first request would wait for: load templates and the gallery's index."""
    try:
        await asyncio.gather(
            asyncio.to_thread(gallery_index), in_turn(tools, compile_model, SPECIFICATION)
        )
    except AbmError as error:
        log.error("installation", reason=str(error))


def _service(connection: HTTPConnection) -> Service:
    service: Service = connection.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(_service)]

"""Operations: alive, ready, version."""

import asyncio
import os
import platform
from pathlib import Path

from fastapi import APIRouter, Response

from abm_quant.api.bodies import Check, Health, Readiness, Version
from abm_quant.api.dependencies import ServiceDep
from abm_quant.contracts.jobs import SandboxReport
from abm_quant.version import __version__

router = APIRouter(tags=["operations"])
health_router = APIRouter(tags=["operations"])


@health_router.get("/health", summary="Is the service alive?")
async def health() -> Health:
    """Answers as long as the process serves requests."""
    return Health()


@router.get(
    "/ready",
    summary="Can the service do all it should?",
    responses={503: {"model": Readiness, "description": "Something is missing; it says what."}},
)
async def ready(service: ServiceDep, response: Response) -> Readiness:
    """Says, for the sandbox and the data folder, what is in force or how to fix what is wrong."""
    storage = await asyncio.to_thread(check_storage, service.settings.data_dir)
    checks = [check_sandbox(service.tools.sandbox.report), storage]
    is_ready = all(each.ok for each in checks)
    response.status_code = 200 if is_ready else 503
    return Readiness(ready=is_ready, checks=checks)


@router.get("/version", summary="Which version is this?")
async def version() -> Version:
    """Names the product, its version and the Python that runs it."""
    return Version(version=__version__, python=platform.python_version())


def check_sandbox(report: SandboxReport) -> Check:
    """Give whether runs are accepted, and under which protection."""
    layers = "; ".join(report.layers)
    words = [f"level {report.level}", layers, report.reason]
    return Check(
        name="sandbox", ok=report.available, detail=". ".join(each for each in words if each)
    )


def check_storage(data_dir: Path) -> Check:
    """Give whether models and runs can be kept."""
    existing = next(each for each in (data_dir, *data_dir.parents) if each.exists())
    is_usable = existing.is_dir() and os.access(existing, os.R_OK | os.W_OK | os.X_OK)
    detail = (
        "The data folder can be written."
        if is_usable
        else "The data folder cannot be written. Make it accessible or set ABM_DATA_DIR."
    )
    return Check(name="storage", ok=is_usable, detail=detail)

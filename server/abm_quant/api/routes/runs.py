"""Runs: a model, a seed, and the tracked variables that come of them."""

import ipaddress
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.requests import HTTPConnection
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from abm_quant.api.bodies import (
    RunAccepted,
    RunBody,
    RunDone,
    RunPage,
    RunView,
    run_links,
    run_view,
)
from abm_quant.api.dependencies import Service, ServiceDep
from abm_quant.api.documenting import failures, request_body
from abm_quant.api.examples import SPECIFICATION
from abm_quant.api.problems import Forbidden, NotReadyYet
from abm_quant.api.reading import body_of
from abm_quant.api.routes.models import bundle_for, keep_model
from abm_quant.contracts.jobs import RunJob
from abm_quant.contracts.results import Series
from abm_quant.running.conversation.jobs import check_job, steps_to_take
from abm_quant.storage.models import KeptModel
from abm_quant.storage.parquet import parquet_bytes
from abm_quant.storage.runs import RunRecord, new_run_id
from abm_quant.storage.tables import RFC_4180, agent_table, csv_text, model_table

router = APIRouter(prefix="/runs", tags=["runs"])

PARQUET = "application/vnd.apache.parquet"
TABLES: Mapping[str, tuple[str, Callable[[Mapping[str, Series]], str | bytes]]] = {
    "csv": ("text/csv", partial(csv_text, line_end=RFC_4180)),
    "parquet": (PARQUET, parquet_bytes),
}
"""By the format that is asked for: its media type, and what writes the columns of a table so."""
MAX_DRAWN_SEED = 2**31
MAX_WAIT_S = 300.0
WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,99})\"?\s*(?=$|[,;])", re.IGNORECASE)
RunId = Annotated[str, Path(description="The UUID of the run.", alias="id")]
BODY = request_body(
    RunBody,
    {
        "A kept model": {"modelId": "5f0c1d2e3b4a59687f01", "steps": 50, "seed": 1},
        "A specification": {"model": SPECIFICATION, "seed": 1, "parameters": {"bias": 0.8}},
    },
)


@router.post(
    "",
    status_code=202,
    response_model=None,
    summary="Run a model",
    responses={
        **failures(400, 403, 404, 413, 422, 429, 503),
        200: {"model": RunDone, "description": "The run came to its end within `Prefer: wait=N`."},
        202: {"model": RunAccepted, "description": "The run goes on; ask for it at its link."},
    },
    openapi_extra=BODY,
)
async def create_run(
    body: Annotated[RunBody, Depends(body_of(RunBody))],
    service: ServiceDep,
    request: Request,
    prefer: Annotated[
        str | None, Header(description="`wait=10` answers with the result if done in 10 s.")
    ] = None,
) -> Response:
    """Runs a kept model or a specification in the sandbox, with a seed that is always reported."""
    require_own_page(service, request)
    job, record = await _prepare(body, service)
    run = await service.desk.start(job, record)
    wait_s = wanted_wait(prefer)
    applied = {"Preference-Applied": f"wait={wait_s:g}"} if wait_s else {}
    if wait_s and await service.desk.wait(run, wait_s):
        done = RunDone(**dict(run_view(run.record)), result=run.result)
        text = await run_in_threadpool(done.model_dump_json)
        return Response(text, media_type="application/json", headers=applied)
    links = run_links(record)
    accepted = RunAccepted(id=record.id, status=record.status, seed=record.seed, links=links)
    return JSONResponse(accepted.model_dump(mode="json"), 202, {"Location": links.self, **applied})


@router.get("", summary="List runs", responses=failures(404, 422))
async def list_runs(
    service: ServiceDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(description="`nextCursor` of the page before.")] = None,
) -> RunPage:
    """Gives runs, newest first."""
    page = await service.desk.page(limit=limit, cursor=cursor)
    return RunPage(items=[run_view(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/{id}", summary="Read where a run stands", responses=failures(404))
async def read_run(run_id: RunId, service: ServiceDep) -> RunView:
    """Gives status, step, seed, stop reason and problems of a run."""
    return run_view(await service.desk.record(run_id))


@router.delete("/{id}", summary="Cancel a run", responses=failures(404))
async def cancel_run(run_id: RunId, service: ServiceDep) -> RunView:
    """Ends a run that goes on; what it recorded so far is kept. A run that is over stays as it is."""
    return run_view(await service.desk.cancel(run_id))


@router.get(
    "/{id}/results",
    summary="Read the tracked variables",
    response_class=Response,
    responses={
        **failures(404, 409, 422),
        200: {
            "description": "The tracked variables.",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/RunResult"}},
                "text/csv": {},
                PARQUET: {},
            },
        },
    },
)
async def read_results(
    run_id: RunId,
    service: ServiceDep,
    form: Annotated[Literal["json", "csv", "parquet"], Query(alias="format")] = "json",
    level: Annotated[
        Literal["model", "agent"] | None,
        Query(
            description="Only these variables; where absent JSON holds both, a table the model's."
        ),
    ] = None,
) -> Response:
    """Gives one value a step for model variables, one row an agent and step for agents."""
    record = await service.desk.record(run_id)
    if not record.is_over:
        raise NotReadyYet(
            f"The run is {record.status} at step {record.step} of {record.of}. "
            f"Ask for {run_links(record).self} until it is over."
        )
    async with service.results:
        result = await service.desk.result(run_id)
        if form in TABLES:
            media_type, write = TABLES[form]
            make_table = agent_table if level == "agent" else model_table
            data = await run_in_threadpool(lambda: write(make_table(result)))
            name = f"{record.id}-{level or 'model'}.{form}"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return Response(data, media_type=media_type, headers=headers)
        left_out = {"model": {"agents"}, "agent": {"model"}}.get(level or "", set())
        text = await run_in_threadpool(lambda: result.model_dump_json(exclude=left_out))
    return Response(text, media_type="application/json")


def wanted_wait(prefer: str | None) -> float:
    """Give the seconds that the header `Prefer` asks to wait, 0 where it does not."""
    found = WAIT.search(prefer or "")
    return min(float(found[1]), MAX_WAIT_S) if found else 0.0


def require_own_page(service: Service, request: HTTPConnection) -> None:
    """Refuse, where code runs unconfined, what another site's page sends through the browser."""
    if service.tools.sandbox.report.level != "none":
        return
    origin = request.headers.get("origin")
    hosts = [request.url.hostname, urlsplit(origin).hostname if origin else None]
    if origin == "null" or not all(_is_local(host) for host in hosts if host is not None):
        raise Forbidden(
            "This service runs code unconfined (ABM_SANDBOX=none), so it takes runs only from "
            "this computer and not from the page of another site."
        )


async def _prepare(body: RunBody, service: Service) -> tuple[RunJob, RunRecord]:
    """Give the job and the first record of a run; raises what the caller must hear."""
    kept = await _kept(body, service)
    seed = secrets.randbelow(MAX_DRAWN_SEED) if body.seed is None else body.seed
    job = RunJob(
        bundle=await bundle_for(service, kept.id, body.target),
        seed=seed,
        steps=body.steps,
        parameters=body.parameters,
        limits=service.settings.limits.lowered(body.limits),
        record=body.record,
    )
    check_job(job)
    record = RunRecord(
        id=new_run_id(),
        model_id=kept.id,
        title=kept.title,
        target=job.bundle.target,
        seed=seed,
        parameters=job.parameters,
        limits=job.limits,
        of=steps_to_take(job),
        created=datetime.now(UTC),
    )
    return job, record


async def _kept(body: RunBody, service: Service) -> KeptModel:
    if body.model_id is not None:
        return await run_in_threadpool(service.tools.models.get, body.model_id)
    return await keep_model(service, {"model": body.model, "target": body.target}, with_code=True)


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""Watching a run while it goes on, and acting on it; a run that is over is told once more."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response, WebSocket
from starlette.concurrency import run_in_threadpool

from abm_quant.api.bodies import RunNow, run_view
from abm_quant.api.commands import Command
from abm_quant.api.dependencies import Service, ServiceDep
from abm_quant.api.documenting import failures
from abm_quant.api.problems import InvalidFields
from abm_quant.api.routes.runs import RunId, require_own_page
from abm_quant.api.sockets import converse
from abm_quant.api.streams import told_events
from abm_quant.errors import BadRequest

router = APIRouter(prefix="/runs", tags=["runs"])

MAX_ID_DIGITS = 15
FROM = "The id of the last event that you have; only later ones are sent."
EXAMPLE = (
    'event: run-status\r\ndata: {"type": "run-status", "run": {"status": "running"}}\r\n\r\n'
    'id: 2\r\nevent: step-recorded\r\ndata: {"id": 2, "type": "step-recorded", "step": 0}\r\n\r\n'
)


@router.get(
    "/{id}/events",
    summary="Watch a run",
    response_class=Response,
    responses={
        **failures(404, 422),
        200: {
            "description": "`run-status` first, then the run's events, numbered from 1.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
        },
        204: {"description": "The run is over and you have its last event."},
    },
)
async def watch_run(
    run_id: RunId,
    service: ServiceDep,
    request: Request,
    given: Annotated[str | None, Header(alias="Last-Event-ID", description=FROM)] = None,
    start: Annotated[str | None, Query(alias="from", description=FROM)] = None,
) -> Response:
    """Streams all events of a run as server-sent events, those of the past first.

    The `data` of an event is JSON: after `run-status` one of the schemas RunStarted, StepRecorded,
    FrameRecorded, CheckpointTaken, TextPrinted, ProblemNoticed, RunPaused, RunResumed, ParameterSet,
    RunFinished and RunFailed.
    """
    feed = await service.desk.feed(run_id)
    after = last_seen("Last-Event-ID", given) if given is not None else last_seen("from", start)
    if feed.is_over and after == feed.last_id:
        return Response(status_code=204)
    return told_events(request, await status_text(service, run_id), feed.groups(after))


@router.websocket("/{id}/stream")
async def steer_run(run_id: RunId, service: ServiceDep, socket: WebSocket) -> None:
    """Sends all events of a run, one JSON object a message, and takes commands for it."""
    require_own_page(service, socket)
    feed = await service.desk.feed(run_id)
    after = last_seen("from", socket.query_params.get("from"))

    def order(command: Command) -> None:
        command.give(service.desk.controls(run_id))

    await converse(socket, await status_text(service, run_id), feed.groups(after), order)


async def status_text(service: Service, run_id: str) -> str:
    """Give the word that a stream begins with: where the run stands. It is no event of the run."""
    view = run_view(await service.desk.record(run_id))
    live: Iterable[str] = ()
    with suppress(BadRequest):
        controls = service.desk.controls(run_id)
        live = await run_in_threadpool(lambda: controls.live_parameters)
    return RunNow(run=view, live_parameters=sorted(live)).model_dump_json()


def last_seen(name: str, text: str | None) -> int:
    """Give the number of the last event that a client has, 0 for none; raises InvalidFields."""
    text = (text or "0").strip()
    if not text.isascii() or not text.isdigit() or len(text) > MAX_ID_DIGITS:
        raise InvalidFields([{"path": name, "message": "must be the id of an event"}])
    return int(text)

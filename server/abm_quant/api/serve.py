"""`abm serve`: answers requests over HTTP."""

import gc
import socket
import sys
from typing import Annotated, Any

import typer
import uvicorn

from abm_quant.api.app import create_app
from abm_quant.api.sockets import MOST_BYTES
from abm_quant.errors import BadRequest
from abm_quant.settings import load_settings

SWITCH_S = 0.0005
"""Longest time for which a thread that computes keeps the interpreter from the event loop, which
asks for it again after each read and write; Python's own 5 ms add up to noticeable waits."""


def command(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 for every interface.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
) -> None:
    """Answer requests over HTTP, at 127.0.0.1:3001 unless the settings say otherwise.

    The interactive documentation is at /docs. Ctrl-C ends the service.
    """
    given: dict[str, Any] = {"host": host, "port": port}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    check_address(settings.host, settings.port)
    sys.setswitchinterval(SWITCH_S)
    app = create_app(settings)
    gc.freeze()  # all that is loaded stays; looking through it again and again holds up answers
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,  # the application writes its own line for each request
        ws_max_size=MOST_BYTES,
        ws_per_message_deflate=False,  # it would cost more than what is streamed
    )


def check_address(host: str, port: int) -> None:
    """Raise BadRequest when nothing can listen at an address, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise BadRequest(
            f"Nothing can listen at {host}, port {port}: {error.strerror}. "
            "Choose another --port or --host."
        ) from error

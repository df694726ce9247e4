"""How the service logs: one line for each event, in one place.

Only what is passed to a log call is written: never bodies, headers or settings, which hold keys.
"""

import logging
import sys
from typing import Any

import structlog

from abm_quant.llm.secrets import without_keys


def hide_keys(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Give a log line without vendors' keys, wherever a client put them."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = without_keys(value)
    return event


def configure_logging() -> None:
    """Let the process log readable lines to a terminal and JSON lines to anything else."""
    is_terminal = sys.stderr.isatty()
    last = structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer()
    shown: list[structlog.typing.Processor] = (
        [] if is_terminal else [structlog.processors.format_exc_info]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *shown,
            hide_keys,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )


def _to_stderr(*_: Any) -> structlog.PrintLogger:
    """Give the logger for one line: to what is standard error at that moment."""
    return structlog.PrintLogger(sys.stderr)

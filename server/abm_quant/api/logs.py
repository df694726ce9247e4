"""How the service logs: one line for each event, in one place.

Only what is passed to a log call is written: never bodies, headers or settings, which hold keys.
"""

import logging
import sys

import structlog


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
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

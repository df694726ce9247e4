"""Makes the tools of the pipeline from the settings."""

import sys
from functools import partial
from typing import Any

import structlog

from abm_quant.authoring.table import author_for
from abm_quant.pipeline import Tools
from abm_quant.running.admission import shared_admission
from abm_quant.running.table import make_sandbox
from abm_quant.settings import Settings
from abm_quant.storage.models import ModelStore


def make_tools(settings: Settings, *, warm: str | None = None) -> Tools:
    """Give what a walk needs from outside; what is logged on the way goes to standard error.

    `warm` names the target of a run that will come soon.
    """
    structlog.configure(logger_factory=_to_stderr)
    return Tools(
        author=partial(author_for, connections=settings.connections),
        models=ModelStore(settings.data_dir),
        sandbox=make_sandbox(
            settings.sandbox,
            warm=warm,
            admission=shared_admission(settings.max_computing_runs, settings.max_memory_mb),
        ),
        verify_budget_s=settings.verify_budget_s,
    )


def _to_stderr(*_: Any) -> structlog.PrintLogger:
    """Give the logger for one line: to what is standard error at that moment."""
    return structlog.PrintLogger(sys.stderr)

"""Chooses the sandbox: what the machine can enforce, or nothing where the operator says so."""

import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import structlog

from abm_quant.contracts.jobs import SandboxReport
from abm_quant.errors import SandboxUnavailable
from abm_quant.running.child import environment, python_command, remove_left_folders
from abm_quant.running.fresh import FreshChild
from abm_quant.running.jobs import RUNNABLE_TARGETS
from abm_quant.running.process import ProcessSandbox
from abm_quant.running.sandbox import Sandbox
from abm_quant.running.warm import Launcher

log = structlog.get_logger(__name__)

_PROBE_TIMEOUT_S = 30
HOW_TO_ENABLE = (
    "Run the service on Linux 5.13 or later (x86_64 or aarch64) with Landlock and seccomp turned "
    "on; in a container, keep the default seccomp profile. On your own computer, for models that "
    "you trust, ABM_SANDBOX=none runs code without confinement."
)
UNCONFINED = (
    "ABM_SANDBOX=none: models run unconfined, with the rights of the service. Use it only on your "
    "own computer and for models that you trust."
)


def make_sandbox(mode: str, *, warm: str | None = None) -> Sandbox:
    """Give the sandbox of a mode: `auto` confines or refuses, `none` runs code unconfined.

    `warm` names the target of a run that will come soon; what it needs is then loaded meanwhile.
    A sandbox is always given; where the machine cannot confine code, its report says why and
    its `run` raises SandboxUnavailable. An unknown mode raises SandboxUnavailable at once.
    """
    if mode not in MODES:
        known = " or ".join(MODES)
        raise SandboxUnavailable(f"ABM_SANDBOX must be {known}, not {mode!r}.")
    remove_left_folders()
    return MODES[mode](warm)


def _confined(warm: str | None) -> Sandbox:
    if warm in RUNNABLE_TARGETS and sys.platform == "linux":
        launcher().warm_up(warm)
    report = probe()
    if not report.available:
        log.error("sandbox unavailable: models are not run", reason=report.reason)
    return ProcessSandbox(report, launcher().start)


def _unconfined(_: str | None) -> Sandbox:
    log.warning("sandbox off: models run with all rights of the service", hint=UNCONFINED)
    return ProcessSandbox(SandboxReport(level="none", reason=UNCONFINED), FreshChild)


MODES: dict[str, Callable[[str | None], Sandbox]] = {"auto": _confined, "none": _unconfined}
"""By the value of ABM_SANDBOX."""


@functools.cache
def launcher() -> Launcher:
    """Give the one launcher of this process: what it starts is dear, and serves all."""
    return Launcher()


@functools.cache
def probe() -> SandboxReport:
    """Give what this machine can enforce, found out once, in a throw-away process."""
    with tempfile.TemporaryDirectory(prefix="abm-probe-") as name:
        folder = Path(name)
        command = [*python_command("abm_quant.running.confinement"), name]
        try:
            done = subprocess.run(
                command,
                env=environment(folder),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PROBE_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as failure:
            return _refused(f"the probe did not run ({failure})")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return _refused(f"the probe ended with status {done.returncode}")
    if answer["missing"]:
        return _refused(answer["missing"])
    return SandboxReport(level="kernel", layers=tuple(answer["layers"]))


def _refused(why: str) -> SandboxReport:
    reason = f"This machine cannot confine the code of models: {why}. {HOW_TO_ENABLE}"
    return SandboxReport(level="kernel", available=False, reason=reason)

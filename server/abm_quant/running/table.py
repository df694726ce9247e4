"""Chooses the sandbox: what the machine can enforce, or nothing where the operator says so."""

import functools
import json
import subprocess
import tempfile
from pathlib import Path

import structlog

from abm_quant.contracts.jobs import SandboxReport
from abm_quant.errors import SandboxUnavailable
from abm_quant.running.admission import Admission
from abm_quant.running.child import environment, python_command, remove_left_folders
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.conversation.jobs import RUNNABLE_TARGETS
from abm_quant.running.fresh import FreshChild
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
MODES = ("auto", *LEVELS, "none")
"""The values of ABM_SANDBOX."""


def make_sandbox(
    mode: str, *, warm: str | None = None, admission: Admission | None = None
) -> Sandbox:
    """Give the sandbox of a mode: `auto` takes the strongest level that holds here, or refuses.

    The name of a level (levels.py) takes that one, or refuses; `none` runs code unconfined.
    `warm` names the target of a run that will come soon; what it needs is then loaded meanwhile.
    `admission` decides when each run may begin; by default the one that all of the process share.
    A sandbox is always given; where the machine cannot confine code, its report says why and
    its `run` raises SandboxUnavailable. An unknown mode raises SandboxUnavailable at once.
    """
    if mode not in MODES:
        known = ", ".join(MODES[:-1])
        raise SandboxUnavailable(f"ABM_SANDBOX must be {known} or none, not {mode!r}.")
    remove_left_folders()
    if mode == "none":
        log.warning("sandbox off: models run with all rights of the service", hint=UNCONFINED)
        unconfined = SandboxReport(level="none", reason=UNCONFINED)
        return ProcessSandbox(unconfined, FreshChild, admission=admission)
    report = choose(tuple(LEVELS) if mode == "auto" else (mode,))
    if not report.available:
        log.error("sandbox unavailable: models are not run", reason=report.reason)
    starter = launcher(report.level)
    if report.available and warm in RUNNABLE_TARGETS:
        starter.warm_up(warm)
    return ProcessSandbox(report, starter.start, admission=admission)


def choose(names: tuple[str, ...]) -> SandboxReport:
    """Give the report of the first level that holds; of none, with the reasons, where none does."""
    failures: list[str] = []
    for name in names:
        report = probe(name)
        if report.available:
            weaker = f"Stronger levels are not possible here: {'; '.join(failures)}."
            return report.model_copy(update={"reason": weaker if failures else ""})
        failures.append(f"{name}: {report.reason}")
    reason = f"This machine cannot confine the code of models ({'; '.join(failures)}). "
    return SandboxReport(level=names[-1], available=False, reason=reason + HOW_TO_ENABLE)


@functools.cache
def launcher(level: str) -> Launcher:
    """Give the one launcher of this process for a level: what it starts is dear, and serves all."""
    return Launcher(LEVELS[level])


@functools.cache
def probe(level: str) -> SandboxReport:
    """Give what a level enforces on this machine, found out once, in a throw-away process."""
    with tempfile.TemporaryDirectory(prefix="abm-probe-") as name:
        folder = Path(name).resolve()
        command = [*python_command("abm_quant.running.confining.selftest"), level, str(folder)]
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
            return _refused(level, f"the probe did not run ({failure})")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return _refused(level, f"the probe ended with status {done.returncode}")
    if answer["missing"]:
        return _refused(level, answer["missing"])
    return SandboxReport(level=level, layers=tuple(answer["layers"]))


def _refused(level: str, why: str) -> SandboxReport:
    return SandboxReport(level=level, available=False, reason=why)

"""Layers are switched off one by one: the service steps down as documented or refuses, and says so.

Machines are emulated by what lacking.py takes away before the service starts, or while it runs.
"""

import asyncio
import json
import os
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

import abm_quant
from abm_quant.errors import SandboxUnavailable
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.process import ProcessSandbox
from abm_quant.running.warm import Launcher
from lacking import take_away
from sandboxed import confined, result, walkers

pytestmark = [
    pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of system calls"),
    pytest.mark.skipif(os.geteuid() != 0, reason="what is taken away is a right of root"),
]
TESTS = Path(__file__).parents[1]
NOT_PERMITTED, NO_MEMORY, NO_SPACE, NOT_KNOWN = 1, 12, 28, 38
NO_LANDLOCK = {
    "landlock_create_ruleset": NOT_KNOWN,
    "landlock_add_rule": NOT_KNOWN,
    "landlock_restrict_self": NOT_KNOWN,
}
DOCKER = {"unshare": NOT_PERMITTED, "mount": NOT_PERMITTED, "setns": NOT_PERMITTED, "clone3": 38}
SET_UID, SET_GID, SYS_PTRACE = 7, 6, 19

MACHINES: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing is missing": ({}, "full", ""),
    "no namespaces are permitted": ({"deny": {"unshare": NOT_PERMITTED}}, "kernel", "full: "),
    "no more namespaces are left": ({"deny": {"unshare": NO_SPACE}}, "kernel", "No space left"),
    "no memory for namespaces": ({"deny": {"unshare": NO_MEMORY}}, "kernel", "Cannot allocate"),
    "Docker's default profile": ({"deny": DOCKER}, "kernel", "unshare"),
    "nothing can be mounted": ({"deny": {"mount": NOT_PERMITTED}}, "kernel", "mount"),
    "the root cannot be changed": ({"deny": {"pivot_root": NOT_PERMITTED}}, "kernel", "pivot_root"),
    "no other user can be become": ({"deny": {"setresuid": 1}}, "kernel", "full: "),
    "root without the right to change users": ({"no_rights": (SET_UID, SET_GID)}, "full", ""),
    "a kernel without Landlock": ({"deny": NO_LANDLOCK}, "noopen", "no Landlock"),
    "Landlock that cannot be put in force": (
        {"deny": {"landlock_restrict_self": NOT_PERMITTED}},
        "noopen",
        "Landlock restrict",
    ),
    "neither namespaces nor Landlock": ({"deny": DOCKER | NO_LANDLOCK}, "noopen", "full: "),
    "no seccomp": ({"no_seccomp": True}, "", "seccomp"),
    "limits cannot be set": ({"deny": {"prlimit64": NOT_PERMITTED}}, "", "Operation not permitted"),
    "capabilities cannot be dropped": ({"deny": {"capset": NOT_PERMITTED}}, "", "capset"),
    "/proc hides other processes, from root": ({"hidepid": True}, "full", ""),
    "/proc hides other processes": (
        {"hidepid": True, "no_rights": (SYS_PTRACE,)},
        "",
        "/proc does not show",
    ),
    "/proc is hidden": ({"hidden_proc": True}, "", "/proc does not show"),
}
"""By machine: what it lacks, the level of runs there ("" for none), and a part of the reason."""

SERVICE = """
import asyncio, json
from abm_quant.errors import SandboxUnavailable
from abm_quant.running.table import make_sandbox
from sandboxed import result, walkers

sandbox = make_sandbox("auto")
told = {"level": sandbox.report.level if sandbox.report.available else ""}
told |= {"reason": sandbox.report.reason, "layers": sandbox.report.layers}
try:
    outcome = asyncio.run(result(walkers(), sandbox))
    told |= {"run": outcome.sandbox.level, "finished": outcome.finished}
except SandboxUnavailable as refusal:
    told |= {"run": "", "refusal": str(refusal)}
print("TOLD", json.dumps(told))
"""


def command(lacking: dict[str, Any], *arguments: str) -> list[str]:
    """Give the command that starts Python on a machine that lacks something."""
    return [
        sys.executable,
        str(TESTS / "lacking.py"),
        json.dumps(lacking),
        sys.executable,
        *arguments,
    ]


def variables(**more: str) -> dict[str, str]:
    """Give the environment of a service."""
    paths = [str(Path(abm_quant.__file__).parents[1]), str(TESTS)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **more}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_service_steps_down_or_refuses_and_says_so(machine: str) -> None:
    lacking, level, reason = MACHINES[machine]
    done = subprocess.run(
        command(lacking, "-c", SERVICE), env=variables(), capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout.rpartition("TOLD ")[2])
    assert (told["level"], told["run"]) == (level, level)
    assert reason in told["reason"]
    assert bool(told["reason"]) == (level not in ("", "full") or not level)
    assert told.get("finished", False) == bool(level)
    if not level:
        assert told["refusal"] == told["reason"]
        assert "sandbox unavailable" in done.stdout + done.stderr
    if machine.startswith("root without"):
        assert not any(each.startswith("own user") for each in told["layers"])


DOORS: dict[str, tuple[dict[str, Any], int, str, int]] = {
    "a kernel without Landlock": ({"deny": NO_LANDLOCK}, 200, "noopen", 200),
    "no seccomp": ({"no_seccomp": True}, 503, "This machine cannot confine", 503),
}
"""By machine: what it lacks, the status of /ready with a part of its text, the status of a run."""


@pytest.mark.parametrize("machine", DOORS)
def test_the_door_says_what_is_enforced(machine: str, tmp_path: Path) -> None:
    lacking, status, text, of_a_run = DOORS[machine]
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    arguments = command(lacking, "-m", "abm_quant", "serve", "--port", str(port))
    log = (tmp_path / "log").open("w+")
    with (
        log,
        subprocess.Popen(
            arguments, env=variables(ABM_DATA_DIR=str(tmp_path)), stderr=log
        ) as service,
    ):
        try:
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                ready = answered(client)
                model = client.get("/api/v1/gallery/sir-network").json()["model"]
                job = {"model": model, "seed": 1, "steps": 1}
                run = client.post("/api/v1/runs", json=job, headers={"Prefer": "wait=30"})
        finally:
            service.terminate()
        service.wait(30)
        log.seek(0)
        assert ("sandbox unavailable" in log.read()) == (status == 503)
    assert ready.status_code == status
    assert text in ready.text
    assert run.status_code == of_a_run
    assert text in run.text


def answered(client: httpx2.Client) -> httpx2.Response:
    """Give the answer of /ready, once the service listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return client.get("/ready")
        except httpx2.ConnectError:
            time.sleep(0.1)
    raise TimeoutError("the service did not start")


LATER = {
    "namespaces are no more permitted": ("full", {"deny": {"unshare": NOT_PERMITTED}}, "unshare"),
    "namespaces find no more memory": ("full", {"deny": {"unshare": NO_MEMORY}}, "unshare"),
    "nothing can be mounted any more": ("full", {"deny": {"mount": NOT_PERMITTED}}, "mount"),
    "no other user can be become any more": ("full", {"deny": {"setresuid": 1}}, "not permitted"),
    "Landlock is gone": ("kernel", {"deny": NO_LANDLOCK}, "no Landlock"),
    "Landlock is not put in force any more": (
        "kernel",
        {"deny": {"landlock_restrict_self": NOT_PERMITTED}},
        "Landlock restrict",
    ),
    "seccomp is gone": ("noopen", {"no_seccomp": True}, "seccomp"),
    "limits cannot be set any more": ("noopen", {"deny": {"prlimit64": 1}}, "not permitted"),
}
"""By what happens after the start: the level of the service, what is gone, and a part of the reason."""


@pytest.mark.parametrize("event", LATER)
def test_a_run_is_refused_whose_layer_is_gone_since_the_start(event: str) -> None:
    level, lacking, reason = LATER[event]
    report = confined(level).report  # found out while all was there
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            take_away(**lacking)
            sandbox = ProcessSandbox(report, Launcher(LEVELS[level]).start)
            outcome = asyncio.run(result(walkers(steps=1), sandbox))
            os.write(writer, f"it ran: {outcome.finished}".encode())
        except SandboxUnavailable as refusal:
            os.write(writer, f"refused: {refusal}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader) as told:
        text = told.read()
    os.waitpid(child, 0)
    assert text.startswith("refused: ")
    assert reason in text

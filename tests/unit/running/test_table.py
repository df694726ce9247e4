"""Which sandbox is made, and what it says where the machine cannot confine."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

import abm_quant
from abm_quant.errors import SandboxUnavailable
from abm_quant.running import table
from sandboxed import program, result, walkers


@pytest.fixture
def fresh_probe() -> Iterator[None]:
    """Forget what was probed, before and after."""
    table.probe.cache_clear()
    yield
    table.probe.cache_clear()


OWN_USER = ["own user"] if os.geteuid() == 0 else []
"""Only a service that runs as root can give its runs a user of their own."""


@pytest.mark.parametrize(
    ("level", "layers"),
    [
        ("full", ["namespaces", *OWN_USER, "Landlock", "seccomp", "limits"]),
        ("kernel", ["Landlock", "seccomp", "limits"]),
        ("noopen", ["seccomp: opening any file", "seccomp", "limits"]),
    ],
)
def test_this_machine_confines_at_every_level(level: str, layers: list[str]) -> None:
    report = table.make_sandbox(level).report
    assert (report.level, report.available) == (level, True)
    for layer in layers:
        assert any(each.startswith(layer) for each in report.layers)


def test_the_strongest_level_is_chosen() -> None:
    report = table.make_sandbox("auto").report
    assert (report.level, report.reason) == ("full", "")


DENYING = """
import asyncio, ctypes, json, struct, sys
import abm_quant
from abm_quant.errors import SandboxUnavailable
from abm_quant.running.confining import seccomp
from abm_quant.running.table import make_sandbox
from sandboxed import result, walkers

def part(code, constant, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, constant)

DENY = part(0x06, 0x00050001)
filter = part(0x20, 0)
for number in json.loads(sys.argv[1]):
    filter += part(0x15, number, 0, 1) + DENY
if sys.argv[2] == "no-seccomp":
    filter += part(0x15, 157, 0, 3) + part(0x20, 16) + part(0x15, 22, 0, 1) + DENY
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
seccomp.install(filter + part(0x06, 0x7FFF0000))
sandbox = make_sandbox("auto")
try:
    print(asyncio.run(result(walkers(), sandbox)).sandbox.level)
except SandboxUnavailable as refusal:
    print(refusal)
"""
"""A service in a container whose profile denies some system calls."""


@pytest.mark.parametrize(
    ("denied", "seccomp", "expected"),
    [
        ([272], "seccomp", "kernel\n"),
        ([165], "seccomp", "kernel\n"),
        ([272, 444], "seccomp", "noopen\n"),
        ([272, 444], "no-seccomp", "This machine cannot confine the code of models"),
    ],
)
@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of system calls")
def test_without_a_layer_the_service_steps_down_or_refuses(
    denied: list[int], seccomp: str, expected: str
) -> None:
    paths = [str(Path(abm_quant.__file__).parents[1]), str(Path(__file__).parents[2])]
    command = [sys.executable, "-c", DENYING, json.dumps(denied), seccomp]
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert expected in done.stdout


@pytest.mark.usefixtures("fresh_probe")
def test_a_level_that_lets_an_attack_through_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        missing = "these stayed possible: a UDP socket" if command[-2] == "full" else ""
        answer = json.dumps({"layers": ["x"], "missing": missing}).encode()
        return subprocess.CompletedProcess([], 0, stdout=answer)

    monkeypatch.setattr(subprocess, "run", run)
    report = table.make_sandbox("auto").report
    assert (report.level, report.available) == ("kernel", True)
    assert "full: these stayed possible: a UDP socket" in report.reason
    assert not table.make_sandbox("full").report.available


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b'{"layers": [], "missing": "the kernel offers no Landlock"}', "no Landlock"),
        (b'{"layers": ["x"], "missing": "these stayed possible: opening a socket"}', "a socket"),
        (b"", "status 1"),
    ],
)
@pytest.mark.usefixtures("fresh_probe")
async def test_a_machine_that_cannot_confine_refuses_and_says_how_to_enable_it(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, why: str
) -> None:
    done = subprocess.CompletedProcess([], 1, stdout=answer)

    def run(*_: Any, **__: Any) -> subprocess.CompletedProcess[bytes]:
        return done

    monkeypatch.setattr(subprocess, "run", run)
    with structlog.testing.capture_logs() as logs:
        sandbox = table.make_sandbox("auto")
    assert [log["log_level"] for log in logs] == ["error"]
    assert not sandbox.report.available
    with pytest.raises(SandboxUnavailable) as refusal:
        await result(walkers(), sandbox)
    for part in (why, "Linux 5.13", "Landlock", "seccomp", "ABM_SANDBOX=none"):
        assert part in str(refusal.value)


async def test_without_confinement_runs_are_logged_and_stamped() -> None:
    with structlog.testing.capture_logs() as logs:
        sandbox = table.make_sandbox("none")
    assert [log["log_level"] for log in logs] == ["warning"]
    code = "def act(model):\n    return len(open('/etc/passwd').read()) > 0"
    outcome = await result(program(code), sandbox)
    assert outcome.model["value"] == [None, True]
    assert outcome.sandbox is not None
    assert (outcome.sandbox.level, outcome.sandbox.layers) == ("none", ())
    assert "unconfined" in outcome.sandbox.reason


async def test_limits_hold_without_confinement() -> None:
    code = "def act(model):\n    return len(bytearray(2**30))"
    outcome = await result(program(code), table.make_sandbox("none"))
    assert outcome.failure == "memory"


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(SandboxUnavailable, match="auto, full, kernel, noopen or none"):
        table.make_sandbox("docker")


def test_folders_of_a_killed_service_are_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("abm-run-old", "abm-run-new", "other"):
        (tmp_path / name).mkdir()
    two_days_ago = time.time() - 2 * 24 * 3600
    for name in ("abm-run-old", "other"):
        os.utime(tmp_path / name, (two_days_ago, two_days_ago))
    table.make_sandbox("none")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["abm-run-new", "other"]

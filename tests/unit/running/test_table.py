"""Which sandbox is made, and what it says where the machine cannot confine."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from abm_quant.errors import SandboxUnavailable
from abm_quant.running import table
from sandboxed import program, result, walkers


@pytest.fixture
def fresh_probe() -> Iterator[None]:
    """Forget what was probed, before and after."""
    table.probe.cache_clear()
    yield
    table.probe.cache_clear()


def test_this_machine_confines() -> None:
    report = table.make_sandbox("auto").report
    assert report.available and report.level == "kernel"
    assert any("seccomp" in layer for layer in report.layers)
    assert any("Landlock" in layer for layer in report.layers)


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
    with pytest.raises(SandboxUnavailable, match="auto or none"):
        table.make_sandbox("docker")


def test_folders_of_a_killed_service_are_removed_after_a_day(
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

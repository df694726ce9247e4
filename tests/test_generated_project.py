"""A downloaded project works with its own requirements and nothing of ours."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gallery_runs import compiled

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SIR project as it is downloaded."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in compiled("sir-network").bundle.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def python(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the project's requirements."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted = ["-r", project / "requirements.txt", "-c", ROOT / "requirements.lock"]
    subprocess.run([*pip, *wanted], check=True, capture_output=True)
    return python


def run(python: Path, project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [python, "-W", "ignore", *arguments],
        cwd=project,
        env=environment | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
    )


def test_nothing_of_ours_is_installed(python: Path, project: Path) -> None:
    assert "No module named 'abm_quant'" in run(python, project, "-c", "import abm_quant").stderr


def test_run_py_writes_the_tracked_variables(python: Path, project: Path) -> None:
    command = ("run.py", "--steps", "100", "--seed", "1", "--csv", "out.csv")
    done = run(python, project, *command)
    assert done.returncode == 0, done.stderr
    first = (project / "out.csv").read_bytes()
    rows = list(csv.DictReader(first.decode().splitlines()))
    assert [int(row["step"]) for row in rows] == list(range(len(rows)))
    states = ("susceptible_count", "infected_count", "recovered_count")
    assert {sum(int(row[name]) for name in states) for row in rows} == {500}
    assert len(rows) > 30
    assert run(python, project, *command).returncode == 0
    assert (project / "out.csv").read_bytes() == first


def test_its_parameters_are_options(python: Path, project: Path) -> None:
    command = ("run.py", "--steps", "1", "--seed", "1", "--population", "60", "--csv", "small.csv")
    assert run(python, project, *command).returncode == 0
    last = (project / "small.csv").read_text().splitlines()[-1]
    assert last.split(",")[-1] == "60"
    assert "--infection-probability" in run(python, project, "run.py", "--help").stdout
    assert "invalid int value" in run(python, project, "run.py", "--population", "few").stderr


def test_its_page_builds(python: Path, project: Path) -> None:
    done = run(python, project, "-c", "import app; print(type(app.page).__name__)")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()

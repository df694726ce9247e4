"""The gallery's generated projects are those in tests/golden; `make golden` rewrites them."""

import subprocess
import sys
from pathlib import Path

import pytest

from abm_quant.compiling.verify import verify
from golden_tool import GOLDEN, examples, generated, projects

CASES = [(name, target) for name, target, _ in projects()]


@pytest.mark.parametrize(("name", "target"), CASES)
def test_the_project_is_the_golden_one(name: str, target: str) -> None:
    files = generated(examples()[name], target).files
    folder = GOLDEN / name / target
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    for file, text in files.items():
        assert (folder / file).read_text(encoding="utf-8") == text, f"{file}: run `make golden`"


def test_nothing_golden_is_left_over() -> None:
    found = {(path.parent.name, path.name) for path in GOLDEN.glob("*/*") if path.is_dir()}
    assert found == set(CASES)


@pytest.mark.parametrize(("name", "target"), CASES)
def test_the_project_passes_ruff(name: str, target: str) -> None:
    # In the project's folder, as its owner would: `model` is the owner's own module there.
    check("ruff", "check", "--isolated", "--no-cache", ".", folder=GOLDEN / name / target)


def test_the_projects_are_formatted(tmp_path: Path) -> None:
    defaults = tmp_path / "defaults.toml"
    defaults.write_text("")
    files = sorted(str(path) for path in GOLDEN.glob("*/*/*.py"))
    check("black", "--check", "--quiet", "--config", str(defaults), *files, folder=tmp_path)


@pytest.mark.parametrize("case", [CASES[0], CASES[1]], ids=lambda case: case[1])
def test_a_project_passes_mypy(tmp_path: Path, case: tuple[str, str]) -> None:
    # Frameworks have no type information: the one thing that mypy's defaults object to.
    options = ["--ignore-missing-imports", "--config-file=", "--cache-dir", str(tmp_path)]
    check("mypy", *options, "run.py", folder=GOLDEN.joinpath(*case))


def check(tool: str, *arguments: str, folder: Path) -> None:
    command = [sys.executable, "-m", tool, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "target"), CASES)
def test_the_model_passes_verification(name: str, target: str) -> None:
    bundle = generated(examples()[name], target)
    assert verify(bundle) is bundle

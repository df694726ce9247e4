"""The package works four ways: from the checkout, editable, as a wheel and as an sdist.

The environments are new and get only the package itself by installing; the dependencies are lent
to them from the environment of the tests.
"""

import hashlib
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from abm_quant.version import __version__

ROOT = Path(__file__).parents[1]
WHEEL = f"abm_quant-{__version__}-py3-none-any.whl"


def call(*command, cwd):
    """Run a command to its end and give its output."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    command = [str(part) for part in command]
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(kind, source, folder):
    """Build a distribution without fetching anything."""
    call(
        sys.executable,
        "-m",
        "build",
        kind,
        "--no-isolation",
        "--outdir",
        folder,
        source,
        cwd=folder,
    )


def new_environment(folder):
    """Make an environment that can import the dependencies; give its python."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    its_packages = Path(call(python, "-c", code, cwd=folder).strip())
    (its_packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def install(python, *arguments, cwd):
    """Install with pip into another environment, without its dependencies."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    options = ["install", "--no-deps", "--no-index", "--no-build-isolation"]
    call(*pip, "--python", python, *options, *arguments, cwd=cwd)


def assert_works(python, folder, *, package):
    """Check that `abm` answers and compiles there, and that the package lies where it must."""
    code = "import abm_quant.version as v; print(v.__file__)"
    assert Path(call(python, "-c", code, cwd=folder).strip()).is_relative_to(package)
    abm = python.with_name("abm")
    assert call(abm, "--version", cwd=folder) == f"abm {__version__}\n"
    call(abm, "compile", "gallery:sir-network", "--target", "mesa", "-o", "sir", cwd=folder)
    made = {file.name for file in (folder / "sir").iterdir()}
    assert {"model.py", "run.py", "app.py", "spec.json", "ODD.md", "README.md"} <= made


def contents(wheel):
    """Give the hash of each file of a wheel, without the list of hashes itself."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/RECORD")]
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build("--wheel", ROOT, folder)
    return folder / WHEEL


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel):
    names = list(contents(wheel))
    folders = {name.split("/")[0] for name in names}
    assert folders == {"abm_quant", f"abm_quant-{__version__}.dist-info"}
    for data in ("schemas", "templates"):
        files = [file for file in (ROOT / data).rglob("*") if file.is_file()]
        expected = {f"abm_quant/_data/{file.relative_to(ROOT)}" for file in files}
        assert expected <= set(names)
    assert "abm_quant/py.typed" in names


def test_the_wheel_works_in_a_new_environment(wheel, tmp_path):
    python = new_environment(tmp_path / "env")
    install(python, wheel, cwd=tmp_path)
    assert_works(python, tmp_path, package=tmp_path / "env")


def test_the_sdist_builds_the_same_wheel(wheel, tmp_path):
    build("--sdist", ROOT, tmp_path)
    with tarfile.open(tmp_path / f"abm_quant-{__version__}.tar.gz") as archive:
        # Python before 3.11.4 knows no filters.
        known = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(tmp_path, **known)
    unpacked = tmp_path / f"abm_quant-{__version__}"
    build("--wheel", unpacked, tmp_path)
    assert contents(tmp_path / WHEEL) == contents(wheel)


def test_an_editable_install_runs_the_checkout(tmp_path):
    python = new_environment(tmp_path / "env")
    install(python, "--editable", ROOT, cwd=tmp_path)
    assert_works(python, tmp_path, package=ROOT / "server")


def test_the_lock_covers_every_declared_dependency_and_names_no_index():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    declared = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = {line.split("==")[0] for line in lock.splitlines() if "==" in line}
    names = {re.split(r"[\[<>=]", line)[0].lower() for line in declared}
    assert names - locked == set()
    assert "://" not in lock

"""Older kernels know less of Landlock; what they let through, the filter of system calls denies."""

import subprocess
import sys
from pathlib import Path

import pytest

import abm_quant

EMPTY_IT = """
import contextlib, os, sys
from abm_quant.running import confinement
from abm_quant.running.confining import landlock, seccomp

no_new_privileges = 38
confinement._control(no_new_privileges, 1)
landlock.Ruleset(int(sys.argv[1])).restrict()
if sys.argv[2] == "filtered":
    seccomp.install(seccomp.program(os.getpid()))
with contextlib.suppress(PermissionError):
    os.open(sys.argv[3], os.O_ACCMODE | os.O_TRUNC)
"""


@pytest.mark.parametrize(
    ("version", "filtered", "left"),
    [(2, "", ""), (2, "filtered", "secret"), (3, "", "secret"), (3, "filtered", "secret")],
)
def test_a_file_outside_is_not_emptied_by_opening_it_for_neither(
    version: int, filtered: str, left: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    command = [sys.executable, "-c", EMPTY_IT, str(version), filtered, str(secret)]
    environment = {"PYTHONPATH": str(Path(abm_quant.__file__).parents[1])}
    subprocess.run(command, env=environment, check=True, timeout=30)
    assert secret.read_text() == left

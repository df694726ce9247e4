"""What is seen of the file system in namespaces of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from abm_quant.running.child import environment

LOOK = """
import json, os, sys
from pathlib import Path
from abm_quant.running.confining import namespaces

shown, hidden, scratch = map(Path, sys.argv[1:])
namespaces.enter()
if os.fork() == 0:
    descriptor = os.open(shown, os.O_PATH)
    namespaces.hide_files([(shown, descriptor)], os.open(scratch, os.O_PATH | os.O_DIRECTORY))
    seen = [shown.joinpath("module.py").read_text(), hidden.exists()]
    print(json.dumps([*seen, shown.parent.stat().st_mtime_ns]), flush=True)
    os._exit(0)
os.wait()
"""


def test_libraries_below_the_folder_of_temporary_files_are_seen(tmp_path: Path) -> None:
    """The new root is built over that folder, whatever is installed there."""
    shown, hidden, scratch = (tmp_path / each for each in ("libraries/a", "hidden", "scratch"))
    for folder in (shown, hidden, scratch):
        folder.mkdir(parents=True)
    shown.joinpath("module.py").write_text("kept = 1")
    command = [sys.executable, "-c", LOOK, *map(str, (shown, hidden, scratch))]
    done = subprocess.run(
        command, env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    if "unshare" in done.stderr:
        pytest.skip("this machine makes no namespaces")
    time_ns = shown.parent.stat().st_mtime_ns
    assert done.stdout == f'["kept = 1", false, {time_ns}]\n', done.stderr

"""The Dockerfile and its shell steps. It cannot be built in a test, but it can be read and tried."""

import http.server
import json
import re
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def instructions():
    """Give (instruction, argument) of the Dockerfile in order, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(" ", 1)) for line in joined.splitlines() if line.strip()]


def arguments(name):
    """Give the arguments of every instruction of one kind."""
    return [argument for instruction, argument in instructions() if instruction == name]


def test_it_is_built_in_stages_from_a_fixed_python():
    images = [argument.split(" AS ") for argument in arguments("FROM")]
    assert len(images) == 2
    for image, *_ in images:
        assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", image)


def test_the_service_does_not_run_as_root():
    last_stage = instructions()[[name for name, _ in instructions()].index("FROM", 1) :]
    (user,) = [argument for name, argument in last_stage if name == "USER"]
    assert user == "abm"
    names = [name for name, _ in last_stage]
    assert names.index("USER") < names.index("CMD")
    assert "ABM_HOST=0.0.0.0" in " ".join(arguments("ENV"))


def test_only_what_is_needed_is_copied_and_all_of_it_exists():
    copied = {source for each in arguments("COPY") for source in each.split()[:-1]}
    ours = {source for source in copied if not source.startswith(("--", "/opt"))}
    assert "." not in ours
    assert ours == {
        "pyproject.toml",
        "requirements.lock",
        "README.md",
        "CHANGELOG.md",
        "server",
        "schemas",
        "templates",
    }
    assert [name for name in ours if not (ROOT / name).exists()] == []
    allowed = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {line.removeprefix("!") for line in allowed if line.startswith("!")} == ours


@pytest.mark.parametrize("step", [argument for argument in arguments("RUN")])
def test_every_step_is_a_shell_command(step):
    done = subprocess.run(["sh", "-n", "-c", step], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_step_that_lists_the_dependencies_lists_them(tmp_path):
    (step,) = [
        step for step in arguments("RUN") if "dependencies.txt" in step and "tomllib" in step
    ]
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    subprocess.run(["sh", "-c", step], cwd=tmp_path, env={"PATH": path}, check=True)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = (tmp_path / "dependencies.txt").read_text().splitlines()
    assert listed == declared["project"]["dependencies"]


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_the_service(status, healthy):
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    (check,) = arguments("HEALTHCHECK")
    command = json.loads(check[check.index("[") :])
    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        environment = {"ABM_PORT": str(server.server_port)}
        done = subprocess.run(
            [sys.executable, *command[1:]], env=environment, capture_output=True, timeout=30
        )
    assert asked == ["/health"]
    assert (done.returncode == 0) is healthy

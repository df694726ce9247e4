"""The README is true: its commands run and print what it shows, and its tables are complete.

In a shown output, … stands for anything. Blocks marked `console` and `curl` hold commands after a
dollar sign, each followed by its output; all of them run one after the other in one folder.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from abm_quant.__main__ import COMMANDS
from abm_quant.api import commands
from abm_quant.api.app import create_app
from abm_quant.contracts.events import Event
from abm_quant.contracts.problems import CODES
from abm_quant.settings import Settings, load_settings, settings_table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PORT = "3001"


def blocks(kind):
    """Give the text of each fenced block of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def examples(kind):
    """Give (command, shown output) of each example in the blocks of a kind."""
    for block in blocks(kind):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = example.partition("\n")
            yield command, shown


def matches(shown, printed):
    """Whether an output is what the README shows, at whatever level the sandbox is here."""
    printed = re.sub(r"Sandbox: \w+\.", "Sandbox: full.", printed)
    lines = [line.rstrip() for line in printed.splitlines()]
    pattern = "[\\s\\S]*?".join(re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(pattern, "\n".join(lines).strip()) is not None


def environment(folder):
    """Give the variables with which the examples run."""
    variables = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return variables | {"PATH": path, "ABM_DATA_DIR": str(folder / "data")}


def shell(command, folder):
    """Run a command as a reader would, and give what it prints on standard output."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert not re.search("Traceback|a fault of abm", done.stderr), done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("reader")


def test_the_demo_prints_what_is_shown(folder):
    (shown,) = blocks("demo")
    command = f"make --no-print-directory -C {ROOT} -o .venv/.installed demo DEMO={folder}/demo"
    printed = shell(f"{command} BIN={Path(sys.executable).parent}", folder)
    assert matches(shown + "…", printed.replace(str(folder), "generated")), printed
    made = {file.name for file in (folder / "demo").iterdir()}
    assert {"model.py", "run.py", "app.py", "ODD.md", "spec.json", "plot.png"} <= made


def test_the_console_examples_print_what_is_shown(folder):
    for command, shown in examples("console"):
        printed = shell(command, folder)
        assert matches(shown, printed), f"$ {command}\n{printed}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def port(folder):
    """Serve on a free port as long as a test needs it."""
    port = free_port()
    command = [sys.executable, "-m", "abm_quant", "serve", "--port", port]
    with subprocess.Popen(
        command, cwd=folder, env=environment(folder), stderr=subprocess.DEVNULL
    ) as service:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        yield port
        service.terminate()


def test_the_requests_are_answered_as_shown(folder, port):
    shell("abm gallery sir-network --json > sir.json", folder)
    for command, shown in examples("curl"):
        assert f"localhost:{PORT}/" in command
        printed = shell(command.replace(f"localhost:{PORT}", f"localhost:{port}"), folder)
        assert matches(shown, printed), f"$ {command}\n{printed}"


def test_every_command_of_the_command_line_is_shown():
    for name in COMMANDS:
        assert f"abm {name}" in README, name


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^ {4})make ([a-z]+)", README + CONTRIBUTING, re.MULTILINE))
    assert {"demo", "test", "install", "serve"} <= named
    assert named - targets == set()


def test_make_lists_every_target():
    command = ["make", "--no-print-directory"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [line.split()[1] for line in printed.splitlines()] == targets


def rows(heading):
    """Give the cells of each row of the first table under a heading."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_setting_is_documented_with_its_default_and_meaning():
    expected = [[f"`{n}`", f"`{d}`" if d else "none", text] for n, d, text in settings_table()]
    assert rows("Settings") == expected
    for field in Settings.model_fields.values():
        for choice in getattr(field.validation_alias, "choices", []):
            assert f"`{choice}`" in README


def test_every_route_is_in_the_table(tmp_path):
    table = README.split("\n| route | what it does |\n")[1].split("\n\n")[0]
    cells = [line.split(" | ")[0] for line in table.splitlines()]
    named = [re.sub(r"\?.*|[A-Z]+ ", "", each) for cell in cells for each in cell.split("`")]
    routes = create_app(load_settings(data_dir=tmp_path)).openapi()["paths"]
    assert len(routes) > 15
    for route in routes:
        shown = [each for each in named if each.startswith("/") and route.endswith(each)]
        assert shown, f"{route} is not in the README's table of routes"


def test_every_event_and_every_command_of_a_stream_is_documented():
    section = README.split("\n### Watching and steering a run\n")[1].split("\n#")[0]
    events = re.findall(r'"type":"([a-z-]+)"|`([a-z]+-[a-z]+)`', section)
    told = {name for pair in events for name in pair if name}
    assert {
        each.model_fields["type"].default
        for each in Event.__subclasses__()
        if "type" in each.model_fields
    } <= told
    for name, command in commands.COMMANDS.items():
        shown = re.findall(rf'`({{"type": "{name}".*?}})`', section)
        assert shown, name
        for each in shown:
            assert isinstance(commands.read_command(json.loads(each)), command)


def test_every_problem_code_is_documented_with_its_severity_and_meaning():
    assert rows("Problem codes") == [
        [f"`{code}`", row.severity, row.meaning] for code, row in CODES.items()
    ]


def test_every_link_and_file_that_is_named_exists():
    for target in re.findall(r"\]\(([^)#:]+)\)", README + CONTRIBUTING):
        assert (ROOT / target).exists(), target
    package = ROOT / "server" / "abm_quant"
    for name in re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", CONTRIBUTING):
        assert (package / name).exists() or (ROOT / name).exists(), name


def test_the_layers_are_drawn_as_they_are_tested():
    architecture = (ROOT / "tests" / "test_architecture.py").read_text("utf-8")
    drawn = re.search(r"^    __main__ >.*?\n\n", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    lines = [line.split() for line in drawn[0].replace("\n", " ").split(">")]
    tested = re.search(r"^LAYERS = \((.*?)^\)", architecture, re.MULTILINE | re.DOTALL)[1]
    order = [re.findall(r'"(\w+)"', line) for line in tested.splitlines() if line.strip()]
    present = {path.stem for path in (ROOT / "server" / "abm_quant").iterdir()}
    assert lines == [kept for line in order if (kept := [n for n in line if n in present])]

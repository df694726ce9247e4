"""The command line as a whole: loading, exit codes, and failures in words."""

import subprocess
import sys
import time

import pytest

from abm_quant.__main__ import COMMANDS
from abm_quant.cli import app, check
from abm_quant.cli.app import Command, paragraphs, run
from abm_quant.contracts.problems import problem
from abm_quant.errors import AbmError, BadRequest, CannotCompile, NotFound, NothingFits
from abm_quant.version import __version__

THIS = {"check": Command("abm_quant.cli.check", "Say what is wrong.")}


def abm(*arguments, **options):
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "abm_quant", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def test_the_version_is_told_fast_and_without_loading_a_command():
    code = (
        "import sys\nfrom abm_quant.__main__ import COMMANDS\nfrom abm_quant.cli.app import run\n"
        "status = run(COMMANDS, ['--version'])\n"
        "heavy = {'numpy', 'libcst', 'fastapi', 'matplotlib', 'abm_quant.pipeline'}\n"
        "print(sorted(heavy & set(sys.modules)), status)"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == [f"abm {__version__}", "[] 0"]
    assert time.perf_counter() - started < 5


def test_the_help_lists_every_command_with_its_summary():
    done = abm("--help")
    assert done.returncode == 0
    for name, command in COMMANDS.items():
        assert f"│ {name} " in done.stdout
        assert command.summary in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    assert run(COMMANDS, [name, "--help"]) == 0
    assert f"abm {name}" in capsys.readouterr().out


def test_the_help_breaks_no_line_within_a_paragraph(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert run(THIS, ["check", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split("\n"))
    assert "and a hint. Exit code 1 when there is an error, 0 when" in shown
    assert paragraphs("One\n    line.\n\n    Another.") == "One line.\n\nAnother."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["chek"], "No such command 'chek'. Did you mean 'check'?"),
        (["check"], "Missing argument 'MODEL'"),
        (["check", "x.json", "y.json"], "unexpected extra argument"),
        (["check", "--jsn", "x.json"], "No such option: --jsn"),
        (["check", "there-is-none.json"], "There is no file 'there-is-none.json'"),
        ([], "Usage: abm"),
    ],
)
def test_wrong_usage_ends_with_2(arguments, sentence, capsys):
    assert run(THIS, arguments) == 2
    captured = capsys.readouterr()
    assert sentence in captured.out + captured.err


@pytest.mark.parametrize(
    ("failure", "code", "sentence"),
    [
        (BadRequest("The seed is no number."), 2, "abm: The seed is no number."),
        (NotFound("There is no such model."), 2, "abm: There is no such model."),
        (AbmError("The disk is full."), 1, "abm: The disk is full."),
        (NothingFits("Nothing fits.", ["Forest fire"]), 1, "abm: Nothing fits.\n"),
        (CannotCompile([problem("no-agents", "/agents", "There are none.")]), 1, "[no-agents]"),
        (ZeroDivisionError("by zero"), 1, "a fault of abm, not of your model: ZeroDivisionError"),
    ],
)
def test_failures_are_sentences_on_standard_error(failure, code, sentence, capsys, monkeypatch):
    def fail(source):
        raise failure

    monkeypatch.setattr(check, "read_source", fail)
    assert run(THIS, ["check", "model.json"]) == code
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


def test_an_interruption_ends_with_130(monkeypatch, capsys):
    def interrupt(source):
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "read_source", interrupt)
    assert run(THIS, ["check", "model.json"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_an_interruption_while_a_command_is_loaded_ends_with_130(monkeypatch, capsys):
    def interrupt(module):
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "import_module", interrupt)
    assert run(THIS, ["check", "model.json"]) == 130
    assert capsys.readouterr().err == ""


def test_a_closed_pipe_is_no_failure_to_tell():
    command = f"{sys.executable} -m abm_quant gallery sir-network --json | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert done.stdout == "{"
    assert done.stderr == ""


def test_json_is_all_there_is_on_standard_output():
    done = abm("check", "-", "--json", input='{"model": 3}')
    assert done.returncode == 1
    assert done.stdout.startswith('{\n  "problems": [')
    assert done.stderr == ""

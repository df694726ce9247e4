"""The commands, on real models and in the real sandbox."""

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from abm_quant import pipeline
from abm_quant.__main__ import COMMANDS
from abm_quant.cli.app import run
from abm_quant.contracts.events import StepRecorded
from cassettes.vendors import KEY, loopback_vendors
from small_specs import attribute, behavior, tracked, variable, wire

SIR = ["run", "gallery:sir-network", "--seed", "1", "--steps", "5"]
SIR_SERIES = ["susceptible_count", "infected_count", "recovered_count", "Person.count"]


@pytest.fixture(autouse=True)
def data_dir(tmp_path, monkeypatch):
    """Keep what the commands keep away from the checkout."""
    monkeypatch.setenv("ABM_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def abm(*arguments):
    """Run a command in this process and give its exit code."""
    return run(COMMANDS, [str(argument) for argument in arguments])


@pytest.fixture
def model_file(tmp_path):
    """Write a small specification with parts replaced, and give its path."""

    def write(**changes):
        path = tmp_path / "model.json"
        path.write_text(json.dumps(wire(**changes)))
        return path

    return write


def test_a_run_shows_each_tracked_variable_and_how_it_ended(capsys):
    assert abm(*SIR) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0] == "SIR epidemic on a small-world network"
    assert [line.split()[0] for line in lines[2:6]] == SIR_SERIES
    assert lines[-1].startswith("5 steps, as asked; the model's own maximum is 300. Seed 1.")
    assert captured.err == ""


def test_a_run_is_saved_and_continued_as_if_it_had_not_stopped(capsys, tmp_path):
    file = tmp_path / "deep" / "run.checkpoint"
    saving = ["--checkpoint-every", "2", "--checkpoint", file]
    assert abm(*SIR, "--json", *saving) == 0
    whole = json.loads(capsys.readouterr().out)["model"]
    assert abm("run", "gallery:sir-network", "--resume", file, "--steps", "5", "--json") == 0
    rest = json.loads(capsys.readouterr().out)
    assert (rest["seed"], rest["steps"], rest["firstStep"]) == (1, 5, 5)
    assert rest["model"] == {name: series[5:] for name, series in whole.items()}
    assert abm("run", "gallery:sir-network", "--resume", file, "--steps", "5") == 0
    assert capsys.readouterr().out.endswith("Continued after step 4.\n")
    assert abm("run", "gallery:sir-network", "--resume", file, "--steps", "4") == 2
    assert "No step is left: the checkpoint was taken after step 4" in capsys.readouterr().err


def test_it_is_said_which_state_was_kept_and_where(capsys, tmp_path):
    file = tmp_path / "run.checkpoint"
    assert abm(*SIR, "--checkpoint-every", "9", "--checkpoint", file) == 0
    assert f"No checkpoint was taken; {file} was not written." in capsys.readouterr().err
    for every, last in ((2, 4), (3, 3)):  # the second is written over the first
        assert abm(*SIR, "--checkpoint-every", every, "--checkpoint", file) == 0
        said = capsys.readouterr().err
        assert f"Kept the state after step {last}: --resume {file} goes on" in said


def test_no_checkpoint_is_written_over_another_file(capsys, tmp_path):
    file = tmp_path / "model.json"
    file.write_text('{"format": "netlogo"}')
    for name, sentence in ((file, "would be lost"), ("-", "goes into a file")):
        assert abm(*SIR, "--checkpoint-every", "2", "--checkpoint", name) == 2
        assert sentence in capsys.readouterr().err
    assert file.read_text() == '{"format": "netlogo"}'


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--checkpoint", "a"], "belong together"),
        (["--checkpoint-every", "2"], "belong together"),
        (["--resume", "nowhere"], "cannot be read: No such file"),
        (["--resume", "a", "--seed", "1"], "leave out --seed and --set"),
        (["--resume", "a", "--set", "population=3"], "leave out --seed and --set"),
    ],
)
def test_checkpoint_options_that_do_not_fit_are_refused(options, sentence, capsys):
    assert abm("run", "gallery:sir-network", *options) == 2
    assert sentence in capsys.readouterr().err


def test_the_checkpoint_of_another_model_is_refused(capsys, tmp_path):
    file = tmp_path / "run.checkpoint"
    assert abm(*SIR, "--checkpoint-every", "5", "--checkpoint", file) == 0
    assert abm("run", "gallery:sugarscape", "--resume", file) == 2
    assert "from another model" in capsys.readouterr().err


def test_json_has_the_documented_shape_and_depends_on_the_seed_only(capsys):
    documents = []
    for seed in ("1", "1", "2"):
        assert abm("run", "gallery:sir-network", "--seed", seed, "--steps", "5", "--json") == 0
        documents.append(json.loads(capsys.readouterr().out))
    first, same, other = documents
    assert list(first) == ["seed", "steps", "stopReason", "model"]
    assert (first["seed"], first["steps"], first["stopReason"]) == (1, 5, "steps")
    assert list(first["model"]) == SIR_SERIES
    assert [len(series) for series in first["model"].values()] == [6] * 4
    assert same == first
    assert other["model"] != first["model"]


def test_a_seed_is_drawn_and_reported_where_none_is_given(capsys):
    seeds = set()
    for _ in range(2):
        abm("run", "gallery:boltzmann-wealth", "--steps", "0", "--json")
        seeds.add(json.loads(capsys.readouterr().out)["seed"])
    assert len(seeds) == 2


def test_a_parameter_changes_the_run(capsys):
    assert abm(*SIR, "--set", "population=50", "--set", "initial_infected=50", "--json") == 0
    model = json.loads(capsys.readouterr().out)["model"]
    assert (model["Person.count"][0], model["infected_count"][0]) == (50, 50)


def test_csv_and_plot_are_written_beside_the_table(tmp_path, capsys):
    table, plot = tmp_path / "out" / "sir.csv", tmp_path / "out" / "sir.png"
    assert abm(*SIR, "--csv", table, "--plot", plot) == 0
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [row["step"] for row in rows] == ["0", "1", "2", "3", "4", "5"]
    assert list(rows[0]) == ["step", *SIR_SERIES]
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert "Wrote" in capsys.readouterr().err


def test_csv_goes_to_standard_output_and_nothing_else_does(capsys):
    assert abm(*SIR, "--csv", "-") == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert [len(row) for row in rows] == [5] * 7


def test_agent_level_variables_are_in_the_json_and_in_a_csv_of_their_own(
    model_file, tmp_path, capsys
):
    path = model_file(
        attributes=[attribute("energy", 3, "integer")],
        behaviors=[behavior("def act(self):\n    self.energy += 1")],
        schedule=["agent.Walker.agentBehavior.act"],
        tracked=[tracked("agent.Walker.agentAttribute.energy", "agent")],
        count=2,
    )
    assert abm("run", path, "--steps", "1", "--json", "--csv", tmp_path / "x.csv") == 0
    agents = json.loads(capsys.readouterr().out)["agents"]
    assert agents["Walker"]["step"] == [0, 0, 1, 1]
    assert agents["Walker"]["energy"] == [3, 3, 4, 4]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "x.Walker.csv").read_text())))
    assert [row["energy"] for row in rows] == ["3", "3", "4", "4"]


def failing(model_file):
    """Give a model whose behavior divides by zero in its third step."""
    return model_file(
        variables=[variable("left", 2, "integer"), variable("share", 0.0, "float")],
        behaviors=[
            behavior("def act(self):\n    self.model.share = 1 / self.model.left"),
            behavior("def count(self):\n    self.model.left -= 1"),
        ],
        schedule=["agent.Walker.agentBehavior.act", "agent.Walker.agentBehavior.count"],
        tracked=[tracked("globalVariable.left")],
        count=1,
    )


def test_a_run_that_breaks_keeps_what_was_recorded_and_names_the_place(model_file, capsys):
    path = failing(model_file)
    assert abm("run", path, "--seed", "1") == 1
    captured = capsys.readouterr()
    assert "left" in captured.out
    assert "error [run-failed] /agents/0/0/agentBehaviors/0" in captured.err
    assert "ZeroDivisionError" in captured.err
    assert "The run failed after 2 steps (exception)." in captured.err
    assert abm("run", path, "--seed", "1", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["stopReason"], document["failure"]) == (None, "exception")
    assert document["model"]["left"] == [2, 1, 0]


def test_a_run_over_its_limit_says_which_and_how_to_raise_it(model_file, capsys, monkeypatch):
    monkeypatch.setenv("ABM_LIMIT_WALL_S", "3")
    path = model_file(
        behaviors=[behavior("def act(self):\n    while True:\n        pass")],
        schedule=["agent.Walker.agentBehavior.act"],
    )
    assert abm("run", path) == 1
    captured = capsys.readouterr()
    assert "[limit-exceeded]" in captured.err
    assert "ABM_LIMIT_WALL_S" in captured.err


@pytest.mark.parametrize("command", ["check", "run"])
def test_what_is_wrong_in_a_model_is_json_too(command, model_file, capsys):
    path = model_file(agents=[])
    assert abm(command, path, "--json") == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert list(problem) == ["severity", "code", "path", "message", "hint"]
    assert (problem["severity"], problem["code"]) == ("error", "no-agents")


@pytest.mark.parametrize("command", [["check"], ["run"], ["compile", "-o", "out"]])
@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", '{"model": 3}', "[" * 100_000])
def test_a_bad_model_ends_with_1_and_problems(command, text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text(text)
    assert abm(*command, "bad.json") == 1
    captured = capsys.readouterr()
    assert "error [" in captured.out + captured.err
    assert "a fault of abm" not in captured.err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--set", "populaton=3"], "Did you mean population?"),
        (["--set", "population=x"], "population must be a number"),
        (["--target", "repast"], "repast"),
        (["--plot", "plot.gif"], ".png, .svg, .pdf"),
        (["--plot", "."], "is a folder"),
        (["--csv", "-", "--json"], "both write to standard output"),
        (["--seed", "-1"], "greater than or equal to 0"),
        (["--seed", "99999999999999999999"], "The seed"),
        (["--steps", "many"], "unable to parse string as an integer"),
    ],
)
def test_wrong_usage_of_run_ends_with_2(arguments, sentence, capsys):
    assert abm("run", "gallery:sir-network", *arguments) == 2
    captured = capsys.readouterr()
    assert sentence in " ".join(captured.err.replace("│", " ").split())
    assert captured.out == ""


def test_a_bad_setting_ends_with_2_and_names_it(monkeypatch, capsys):
    monkeypatch.setenv("ABM_LIMIT_CPU_S", "soon")
    assert abm(*SIR) == 2
    assert "ABM_LIMIT_CPU_S" in capsys.readouterr().err


def test_check_shows_problems_and_a_verdict(model_file, capsys):
    assert abm("check", "gallery:predator-prey") == 0
    assert "It can be compiled" in capsys.readouterr().out
    assert abm("check", model_file(agents=[])) == 1
    out = capsys.readouterr().out
    assert "error [no-agents] /agents" in out
    assert "It cannot be compiled: 1 error" in out


@pytest.mark.parametrize("command", ["check", "compile -o project", "run"])
def test_code_that_models_cannot_run_is_refused_before_anything_runs(command, model_file, capsys):
    body = "\n    ".join(["import requests", "x = open('a.csv').read()", "return eval(x)"])
    path = model_file(behaviors=[behavior(f"def act(self):\n    {body}")])
    assert abm(*command.split(), path) == 1
    captured = capsys.readouterr()
    said = " ".join((captured.out + captured.err).split())
    place = "error [forbidden-code] /agents/0/0/agentBehaviors/0/code"
    assert said.count(place) == 3
    for number, line in enumerate(body.split("\n    "), 2):
        assert f"Line {number} of its code: `{line}`." in said
    assert "run-failed" not in said and "sandbox" not in said


def test_compile_writes_a_project_once(tmp_path, capsys):
    folder = tmp_path / "sir"
    assert abm("compile", "gallery:sir-network", "-o", folder) == 0
    assert "def step(self)" in (folder / "model.py").read_text()
    assert abm("compile", "gallery:sir-network", "-o", folder) == 2
    assert "--force" in capsys.readouterr().err
    assert abm("compile", "gallery:sir-network", "-o", folder, "--force") == 0


def test_the_specification_of_a_project_gives_the_same_run(tmp_path, capsys):
    abm("compile", "gallery:sir-network", "-o", tmp_path / "sir")
    capsys.readouterr()
    assert abm(*SIR, "--json") == 0
    from_gallery = capsys.readouterr().out
    assert abm("run", tmp_path / "sir" / "spec.json", *SIR[2:], "--json") == 0
    assert capsys.readouterr().out == from_gallery


def test_gallery_lists_shows_and_exports(capsys):
    assert abm("gallery") == 0
    assert "sir-network" in capsys.readouterr().out
    assert abm("gallery", "sir-network") == 0
    shown = capsys.readouterr().out
    assert "infection_probability" in shown
    assert "Kermack" in shown
    assert abm("gallery", "sir-network", "--json") == 0
    assert json.loads(capsys.readouterr().out)["codingLanguage"] == "python"
    assert abm("gallery", "sir-netwok") == 2
    assert "sir-network" in capsys.readouterr().err


PROMPT = "an SIR epidemic on a small-world network of 800 people"


def test_generate_shows_its_assumptions_and_writes_a_project(tmp_path, data_dir, capsys):
    assert abm("generate", PROMPT, "--model", "offline", "-o", tmp_path / "sir") == 0
    out = capsys.readouterr().out
    assert "SIR epidemic on a small-world network" in out
    assert "Set population to 800" in out
    assert f"abm run {tmp_path}/sir/spec.json" in out
    assert '"initialValue": 800' in (tmp_path / "sir" / "spec.json").read_text()
    (kept,) = data_dir.iterdir()
    assert (kept / "model.py").read_text() == (tmp_path / "sir" / "model.py").read_text()


def test_generate_says_what_a_failed_answer_took(monkeypatch, capsys):
    with loopback_vendors("{}") as vendors:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("ABM_OPENAI_BASE_URL", vendors.base_url("openai", "truncated"))
        assert abm("generate", PROMPT, "--model", "gpt-5.6-luna") == 1
    said = capsys.readouterr().err
    assert "It took 1,000 tokens in, 500 out, $0.00" in said and "cut off" in said


def test_generate_changes_a_current_model_and_keeps_it_where_no_folder_is_named(
    tmp_path, data_dir, capsys
):
    abm("compile", "gallery:sir-network", "-o", tmp_path / "sir")
    capsys.readouterr()
    current = tmp_path / "sir" / "spec.json"
    assert abm("generate", "with 90 people", "-m", current, "--model", "offline") == 0
    (kept,) = data_dir.iterdir()
    assert str(kept) in capsys.readouterr().out
    assert '"initialValue": 90' in (kept / "spec.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["  "], 2, "The prompt is empty"),
        (["a hospital with nurses and patients"], 1, "abm: "),
        ([PROMPT, "-m", "none.json"], 2, "There is no file"),
        ([PROMPT, "-m", "-"], 1, "[not-json]"),
        ([PROMPT, "--model", "gemini-2.5-flash"], 1, "Google key"),
        ([PROMPT, "--model", "hal 9000"], 2, "hal 9000"),
        ([PROMPT, "-o", "/dev/null"], 2, "is a file"),
    ],
)
def test_what_generate_cannot_do_is_said(arguments, code, sentence, monkeypatch, capsys):
    for key in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert abm("generate", *arguments) == code
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert "a fault of abm" not in captured.err


def children(pid):
    """Give the processes that a process started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(each) for file in lists for each in file.read_text().split()]


def alive(pid):
    """Whether a process is there and not only waiting to be buried."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def hear_interrupts():
    """Undo what a shell does to programs that it starts in the background: ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted(folder, *arguments):
    """Give exit code, output and errors of a run that hears Ctrl-C a second after its start.

    A run has started when it has a scratch folder in the one for temporary files.
    """
    command = [sys.executable, "-m", "abm_quant", "run", *arguments]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)},
        preexec_fn=hear_interrupts,
    ) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not any(folder.glob(f"abm-run-*/{'[0-9a-f]' * 32}")):
            time.sleep(0.05)
        time.sleep(1)
        found = children(process.pid)
        os.kill(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert found
    assert "Traceback" not in errors
    assert [pid for pid in found if alive(pid)] == []
    return process.returncode, output, errors


def test_an_interrupted_run_ends_soon_and_leaves_nothing_behind(model_file, tmp_path):
    path = model_file(
        behaviors=[behavior("def act(self):\n    while True:\n        pass")],
        schedule=["agent.Walker.agentBehavior.act"],
    )
    status, _, errors = interrupted(tmp_path, path)
    assert status == 130
    assert "Interrupted after 0 steps." in errors


async def interrupted_at_step_3(job, tools, *, controls):
    """Give the events of a run whose user presses Ctrl-C at a step."""
    async for event in pipeline.run(job, tools, controls=controls):
        yield event
        if isinstance(event, StepRecorded) and event.step == 3:
            os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupted_run_keeps_what_it_recorded(model_file, tmp_path, capsys, monkeypatch):
    code = (
        "def act(self):\n    import time\n"
        "    self.energy = self.energy + (time.sleep(0.01) is None)"
    )
    path = model_file(
        attributes=[attribute("energy", 0)],
        behaviors=[behavior(code)],
        schedule=["agent.Walker.agentBehavior.act"],
        tracked=[tracked("agent.Walker.agentAttribute.energy")],
        max_steps=10_000,
    )
    monkeypatch.setattr("abm_quant.cli.run.run", interrupted_at_step_3)
    table = tmp_path / "out.csv"
    assert abm("run", path, "--csv", table) == 130
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [float(row["Walker.energy.mean"]) for row in rows] == list(range(len(rows)))
    assert 4 <= len(rows) < 10_000
    captured = capsys.readouterr()
    assert f"{len(rows) - 1} steps, until it was interrupted; at most 10,000." in captured.out
    assert f"Interrupted after {len(rows) - 1} steps." in captured.err


def test_check_deep_shows_each_check_with_its_evidence(model_file, capsys):
    idle = model_file(
        attributes=[attribute("energy", 5)], tracked=[tracked("agent.Walker.agentAttribute.energy")]
    )
    assert abm("check", idle, "--deep", "--budget", "30") == 0
    out = capsys.readouterr().out
    assert "warning [nothing-happens]" in out
    assert "hint: Assign it in a behavior that is scheduled." in out
    rows = {line.split()[0]: line for line in out.splitlines() if line[:1].islower()}
    assert "failed" in rows["liveness"] and "passed" in rows["same-seed"]
    assert "Not looked at: " in out and "Not verified: 1 of " in out


def test_check_deep_fails_where_the_model_breaks_and_prints_json(model_file, capsys):
    breaking = model_file(
        behaviors=[behavior("def act(self):\n    1 / (self.model.tick - 3)")],
        schedule=["agent.Walker.agentBehavior.act"],
    )
    assert abm("check", breaking, "--deep", "--json", "--budget", "30") == 1
    document = json.loads(capsys.readouterr().out)
    (error,) = [each for each in document["problems"] if each["severity"] == "error"]
    assert (error["code"], error["path"]) == ("run-failed", "/agents/0/0/agentBehaviors/0/code")
    checks = {each["name"]: each["outcome"] for each in document["verification"]["checks"]}
    assert checks["runs"] == "failed" and checks["same-seed"] == "not-checked"


def test_an_address_that_is_taken_is_refused_before_the_service_starts(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert abm("serve", "--port", port) == 2
    assert f"Nothing can listen at 127.0.0.1, port {port}: " in capsys.readouterr().err


def test_a_language_model_in_the_place_of_a_model_is_explained(capsys):
    assert abm("generate", "an epidemic", "-m", "gpt-5.6-terra") == 2
    assert "a language model is named with --model" in capsys.readouterr().err


def test_who_has_no_key_is_told_where_it_goes(capsys, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert abm("generate", "an epidemic", "--model", "gpt-5.6-terra") == 1
    said = capsys.readouterr().err
    assert "need to send an OpenAI key. Set it in the environment" in said
    assert "--model offline" in said


def test_a_run_that_breaks_in_its_set_up_shows_no_empty_table(capsys):
    assert abm(*SIR, "--set", "population=-5") == 1
    captured = capsys.readouterr()
    assert "tracked variable" not in captured.out
    assert "0 steps, then it failed." in captured.out and "[run-failed]" in captured.err

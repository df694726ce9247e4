"""Hostile programs against the sandbox, one program a file.

denied/     `attack(target)` must meet a PermissionError (or the stated exception)
fatal/      `act(model)` must end the run, for the stated reason
harmless/   `attack(target)` may go on, and gives the stated answer

Every program is tried at every level. Known to be open at the levels `kernel` and `noopen`: `stat`
of any path tells whether it exists, and its size (harmless/stat_outside).
The list is finite and by the authors of the sandbox; a fault in the kernel itself is not covered.
"""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

import abm_quant
from abm_quant.contracts.jobs import Limits, RunJob
from abm_quant.contracts.results import RunResult
from abm_quant.running.child import Scratch
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.sandbox import Sandbox
from abm_quant.running.table import make_sandbox
from sandboxed import FRAME, bundle, confined, program, result

HERE = Path(__file__).parent
SECRET = "the key of the service"
SOURCE = Path(abm_quant.__file__).parent

GAUNTLET = """
import json

PROGRAMS = {programs!r}


def start(model):
    target = json.loads(model.target)
    answers = {{}}
    for name, source in PROGRAMS.items():
        namespace = {{"__name__": name}}
        try:
            exec(source, namespace)
            answers[name] = ["open", namespace["attack"](target)]
        except BaseException as failure:
            answers[name] = [type(failure).__name__, str(failure)]
    return answers
"""


def programs(folder: str) -> dict[str, str]:
    """Give the text of each program of a folder by its name."""
    return {file.stem: file.read_text() for file in sorted((HERE / folder).glob("*.py"))}


DENIED = programs("denied")
OTHER_DENIALS = {
    "start_threads": ("RuntimeError", "can't start new thread"),
    "raise_own_limit": ("ValueError", "not allowed to raise"),
}
"""Denied by something else than a PermissionError."""
NOT_THERE = {
    "import_server_code": ("ModuleNotFoundError", "No module named"),
    **dict.fromkeys(
        (
            "list_folder_outside",
            "read_environment_of_server",
            "read_memory_of_server",
            "read_password_file",
            "read_secret_file",
            "read_secret_through_proc",
            "read_server_source",
            "write_outside",
        ),
        ("FileNotFoundError", "No such file"),
    ),
}
"""Denied at the level `full` since what they aim at cannot even be seen there."""

WORK_UNCONFINED = (
    "read_password_file",
    "read_secret_file",
    "read_server_source",
    "list_folder_outside",
    "write_outside",
    "change_times_outside",
    "make_memory_file",
    "connect_tcp",
    "send_udp",
    "connect_unix",
    "fork",
    "start_program",
    "kill_server",
    "open_server_by_pidfd",
)
"""Attacks that are tried without confinement as well: they must work there, or prove nothing."""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Give what the programs aim at: files, listeners and this process."""
    folder = tmp_path_factory.mktemp("data")
    secret = folder / "secret"
    secret.write_text(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(folder / "socket"))
        unix.listen()
        yield {
            "secret": str(secret),
            "folder": str(folder),
            "source": str(SOURCE / "errors.py"),
            "import_path": str(SOURCE.parent),
            "server": os.getpid(),
            "port": tcp.getsockname()[1],
            "unix": str(folder / "socket"),
        }


async def run_all(
    sources: dict[str, str], target: dict[str, Any], sandbox: Sandbox
) -> dict[str, list[Any]]:
    """Give what each program met, all in one process: [exception or "open", text or answer]."""
    source = FRAME + GAUNTLET.format(programs=sources)
    job = RunJob(bundle=bundle(source), seed=1, steps=0, parameters={"target": json.dumps(target)})
    outcome = await result(job, sandbox)
    assert outcome.finished, outcome.problems
    answers: dict[str, list[Any]] = outcome.model["value"][0]
    return answers


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=LEVELS)
async def denials(
    request: pytest.FixtureRequest, target: dict[str, Any]
) -> tuple[str, dict[str, list[Any]]]:
    """Give a level, and what the programs of denied/ met in the sandbox there."""
    os.environ["ABM_TEST_SECRET"] = SECRET
    return request.param, await run_all(DENIED, target, confined(request.param))


@pytest.mark.parametrize("name", DENIED)
@pytest.mark.asyncio(loop_scope="module")
async def test_the_attack_is_denied(name: str, denials: tuple[str, dict[str, list[Any]]]) -> None:
    level, answers = denials
    met, text = answers[name]
    others = OTHER_DENIALS | (NOT_THERE if level == "full" else {})
    expected, part = others.get(name, ("PermissionError", ""))
    assert met == expected, f"{name}: {met}, {text}"
    assert part in text


@pytest.mark.asyncio(loop_scope="module")
async def test_no_attack_left_a_trace(
    target: dict[str, Any], denials: tuple[str, dict[str, list[Any]]]
) -> None:
    secret = Path(target["secret"])
    assert secret.read_text() == SECRET
    assert secret.stat().st_mtime > 0
    assert sorted(each.name for each in secret.parent.iterdir()) == ["secret", "socket"]


LIMITED_BY_NUMBER = {"fork", "start_program"}
"""Denied by the limit on processes alone, which does not bind root."""


async def test_the_attacks_work_where_nothing_confines(target: dict[str, Any]) -> None:
    sources = {name: DENIED[name] for name in WORK_UNCONFINED}
    answers = await run_all(sources, target, make_sandbox("none"))
    Path(target["folder"], "made").unlink()
    counted = set() if os.geteuid() == 0 else LIMITED_BY_NUMBER
    expected = {name: "BlockingIOError" if name in counted else "open" for name in sources}
    assert {name: met for name, (met, _) in answers.items()} == expected


HARMLESS = {
    "forged_answer": ["open", ["forged", True]],
    "own_descriptors": ["open", [0, 1, 2, 3]],
    "queue_signals": ["open", [0, 0]],
    "search_memory": ["open", [True, 0]],
    "read_environment": ["open", {}],
    "signal_itself": ["open", 1],
    "stat_outside": ["open", len(SECRET)],
    "write_scratch": ["open", "kept for this run only"],
}
DENIED_THERE = {
    "full": {"stat_outside": "FileNotFoundError"},
    "kernel": {},
    "noopen": {"write_scratch": "PermissionError"},
}
"""By level: which of the harmless ones it denies as well."""


@pytest.mark.parametrize("level", LEVELS)
async def test_what_is_harmless_goes_on(
    level: str, target: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABM_TEST_SECRET", SECRET)
    answers = await run_all(programs("harmless"), target, confined(level))
    denied = DENIED_THERE[level]
    assert {name: answers[name][0] for name in denied} == denied
    goes_on = {name: answer for name, answer in HARMLESS.items() if name not in denied}
    assert {name: answers[name] for name in goes_on} == goes_on


SMALL = Limits(memory_mb=96, cpu_s=1, wall_s=60, output_mb=2, rows=20_000, scratch_mb=8)
FATAL = {
    "memory_by_list": ("memory", "96 MiB (memory_mb)"),
    "memory_by_numpy": ("memory", "ABM_LIMIT_MEMORY_MB"),
    "memory_by_shared_pages": ("exception", "PermissionError: [Errno 1]"),
    "memory_by_shrunk_mapping": ("exception", "PermissionError: [Errno 1]"),
    "memory_by_mapping": ("exception", "OSError: [Errno 12]"),
    "loop_in_c": ("cpu", "1 seconds (cpu_s)"),
    "loop_with_processor_signal_blocked": ("cpu", "ABM_LIMIT_CPU_S"),
    "many_descriptors": ("exception", "OSError: [Errno 24]"),
    "sleep_forever": ("wall", "ABM_LIMIT_WALL_S"),
    "stop_itself": ("wall", "(wall_s)"),
    "output_by_series": ("output", "2 MiB (output_mb)"),
    "output_by_channel": ("output", "ABM_LIMIT_OUTPUT_MB"),
    "output_by_agents": ("output", "20,000 rows (rows)"),
    "output_by_empty_lists": ("output", "ABM_LIMIT_ROWS"),
    "output_by_hidden_lists": ("output", "ABM_LIMIT_ROWS"),
    "output_by_one_step": ("output", "a message of"),
    "endless_line": ("protocol", "a line that is too long"),
    "forged_start": ("protocol", "unknown type"),
    "forged_event": ("protocol", "unknown type"),
    "forged_step": ("protocol", "step 7 where step 1 was due"),
    "forged_checkpoint": ("protocol", "a checkpoint that nobody asked for"),
    "forged_frame": ("protocol", "a frame that nobody asked for"),
    "forged_end": ("protocol", "not recorded"),
    "forged_number": ("protocol", "not JSON"),
    "forged_depth": ("protocol", "not JSON"),
    "ask_twice": ("protocol", "number was not due"),
    "ask_without_end": ("protocol", "questions while others wait for their answer"),
    "forged_pause": ("protocol", "a pause that was not asked for"),
    "forged_change": ("protocol", "a change that was not asked for"),
    "close_channel": ("protocol", "closed its channel"),
    "large_file": ("exception", "OSError: [Errno 27]"),
    "many_files": ("output", "8 MiB (scratch_mb)"),
    "many_large_files": ("output", "8 MiB (scratch_mb)"),
    "many_small_files": ("output", "100 files"),
    "crash_in_c": ("crash", "SIGSEGV"),
    "other_instruction_set": ("crash", "SIGSYS"),
    "leave_process": ("crash", "exit status 0"),
    "poisoned_exception": ("exception", "Poisoned"),
}
"""By program: the reason of the failure, and a part of its message or hint."""
WITHOUT_FILES = dict.fromkeys(
    ("large_file", "many_files", "many_large_files", "many_small_files"),
    ("exception", "PermissionError"),
)
"""The same for those that need a scratch folder, at the level `noopen`, where there is none."""
SHORTER = {"sleep_forever": 0.5, "stop_itself": 0.5}
"""Seconds on the clock for those that need nothing else."""


def test_every_fatal_program_has_its_reason() -> None:
    assert set(FATAL) == set(programs("fatal"))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", FATAL)
async def test_the_attack_ends_the_run(name: str, level: str) -> None:
    expected = FATAL | (WITHOUT_FILES if level == "noopen" else {})
    reason, part = expected[name]
    limits = SMALL.model_copy(update={"wall_s": SHORTER.get(name, SMALL.wall_s)})
    outcome: RunResult = await result(
        program(programs("fatal")[name], steps=8, limits=limits), confined(level)
    )
    problem = outcome.problems[-1]
    assert outcome.failure == reason, problem
    assert part in problem.message + problem.hint
    assert outcome.model["value"][0] is None


@pytest.mark.parametrize("name", ["many_large_files", "many_small_files"])
async def test_little_is_written_between_two_looks(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[tuple[int, int]] = []
    remove = Scratch.remove

    def look_and_remove(scratch: Scratch) -> None:
        left.append(scratch.use(1_000_000))
        remove(scratch)

    monkeypatch.setattr(Scratch, "remove", look_and_remove)
    await result(program(programs("fatal")[name], limits=SMALL), confined("kernel"))
    files, size = left[0]
    assert size < 128 * 2**20  # 32 MiB where eight others compute on two cores
    assert files < 2_000  # 220 there

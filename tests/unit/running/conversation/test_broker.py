"""What a model asks, its host answers, within limits and in time; neither harms the other."""

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from abm_quant.contracts.events import RunFinished, RunPaused, RunStarted, StepRecorded
from abm_quant.contracts.jobs import Limits, RunJob
from abm_quant.contracts.questions import Answer, Questions
from abm_quant.contracts.results import RunResult, collect
from abm_quant.errors import QuestionsRefused
from abm_quant.running.admission import Admission
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.conversation.broker import Echo, Host
from abm_quant.running.conversation.controls import Controls
from abm_quant.running.process import ProcessSandbox
from abm_quant.running.table import make_sandbox
from abm_quant.running.warm import Launcher
from gallery_runs import compiled
from sandboxed import confined, program, result, running

CATCHING = """
import abm_host

def ask(*args, **kwargs):
    try:
        return abm_host.ask(*args, **kwargs)
    except Exception as failure:
        return f"{type(failure).__name__}: {failure}"

def act(model):
    return ask(*QUESTIONS)
"""


async def hosted(
    code: str, host: Host | None, *, steps: int = 1, limits: Limits | None = None
) -> RunResult:
    """Give the result of a program whose questions go to a host."""
    return await collect(confined().run(program(code, steps=steps, limits=limits), host=host))


async def answers(
    host: Host | None, *questions: Any, limits: Limits | None = None, **how: Any
) -> Any:
    """Give what one question of several parts brings, or the text of the exception."""
    code = f"{CATCHING}\nQUESTIONS = [{list(questions)!r}]\n"
    if how:
        code = code.replace("*QUESTIONS)", f"*QUESTIONS, **{how!r})")
    outcome = await hosted(code, host, limits=limits)
    assert outcome.finished, outcome.problems
    return outcome.model["value"][1]


class Says:
    """A host that does what a test wants, and remembers."""

    def __init__(self, *said: Any, delay_s: float = 0) -> None:
        self.said = said
        self.delay_s = delay_s
        self.asked: list[Questions] = []
        self.cancelled = 0

    async def answer(self, questions: Questions) -> Sequence[Answer]:
        """Wait, and give or raise what comes next."""
        self.asked.append(questions)
        try:
            await asyncio.sleep(self.delay_s)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        said = self.said[len(self.asked) - 1]
        if isinstance(said, Exception):
            raise said
        return said  # type: ignore[no-any-return]


async def test_the_host_answers_each_question_in_its_order() -> None:
    questions = [1, "two", None, [3.5, True], {"four": {"deep": []}}, "\u2028 \U0001f600"]
    assert await answers(Echo(), *questions) == [{"value": each} for each in questions]


async def test_many_questions_go_at_once() -> None:
    given = await answers(Echo(), *range(1_000))
    assert [each["value"] for each in given] == list(range(1_000))


async def test_no_questions_have_no_answers() -> None:
    assert await answers(Echo()) == []


async def test_a_model_asks_while_it_is_set_up_and_in_its_steps() -> None:
    code = """
    import abm_host

    def start(model):
        return abm_host.ask(["start"])[0]["value"]

    def act(model):
        return [each["value"] for each in abm_host.ask([model.tick, model.tick * 10])]
    """
    host = Says(*[[Answer(value=n), Answer(value=-n)] for n in range(3)])
    host.said = ([Answer(value="begin")], *host.said)
    outcome = await hosted(code, host, steps=3)
    assert outcome.model["value"] == ["begin", [0, 0], [1, -1], [2, -2]]
    assert [(each.step, each.questions) for each in host.asked] == [
        *((-1, ("start",)), (0, (1, 10)), (1, (2, 20)), (2, (3, 30)))
    ]


async def test_a_question_without_an_answer_says_why() -> None:
    host = Says([Answer(value=1), Answer(error="The language model refused.")])
    assert await answers(host, "a", "b") == [{"value": 1}, {"error": "The language model refused."}]


async def test_a_run_without_a_host_is_told_so_at_once() -> None:
    assert "no host" in await answers(None, 1)


async def test_a_host_that_refuses_says_why() -> None:
    host = Says(QuestionsRefused("The budget of this experiment is used up."))
    assert await answers(host, 1) == "RuntimeError: The budget of this experiment is used up."


@pytest.mark.parametrize(
    "said",
    [
        ValueError("the key is sk-secret"),
        [],
        [Answer(value=1), Answer(value=2)],
        [Answer(value=float("nan"))],
        [Answer(value=object())],
        [Answer(value=b"bytes")],
    ],
)
async def test_what_goes_wrong_in_the_host_stays_there(
    said: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="asyncio")
    assert await answers(Says(said), 1) == "RuntimeError: The host could not answer."


async def test_an_exception_of_the_host_is_told_to_whoever_runs_the_service(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await answers(Says(ZeroDivisionError("here")), 1)
    assert "The host of a run failed" in caplog.text


async def test_answers_that_are_too_long_are_refused() -> None:
    host = Says([Answer(value="x" * 9_000_000)])
    assert "longer than 8 MiB" in await answers(host, 1, limits=Limits(output_mb=64))


async def test_long_answers_arrive() -> None:
    code = "import abm_host\ndef act(model):\n    return len(abm_host.ask([1])[0]['value'])"
    outcome = await hosted(code, Says([Answer(value="x" * 4_000_000)]))
    assert outcome.model["value"][1] == 4_000_000


async def test_questions_that_are_too_long_are_refused_in_the_model() -> None:
    code = f"{CATCHING}\nQUESTIONS = [['x' * 2_000_000]]\n"
    outcome = await hosted(code, Echo())
    assert "The questions are too long" in outcome.model["value"][1]


@pytest.mark.parametrize("question", ["object()", "{1}", "float('nan')", "'\\ud83d'"])
async def test_a_question_that_is_not_json_is_an_error_of_the_model(question: str) -> None:
    code = f"{CATCHING}\nQUESTIONS = [[{question}]]\n"
    outcome = await hosted(code, Echo())
    assert outcome.model["value"][1].startswith(("TypeError", "ValueError", "Unicode"))


@pytest.mark.parametrize("timeout_s", [0, -1, float("inf"), float("nan")])
async def test_a_time_to_wait_is_above_0(timeout_s: float) -> None:
    code = f"{CATCHING}\nQUESTIONS = [[1]]\n".replace(
        "*QUESTIONS)", f"*QUESTIONS, timeout_s=float('{timeout_s}'))"
    )
    assert "must be a number above 0" in (await hosted(code, Echo())).model["value"][1]


async def test_the_number_of_questions_is_limited() -> None:
    code = f"{CATCHING}\nQUESTIONS = [[1, 2, 3]]\n"
    outcome = await hosted(code, Echo(), steps=3, limits=Limits(questions=7))
    first, second, third = outcome.model["value"][1:]
    assert first == second == [{"value": 1}, {"value": 2}, {"value": 3}]
    assert third == (
        "RuntimeError: 3 more questions are too many: a run may ask 7 (questions), and 1 are left."
    )
    assert "limit of 2 (questions_at_once)" in await answers(
        Echo(), 1, 2, 3, limits=Limits(questions_at_once=2)
    )


async def test_a_refusal_that_is_not_caught_ends_the_run_with_its_line() -> None:
    outcome = await hosted("import abm_host\ndef act(model):\n    abm_host.ask([1])", None)
    assert outcome.failure == "exception"
    assert "RuntimeError: This run has no host" in outcome.problems[-1].message
    assert "abm_host.ask([1])" in outcome.problems[-1].message


async def test_a_slow_host_is_cancelled_when_the_time_is_up() -> None:
    host = Says([Answer()], delay_s=60)
    began = time.monotonic()
    assert "within 0.2 s" in await answers(host, 1, timeout_s=0.2)
    assert time.monotonic() - began < 10
    assert host.cancelled == 1
    assert "within 0.1 s" in await answers(host, 1, timeout_s=50, limits=Limits(question_s=0.1))


async def test_an_answer_that_comes_after_the_time_is_not_heard() -> None:
    class Stubborn(Says):
        """Answers the first questions late, whatever it is told."""

        async def answer(self, questions: Questions) -> Sequence[Answer]:
            self.asked.append(questions)
            if len(self.asked) == 1:
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    await asyncio.sleep(0.2)
                return [Answer(value="late")]
            await asyncio.sleep(0.4)
            return [Answer(value="right")]

    code = CATCHING.replace("    return ask", "    return ask(['a'], timeout_s=0.2), ask")
    outcome = await hosted(f"{code}\nQUESTIONS = [['b']]\n", Stubborn())
    first, second = outcome.model["value"][1]
    assert "within 0.2 s" in first
    assert second == [{"value": "right"}]


async def test_waiting_is_time_of_the_run_and_no_processor_time() -> None:
    code = f"{CATCHING}\nQUESTIONS = [[1]]\n"
    waits = Says([Answer(value=1)], delay_s=1.4)
    outcome = await hosted(code, waits, limits=Limits(cpu_s=1, wall_s=20))
    assert outcome.finished
    endless = await hosted(code, Says([Answer(value=1)], delay_s=60), limits=Limits(wall_s=0.5))
    assert endless.failure == "wall"


async def test_a_run_that_waits_leaves_its_place_to_another() -> None:
    sandbox = ProcessSandbox(
        confined().report, Launcher(LEVELS["full"]).start, admission=Admission(at_once=1)
    )

    class Other:
        """Runs another model before it answers."""

        async def answer(self, questions: Questions) -> Sequence[Answer]:
            async with asyncio.timeout(20):
                assert (await result(program("def act(model): return 5"), sandbox)).finished
            return [Answer(value="done")]

    code = "import abm_host\ndef act(model):\n    return abm_host.ask([1])"
    outcome = await collect(sandbox.run(program(code), host=Other()))
    assert outcome.model["value"][1] == [{"value": "done"}]


async def test_the_host_of_a_run_that_is_given_up_is_cancelled_and_the_process_is_gone() -> None:
    host = Says([Answer()], delay_s=60)
    task = asyncio.create_task(
        hosted("import abm_host\ndef act(model):\n    abm_host.ask([1])", host)
    )
    while not host.asked:
        await asyncio.sleep(0.01)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 0.5
    assert host.cancelled == 1
    assert running() == []


async def test_the_host_of_a_run_that_dies_is_cancelled() -> None:
    code = """
    import abm_host
    import signal

    def act(model):
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        abm_host.ask([1])
    """
    host = Says([Answer()], delay_s=60)
    outcome = await hosted(code, host)
    assert (outcome.failure, host.cancelled) == ("crash", 1)


async def test_orders_that_come_while_a_run_waits_are_obeyed_later() -> None:
    host = Says([Answer(value=1)], delay_s=0.3)
    job = program(f"{CATCHING}\nQUESTIONS = [['x']]\n", steps=5)
    controls = Controls(job.bundle)
    told: list[str] = []
    async with aclosing(confined().run(job, controls=controls, host=host)) as stream:
        async for event in stream:
            told.append(event.type)
            if isinstance(event, StepRecorded) and event.step == 0:
                asyncio.get_running_loop().call_later(0.1, controls.pause)
            if isinstance(event, RunPaused):
                assert event.step == 1
                controls.stop()
    assert isinstance(event, RunFinished)
    assert told == [
        *("run-started", "step-recorded", "step-recorded", "run-paused", "run-finished")
    ]


async def test_what_was_recorded_before_a_question_is_there_while_it_waits() -> None:
    job = program("import abm_host\ndef act(model):\n    print('asking')\n    abm_host.ask([1])")
    host = Says([Answer()], delay_s=60)
    async with aclosing(confined().run(job, host=host)) as stream:
        kinds = [(await anext(stream)).type for _ in range(3)]
    assert kinds == [RunStarted.model_fields["type"].default, "step-recorded", "text-printed"]


@pytest.mark.parametrize("target", ["mesa", "agentpy"])
@pytest.mark.parametrize("level", [*LEVELS, "none"])
async def test_models_of_every_target_can_ask_at_every_level(target: str, level: str) -> None:
    bundle = compiled("boltzmann-wealth", target).bundle
    source = bundle.files["model.py"] + "\nimport abm_host\nprint(abm_host.ask(['here']))\n"
    job = RunJob(bundle=replace(bundle, files={"model.py": source}), seed=1, steps=1)
    sandbox = make_sandbox("none") if level == "none" else confined(level)
    outcome = await collect(sandbox.run(job, host=Echo()))
    assert outcome.finished
    assert outcome.printed == "[{'value': 'here'}]\n"


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        ('{"type":"ask","id":1,"questions":[1]}\n' * 2, "number was not due|wait for their answer"),
        (
            '{"type":"ask","id":1,"questions":[1]}\n{"type":"ask","id":2,"questions":[1]}\n',
            "others",
        ),
        ('{"type":"ask","id":2,"questions":[1]}\n', "number was not due"),
        ('{"type":"ask","id":true,"questions":[1]}\n', "not of the type int"),
        ('{"type":"ask","id":1,"questions":"many"}\n', "not of the type list"),
        ('{"type":"ask","id":1,"questions":[1],"timeout_s":0}\n', "a time that is none"),
        ('{"type":"ask","id":1,"questions":[1],"timeout_s":"1"}\n', "a time that is none"),
        ('{"type":"ask","id":1,"questions":[1],"timeout_s":true}\n', "a time that is none"),
        ('{"type":"ask","id":1,"questions":[NaN]}\n', "not JSON"),
        ('{"type":"ask","id":1,"questions":[1]}\n{"type":"paused","step":0}\n', "not asked for"),
        (
            '{"type":"ask","id":1,"questions":[1]}\n'
            '{"type":"steps","first":1,"count":1,"model":{}}\n',
            "a step while",
        ),
    ],
)
async def test_questions_that_no_model_asks_break_the_protocol(sent: str, what: str) -> None:
    code = (
        f"import os, time\ndef act(model):\n    os.write(3, {sent!r}.encode())\n    time.sleep(60)"
    )
    host = Says(*[[Answer()]] * 3, delay_s=30)
    outcome = await hosted(code, host)
    assert outcome.failure == "protocol"
    with pytest.raises(AssertionError, match=what):
        raise AssertionError(outcome.problems[-1].message)
    assert host.cancelled == len(host.asked)


async def test_a_time_beyond_all_numbers_is_the_longest_that_is_allowed() -> None:
    code = """
    import os

    def act(model):
        line = b'{"type":"ask","id":1,"questions":[],"timeout_s":1' + b"0" * 15 + b"}"
        os.write(3, line + chr(10).encode())
        return os.read(3, 1_000).decode()
    """
    host = Says([])
    outcome = await hosted(code, host, limits=Limits(question_s=7))
    assert '"answers": []' in outcome.model["value"][1]
    assert host.asked[0].timeout_s == 7


async def test_a_child_that_computes_instead_of_waiting_breaks_the_protocol() -> None:
    code = """
    import os

    def act(model):
        os.write(3, b'{"type":"ask","id":1,"questions":[1]}' + chr(10).encode())
        while True:
            pass
    """
    host = Says([Answer()], delay_s=30)
    outcome = await hosted(code, host)
    assert (outcome.failure, host.cancelled) == ("protocol", 1)
    assert "that it rests, while it computes" in outcome.problems[-1].message


async def test_answers_do_not_pile_up_for_a_child_that_reads_none() -> None:
    code = """
    import os
    import time

    def act(model):
        for number in range(1, 1_000):
            os.write(3, b'{"type":"ask","id":%d,"questions":[1]}' % number + chr(10).encode())
            time.sleep(0.05)
    """
    host = Says(*[[Answer(value="x" * 4_000_000)]] * 1_000)
    outcome = await hosted(code, host)
    assert "questions while others wait for their answer" in outcome.problems[-1].message
    assert len(host.asked) == 1


async def test_a_model_may_not_ask_on_and_on_after_it_was_refused() -> None:
    code = """
    import contextlib
    import abm_host

    def act(model):
        while True:
            with contextlib.suppress(RuntimeError):
                abm_host.ask([])
    """
    outcome = await hosted(code, Echo(), limits=Limits(questions=10))
    assert outcome.failure == "protocol"
    assert "on and on" in outcome.problems[-1].message


async def test_questions_of_no_parts_are_counted_too() -> None:
    code = "import abm_host\n\ndef act(model):\n    return [abm_host.ask([]) for _ in range(4)]"
    outcome = await hosted(code, Echo(), limits=Limits(questions=3))
    assert outcome.failure == "exception"
    assert "0 are left" in outcome.problems[-1].message


async def test_runs_that_are_given_up_at_any_moment_leave_nothing_behind() -> None:
    admission = Admission(at_once=2)
    sandbox = ProcessSandbox(confined().report, Launcher(LEVELS["full"]).start, admission=admission)
    code = f"{CATCHING}\nQUESTIONS = [['x'] * 3]\n"
    rng = random.Random(5)

    async def given_up() -> None:
        host = Echo(rng.choice([0, 0.004, 0.006, 60]))
        run = asyncio.create_task(collect(sandbox.run(program(code, steps=8), host=host)))
        await asyncio.sleep(rng.random() / 10)
        run.cancel()
        await asyncio.wait((run,))

    await collect(sandbox.run(program(code), host=Echo()))
    for _ in range(8):
        await asyncio.gather(*(given_up() for _ in range(4)))
    assert asyncio.all_tasks() == {asyncio.current_task()}
    async with asyncio.timeout(10):
        async with admission.place(1), admission.place(1):
            pass
        while running():  # One that was given up before it began ends when it begins.
            await asyncio.sleep(0.01)

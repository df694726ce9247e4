"""The broker: takes the questions of a run to its host, and the answers back.

The child waits for each answer before it asks again, so that no more than one is on its way. It
sends {"type": "ask", id, questions, timeout_s} and hears {"type": "answer", id, answers} or
{"type": "answer", id, refused}.
"""

import asyncio
import functools
import json
import math
from collections.abc import Sequence
from typing import Protocol

from abm_quant.contracts.events import RunEvent
from abm_quant.contracts.jobs import Limits
from abm_quant.contracts.questions import Answer, Questions
from abm_quant.errors import QuestionsRefused
from abm_quant.running.child import ProtocolBroken
from abm_quant.running.conversation.messages import Message, Reply, take
from abm_quant.running.conversation.outbox import Outbox
from abm_quant.running.conversation.turn import Turn

Answering = asyncio.Future[Sequence[Answer]]
MOST_ANSWER_BYTES = 8 * 1024 * 1024
_PATIENCE_S = 0.005
"""An answer that comes sooner is not worth giving up the place for."""
_GRACE_S = 1
_MOST_REFUSED = 10_000
_NO_HOST = "This run has no host that answers questions."
_TIME_IS_UP = "The host did not answer within {:g} s."
_HOST_FAILED = "The host could not answer."
_TOO_LONG = f"The answers are longer than {MOST_ANSWER_BYTES // 1024**2} MiB; ask less at once."


class Host(Protocol):
    """Answers the questions of one run."""

    async def answer(self, questions: Questions) -> Sequence[Answer]:
        """Give one answer for each question, in their order.

        Raises QuestionsRefused with a sentence for the model to refuse them all; the text of any
        other exception stays in the service. Is cancelled when the time is up or the run ends. A
        run repeats itself only where its host gives the same answers.
        """
        ...


class Echo:
    """A host that answers each question with the question."""

    def __init__(self, delay_s: float = 0) -> None:
        self._delay_s = delay_s

    async def answer(self, questions: Questions) -> Sequence[Answer]:
        """Give the questions back."""
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        return [Answer(value=each) for each in questions.questions]


class Broker:
    """Asks the host for one run, within its limits. While it waits, the run gives up its place."""

    def __init__(self, host: Host | None, limits: Limits, *, turn: Turn, outbox: Outbox) -> None:
        self._host = host
        self._limits = limits
        self._turn = turn
        self._outbox = outbox
        self._left = limits.questions
        self._number = 0
        self._answer_line = 0
        self._due: Questions | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._hosts: set[Answering] = set()
        self._returning: asyncio.Task[None] | None = None
        self.replies: dict[str, Reply] = {"ask": self._read_ask}

    async def end(self) -> None:
        """Cancel what the host still does, and wait a moment until it has ended."""
        self._stop_timers()
        self._due = None
        if self._returning is not None:
            self._returning.cancel()
        for task in self._hosts:
            task.cancel()
        if self._hosts:
            await asyncio.wait(self._hosts, timeout=_GRACE_S)

    def _read_ask(self, message: Message, steps: int) -> list[RunEvent]:
        number, questions = take(message, "id", int), take(message, "questions", list)
        if number != self._number + 1:
            raise ProtocolBroken("questions whose number was not due")
        if self._due or self._returning or self._outbox.sent < self._answer_line:
            raise ProtocolBroken("questions while others wait for their answer")
        timeout_s = min(_timeout(message), self._limits.question_s)
        if number > self._limits.questions + _MOST_REFUSED:
            raise ProtocolBroken("questions on and on that are refused")
        self._turn.wait()
        self._number = number
        refusal = self._refusal(len(questions))
        if self._host is None or refusal:
            self._answer({"refused": refusal or _NO_HOST})
            return []
        self._left -= max(len(questions), 1)
        self._due = Questions(questions=tuple(questions), timeout_s=timeout_s, step=steps)
        self._ask(self._host, self._due)
        return []

    def _refusal(self, count: int) -> str:
        """Give why so many questions are not taken to the host, empty where they are."""
        limits = self._limits
        if count > limits.questions_at_once:
            return (
                f"{count:,} questions at once are more than the limit of "
                f"{limits.questions_at_once:,} (questions_at_once)."
            )
        if max(count, 1) > self._left:
            return (
                f"{count:,} more questions are too many: a run may ask {limits.questions:,} "
                f"(questions), and {self._left:,} are left."
            )
        return ""

    def _ask(self, host: Host, asked: Questions) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(host.answer(asked))
        self._hosts.add(task)
        task.add_done_callback(functools.partial(self._hear, asked))
        self._timers = [
            loop.call_later(_PATIENCE_S, self._turn.leave),
            loop.call_later(asked.timeout_s, self._give_up, asked, task),
        ]

    def _hear(self, asked: Questions, task: Answering) -> None:
        """Take what the host says; what comes too late is not heard."""
        self._hosts.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None and not isinstance(failure, QuestionsRefused):
            told = {"message": "The host of a run failed", "exception": failure, "task": task}
            task.get_loop().call_exception_handler(told)
        if asked is self._due:
            self._answer(_reply(task, len(asked.questions)))

    def _give_up(self, asked: Questions, task: Answering) -> None:
        task.cancel()
        self._answer({"refused": _TIME_IS_UP.format(asked.timeout_s)})

    def _answer(self, reply: Message) -> None:
        """Send a reply as soon as the run has a place again."""
        self._stop_timers()
        self._due = None
        line = _line(self._number, reply)
        if self._turn.go_on():
            self._answer_line = self._outbox.put(line)
        else:
            self._returning = asyncio.get_running_loop().create_task(self._come_back(line))

    async def _come_back(self, line: bytes) -> None:
        await self._turn.resume()
        self._returning = None
        self._answer_line = self._outbox.put(line)

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()


def _timeout(message: Message) -> float:
    asked = message.get("timeout_s")
    if asked is None:
        return math.inf
    if type(asked) not in (int, float) or not asked > 0:
        raise ProtocolBroken("questions with a time that is none")
    return float(asked)


def _reply(task: Answering, count: int) -> Message:
    """Give what the model hears of a host that is done."""
    failure = None if task.cancelled() else task.exception()
    if isinstance(failure, QuestionsRefused):
        return {"refused": str(failure)}
    if task.cancelled() or failure is not None or len(task.result()) != count:
        return {"refused": _HOST_FAILED}
    return {
        "answers": [
            {"value": each.value} if each.error is None else {"error": each.error}
            for each in task.result()
        ]
    }


def _line(number: int, reply: Message) -> bytes:
    """Give the message to the child; what cannot be sent is refused."""
    message = {"type": "answer", "id": number}
    try:
        line = json.dumps({**message, **reply}, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        return _line(number, {"refused": _HOST_FAILED})
    if len(line) > MOST_ANSWER_BYTES:
        return _line(number, {"refused": _TOO_LONG})
    return line

"""Reads what a child sends, as if it were sent by an enemy, and gives the events of the run."""

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic_core import from_json

from abm_quant.contracts.events import (
    AgentColumns,
    FailureReason,
    ProblemNoticed,
    RunEvent,
    RunFailed,
    RunFinished,
    StepRecorded,
    TextPrinted,
)
from abm_quant.contracts.jobs import RunJob
from abm_quant.contracts.problems import Problem, problem
from abm_quant.running.child import ProtocolBroken
from abm_quant.running.conversation.failures import (
    Claim,
    exception_problem,
    limit_problem,
    rows_problem,
)
from abm_quant.running.conversation.jobs import steps_to_take
from abm_quant.running.conversation.tables import Tables
from abm_quant.running.inside.reporting import MAX_PRINTED, STEPS_A_MESSAGE
from abm_quant.running.inside.values import MOST_ID

T = TypeVar("T")
Message = dict[str, Any]
Reply = Callable[[Message, int], list[RunEvent]]
"""Reads an answer to what the service asked between two steps; gets the number of steps taken."""

_MAX_NOTICES = 1_000
_MAX_TEXT = MAX_PRINTED + 100
"""What is kept of a text, and the note that there was more."""
_COLUMNS = {"agents": "attributes", "frame": "agents", "steps": "model"}
"""The field of a message that holds its columns, by its type."""
_OWN_LISTS = {"frame": 2_500}
"""Lists and objects that a message has by its type, where that is more than the usual 5."""
_MAX_NUMBER = 10**308
_MANY_DIGITS = b"0" * 309
_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)


def parse(line: bytes) -> dict[str, Any]:
    """Give the JSON object of a line: no NaN, no number beyond 1e308, at most 200 levels deep.

    Raises ProtocolBroken.
    """
    try:
        message = from_json(line, allow_inf_nan=False)
    except ValueError as failure:
        raise ProtocolBroken("a line that is not JSON") from failure
    if not isinstance(message, dict):
        raise ProtocolBroken("a line that is not a JSON object")
    if _MANY_DIGITS in line.translate(_DIGITS_AS_ZEROS) and _is_too_large(message):
        raise ProtocolBroken("a number that is too large")
    return message


class Listener:
    """Follows one run: what may come next depends on what came before."""

    def __init__(self, job: RunJob, replies: Mapping[str, Reply] = MappingProxyType({})) -> None:
        """Take what reads the answers to what was asked, by the type of the message."""
        self._job = job
        self._most_steps = steps_to_take(job)
        self._first_step = job.resume.step + 1 if job.resume else 0
        self._next_step = self._first_step
        self._rows = 0 if job.resume else -1  # The state before the first step is none.
        self._tables = Tables(job.limits)
        self._agents: dict[str, AgentColumns] = {}
        self._notices = 0
        self._printed = 0
        self._readers: dict[str, Callable[[Message], list[RunEvent]]] = {
            "agents": self._read_agents,
            "steps": self._read_steps,
            "printed": self._read_printed,
            "not-json": self._read_not_json,
            "finished": self._read_finished,
            "failed": self._read_failed,
        }
        for kind, reply in replies.items():
            self._readers[kind] = functools.partial(self._read_reply, reply)

    @property
    def steps(self) -> int:
        """Steps that were completed until now."""
        return max(self._next_step - 1, 0)

    def read(self, line: bytes) -> list[RunEvent]:
        """Give the events of a line, in their order. Raises ProtocolBroken."""
        message = parse(line)
        kind = message.get("type")
        reader = self._readers.get(kind) if isinstance(kind, str) else None
        if reader is None:
            raise ProtocolBroken("a message of an unknown type")
        self._rows += _nested(line, message)
        if self._rows > self._job.limits.rows:
            return self._too_many_rows()
        return reader(message)

    def _read_agents(self, message: dict[str, Any]) -> list[RunEvent]:
        self._expect_step(message)
        agent_type = take(message, "agent_type", str)
        ids = take(message, "id", list)
        attributes = take(message, "attributes", dict)
        if any(type(each) is not int or not -1 <= each < MOST_ID for each in ids):
            raise ProtocolBroken("agents without numbers")
        if any(type(each) is not list or len(each) != len(ids) for each in attributes.values()):
            raise ProtocolBroken("columns of unequal length")
        if not ids and agent_type in self._agents:
            raise ProtocolBroken("no agents once more")
        self._tables.add_agents(agent_type, attributes.keys(), len(ids))
        known = self._agents.setdefault(
            agent_type, AgentColumns(id=[], attributes={name: [] for name in attributes})
        )
        known.id.extend(ids)
        for name, column in attributes.items():
            known.attributes.setdefault(name, []).extend(column)
        self._rows += len(ids)
        return self._too_many_rows() if self._rows >= self._job.limits.rows else []

    def _read_steps(self, message: dict[str, Any]) -> list[RunEvent]:
        first = self._expect_step(message, "first")
        count = take(message, "count", int)
        columns = take(message, "model", dict)
        if not 1 <= count <= STEPS_A_MESSAGE or first + count - 1 > self._most_steps:
            raise ProtocolBroken("a number of steps that no message holds")
        if any(type(each) is not list or len(each) != count for each in columns.values()):
            raise ProtocolBroken("series of unequal length")
        self._tables.add_steps(columns.keys(), first - self._first_step, count)
        rows = zip(*columns.values(), strict=True) if columns else [()] * count
        agents, self._agents = self._agents, {}
        fitting = min(count, self._job.limits.rows - self._rows)
        self._next_step += fitting
        self._rows += fitting
        events: list[RunEvent] = []
        for step, row in zip(range(first, first + fitting), rows, strict=False):
            model = dict(zip(columns, row, strict=True))
            events.append(StepRecorded(step=step, model=model, agents=agents))
            agents = {}
        return events if fitting == count else [*events, *self._too_many_rows()]

    def _read_printed(self, message: dict[str, Any]) -> list[RunEvent]:
        text = take(message, "text", str)
        self._printed += len(text)
        if not text or self._printed > _MAX_TEXT:
            raise ProtocolBroken("no text, or more than is kept")
        return [TextPrinted(text=text)]

    def _read_not_json(self, message: dict[str, Any]) -> list[RunEvent]:
        self._notices += 1
        if self._notices > _MAX_NOTICES:
            raise ProtocolBroken("too many notices")
        series, kind = take(message, "series", str)[:500], take(message, "kind", str)[:100]
        text = f"The values of {series!r} are of the type {kind!r} and have no JSON form."
        hint = "Their text was recorded. Track a number, a text or a boolean instead."
        return [ProblemNoticed(problem=problem("value-not-json", "", text, hint))]

    def _read_reply(self, reply: Reply, message: Message) -> list[RunEvent]:
        if message.get("what") == "agents":
            self._agents.clear()  # A part of those that are left out may have come.
        return reply(message, self._next_step - 1)

    def _read_finished(self, message: dict[str, Any]) -> list[RunEvent]:
        steps, reason = take(message, "steps", int), take(message, "stop_reason", str)
        if steps != self._next_step - 1:
            raise ProtocolBroken("an end after a number of steps that were not recorded")
        return [RunFinished(steps=steps, stop_reason=reason[:300])]

    def _read_failed(self, message: dict[str, Any]) -> list[RunEvent]:
        reason = message.get("reason")
        line = message.get("line")
        if line is not None and type(line) is not int:
            raise ProtocolBroken("a line number that is not a number")
        limits = self._job.limits
        if reason == "memory":
            return self._failed("memory", limit_problem("memory", limits))
        if reason == "output":
            detail = take(message, "message", str)[:300]
            return self._failed("output", limit_problem("output", limits, detail))
        if reason != "exception":
            raise ProtocolBroken("an unknown reason of a failure")
        claim = Claim(
            line=line,
            exception=take(message, "exception", str)[:100],
            message=take(message, "message", str)[:2100],
            agent=_agent(message),
        )
        steps = self._next_step - 1 if self._next_step else None
        return self._failed("exception", exception_problem(self._job.bundle, claim, steps))

    def _too_many_rows(self) -> list[RunEvent]:
        return self._failed("output", rows_problem(self._job.limits))

    def _failed(self, reason: FailureReason, what: Problem) -> list[RunEvent]:
        return [RunFailed(steps=self.steps, reason=reason, problem=what)]

    def _expect_step(self, message: dict[str, Any], name: str = "step") -> int:
        step: int = take(message, name, int)
        if step != self._next_step or step > self._most_steps:
            raise ProtocolBroken(f"step {step} where step {self._next_step} was due")
        return step


def _agent(message: dict[str, Any]) -> str:
    """Give the agent in whose turn a run broke, such as `Wolf 12`, empty where none is named."""
    if message.get("agent") is None:
        return ""
    agent = take(message, "agent", dict)
    name, number = take(agent, "type", str), take(agent, "id", int)
    if not name.isidentifier() or len(name) > 100 or not 0 <= number < MOST_ID:
        raise ProtocolBroken("an agent that no model has")
    return f"{name} {number}"


def _is_too_large(value: Any) -> bool:
    """Tell whether there is a number in a value that no float is large enough for."""
    if isinstance(value, dict | list):
        return any(map(_is_too_large, value.values() if isinstance(value, dict) else value))
    return type(value) is int and abs(value) >= _MAX_NUMBER


def _nested(line: bytes, message: dict[str, Any]) -> int:
    """Give the number of lists and objects in a message beyond its own columns: a small text can
    hold millions of them, each of which takes much memory."""
    columns = message.get(_COLUMNS.get(message["type"], ""))
    own = _OWN_LISTS.get(message["type"], 5) + (len(columns) if isinstance(columns, dict) else 0)
    return max(line.count(b"[") + line.count(b"{") - own, 0)


def take(message: Message, name: str, kind: type[T]) -> T:
    """Give a field of a message; raises ProtocolBroken when it is not of the type."""
    value = message.get(name)
    if type(value) is not kind:
        raise ProtocolBroken(f"a message whose {name} is not of the type {kind.__name__}")
    return value

"""Reads the frames that a child sends, and what it says it has left out; believes neither."""

from typing import Any

from abm_quant.contracts.events import (
    FrameColumns,
    FrameRecorded,
    FrameSpace,
    ProblemNoticed,
    RunEvent,
)
from abm_quant.contracts.jobs import RunJob
from abm_quant.contracts.problems import Problem, problem
from abm_quant.running.child import ProtocolBroken
from abm_quant.running.conversation.messages import Message, Reply, take
from abm_quant.running.inside.spaces import KINDS, MOST_LINKS, MOST_NODES

_MOST_TYPES = 500
_MOST_SHOWN = 1_000
_MOST_NOTES = 1_000


class Frames:
    """Follows the frames of one run: at most one a step, and none that nobody asked for."""

    def __init__(self, job: RunJob) -> None:
        self._job = job
        self._asked = 0
        self._last_step = job.resume.step if job.resume else -1
        self._rows = 0
        self._notes = 0
        self.replies: dict[str, Reply] = {"frame": self._read_frame, "bounded": self._read_note}
        """What reads each type of message."""

    def ask(self) -> None:
        """Take one frame more than the job asks for."""
        self._asked += 1

    def _read_frame(self, message: Message, step: int) -> list[RunEvent]:
        every = self._job.record.frames_every
        due = every is not None and step % every == 0
        if not (due or self._asked) or not self._last_step < step == take(message, "step", int):
            raise ProtocolBroken("a frame that nobody asked for")
        self._asked -= 0 if due else 1
        self._last_step = step
        agents = take(message, "agents", dict)
        if len(agents) > _MOST_TYPES or not all(map(str.isidentifier, agents)):
            raise ProtocolBroken("types of agents that no model can have")
        space = _space(take(message, "space", dict), message.get("network"))
        columns = {name: self._columns(each, space) for name, each in agents.items()}
        self._rows += sum(len(each.id) for each in columns.values())
        if self._rows > self._job.limits.rows:
            raise ProtocolBroken("more rows of frames than were allowed")
        return [FrameRecorded(step=step, space=space, agents=columns)]

    def _columns(self, columns: Any, space: FrameSpace) -> FrameColumns:
        """Give the columns of one type of agents."""
        if type(columns) is not dict:
            raise ProtocolBroken("columns that are no object")
        total, ids = take(columns, "total", int), take(columns, "id", list)
        attributes = take(columns, "attributes", dict)
        places = {"none": (), "network": ("node",)}.get(space.kind, ("x", "y"))
        named = {name: take(columns, name, list) for name in places}
        if len(ids) > self._job.record.most_agents or len(ids) > total:
            raise ProtocolBroken("more agents than a frame has")
        if any(type(each) is not int for each in ids):
            raise ProtocolBroken("agents without numbers")
        listed = [*named.values(), *attributes.values()]
        if len(attributes) > _MOST_SHOWN or any(
            type(each) is not list or len(each) != len(ids) for each in listed
        ):
            raise ProtocolBroken("columns of unequal length")
        if space.kind != "network" and not all(map(_are_numbers, named.values())):
            raise ProtocolBroken("coordinates that are no numbers")
        return FrameColumns(total=total, id=ids, attributes=attributes, **named)

    def _read_note(self, message: Message, step: int) -> list[RunEvent]:
        """Read what was left out; `step` is the last one that was recorded."""
        self._notes += 1
        what = message.get("what")
        if self._notes > _MOST_NOTES or not isinstance(what, str) or what not in _NOTES:
            raise ProtocolBroken("a note that no run sends")
        return [ProblemNoticed(problem=_NOTES[what](self._job, message, step))]


def _space(space: dict[str, Any], network: Any) -> FrameSpace:
    kind, size = space.get("kind"), [space.get("width"), space.get("height")]
    if kind not in KINDS or not _are_numbers(size):
        raise ProtocolBroken("a space that no model has")
    nodes, links = _network(network) if kind == "network" and network is not None else ([], [])
    return FrameSpace(kind=kind, width=size[0], height=size[1], nodes=nodes, links=links)


def _network(network: Any) -> tuple[list[Any], list[tuple[Any, Any]]]:
    if type(network) is not dict:
        raise ProtocolBroken("a network that is no object")
    nodes, tails, heads = (take(network, name, list) for name in ("nodes", "from", "to"))
    if len(nodes) > MOST_NODES or len(tails) > MOST_LINKS or len(tails) != len(heads):
        raise ProtocolBroken("a network that no frame has")
    return nodes, list(zip(tails, heads, strict=True))


def _are_numbers(values: list[Any]) -> bool:
    return all(each is None or type(each) in (int, float) for each in values)


def _sample_note(job: RunJob, message: Message, step: int) -> Problem:
    agent_type = take(message, "agent_type", str)[:100]
    kept, of = take(message, "kept", int), take(message, "of", int)
    return problem(
        "recording-bounded",
        "",
        f"Of the {of:,} agents of the type {agent_type!r} at step {step + 1}, {kept:,} are recorded "
        "one by one: the same ones through time, chosen by their ids.",
        f"Raise agentsAStep of the recording above {job.record.agents_a_step:,} for more of them.",
    )


def _agents_note(job: RunJob, message: Message, step: int) -> Problem:
    rows = min(job.record.agent_rows, job.limits.rows // 2)
    return problem(
        "recording-bounded",
        "",
        f"No single agents are recorded after step {step}: with step {step + 1} they would take "
        f"more than {rows:,} rows or half of {job.limits.output_mb:g} MiB.",
        "Lower agentsAStep of the recording for a sample of the whole run, or raise agentRows; "
        "whoever runs the service raises ABM_LIMIT_ROWS and ABM_LIMIT_OUTPUT_MB.",
    )


def _frames_note(job: RunJob, message: Message, step: int) -> Problem:
    return problem(
        "recording-bounded",
        "",
        f"There are no frames from step {step} on: all frames together may take "
        f"{job.limits.rows // 4:,} rows and a quarter of {job.limits.output_mb:g} MiB.",
        "Raise framesEvery of the recording or lower mostAgents; whoever runs the service raises "
        "ABM_LIMIT_ROWS and ABM_LIMIT_OUTPUT_MB.",
    )


def _links_note(job: RunJob, message: Message, step: int) -> Problem:
    nodes, links = take(message, "nodes", int), take(message, "links", int)
    return problem(
        "recording-bounded",
        "",
        f"Frames do not hold the links of the network: it has {nodes:,} nodes and {links:,} links.",
        f"Networks of up to {MOST_NODES:,} nodes and {MOST_LINKS:,} links are held.",
    )


_NOTES = {
    "sample": _sample_note,
    "agents": _agents_note,
    "frames": _frames_note,
    "links": _links_note,
}
"""By what was left out: what makes the problem of it."""

"""The lists that hold the agents: what they are called, and what they must be able to do."""

from dataclasses import dataclass
from typing import Literal

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.rendering.views import functions_of, mentions
from abm_quant.compiling.targets.agentpy_dialect.code import Names, called_method, pieces
from abm_quant.compiling.targets.agentpy_dialect.creations import unplain
from abm_quant.compiling.targets.agentpy_dialect.names import list_names
from abm_quant.contracts.program import (
    Activate,
    CallFunction,
    CreateAgents,
    Program,
    SetupAction,
    SetVariable,
)

SHUFFLES = ("shuffle", "shuffle_do")
ACTIVATIONS = (*SHUFFLES, "do")
ACTING_CALL = m.Call(
    func=m.Attribute(
        value=m.Attribute(attr=m.Name("agents")), attr=m.OneOf(*map(m.Name, ACTIVATIONS))
    )
)


@dataclass(frozen=True, kw_only=True)
class AgentLists:
    """How a model holds its agents."""

    names: dict[str, str]
    """The attribute of the model by type."""
    born: frozenset[str]
    """The types of which agents are made while the model runs."""
    removed: frozenset[str]
    """The types of which agents are removed while the model runs."""
    acting: frozenset[str]
    """The types whose agents act in random order, which must not change the order of the list."""
    joining: frozenset[str]
    """The types whose agents put themselves on their lists when they are set up."""
    early: frozenset[str]
    """The types whose lists are read before their agents are there."""
    whole: Literal["none", "single", "property", "kept"]
    """How the model has all agents: not at all, as the list of its only type, put together when
    it is read, or as a list of its own."""

    def class_of(self, agent_type: str | None) -> str:
        """Give the class of a type's list, or of the list of all agents for None."""
        if agent_type is None and self.whole in ("property", "kept"):
            return "AgentDList" if self.whole == "kept" else "AgentList"
        moving = self.born | self.removed | self.acting
        return "AgentDList" if self._has(agent_type, moving) else "AgentList"

    def name_of(self, agent_type: str | None) -> str:
        """Give the attribute that holds a type's agents, or all agents for None."""
        return self.names[agent_type] if agent_type else "agents"

    def changes(self, agent_type: str | None) -> bool:
        """Whether agents join or leave the list while it is read."""
        return self._is_kept(agent_type) and self._has(agent_type, self.born | self.removed)

    def loses(self, agent_type: str | None) -> bool:
        """Whether agents leave the list while it is read."""
        return self._is_kept(agent_type) and self._has(agent_type, self.removed)

    def _is_kept(self, agent_type: str | None) -> bool:
        return agent_type is not None or self.whole != "property"

    def _has(self, agent_type: str | None, types: frozenset[str]) -> bool:
        return bool(types if agent_type is None else types & {agent_type})


def agent_lists(program: Program) -> AgentLists:
    """Give how a Program in the one dialect holds its agents."""
    names = list_names(program)
    removed = {each.name for each in program.agent_types if each.is_removed}
    whole = _whole(program, removed)
    readers = {name: _readers(program, name) for name in names}
    joining = {name for name, found in readers.items() if name in found} | unplain(program)
    if whole == "kept":
        joining = set(names)
    early = {name for name, found in readers.items() if found} | joining
    return AgentLists(
        names=names,
        born=mentions(program).created,
        removed=frozenset(removed),
        acting=frozenset(_acting(program)),
        joining=frozenset(joining),
        early=frozenset(early),
        whole=whole,
    )


def _whole(program: Program, removed: set[str]) -> Literal["none", "single", "property", "kept"]:
    if len(program.agent_types) == 1:
        return "single"
    plan = [each for each in (*program.setup, *program.steps) if isinstance(each, CallFunction)]
    acting = any(each.each_agent and each.agent_type is None for each in plan)
    reading = False
    for node, place in pieces(program):
        names = Names(node, place)
        for each in m.findall(node, m.Attribute(attr=m.Name("agents"))):
            reading = reading or names.is_model(cst.ensure_type(each, cst.Attribute).value)
        for call in m.findall(node, ACTING_CALL):
            function = cst.ensure_type(cst.ensure_type(call, cst.Call).func, cst.Attribute)
            whole = cst.ensure_type(function.value, cst.Attribute)
            acting = acting or names.is_model(whole.value)
    if acting and removed:
        return "kept"
    return "property" if acting or reading else "none"


def _acting(program: Program) -> set[str]:
    """Give the types whose agents the plan or the author's code shuffles."""
    types = {each.name for each in program.agent_types}
    calls = [call for node, _ in pieces(program) for call in m.findall(node, m.Call())]
    if any(called_method(call) in SHUFFLES for call in calls):
        return types
    found: set[str | None] = set()
    for action in (*program.setup, *program.steps):
        if isinstance(action, Activate) or (isinstance(action, CallFunction) and action.each_agent):
            found.add(action.agent_type)
    return types if None in found else {each for each in found if each}


def _readers(program: Program, agent_type: str) -> set[str]:
    """Give what reads the list of a type before it is complete: the type itself, or "plan"."""
    reached = _Reach(program)
    of_type = program.agent_type(agent_type)
    found: set[str] = set()
    for action in program.setup:
        if isinstance(action, CreateAgents) and action.agent_type == agent_type:
            if any(reached.reads(each.initial, agent_type) for each in of_type.attributes):
                found.add(agent_type)
            return found
        found |= {"plan"} if _reads(program, action, agent_type, reached) else set()
    return found | {"plan"}


def _reads(program: Program, action: SetupAction, agent_type: str, reached: "_Reach") -> bool:
    nodes: list[cst.CSTNode] = []
    if isinstance(action, SetVariable):
        nodes = [each.initial for each in program.variables if each.name == action.name]
    elif isinstance(action, CallFunction):
        nodes = [cst.Name(action.name), *action.arguments]
    elif isinstance(action, Activate):
        nodes = [cst.Name(action.behavior), *action.arguments]
    elif isinstance(action, CreateAgents):
        other = program.agent_type(action.agent_type)
        nodes = [other.count, *(each.initial for each in other.attributes)]
    return any(reached.reads(node, agent_type) for node in nodes)


class _Reach:
    """What a piece of code mentions, with all that it may call."""

    def __init__(self, program: Program) -> None:
        self.bodies: dict[str, list[cst.CSTNode]] = {}
        for each in functions_of(program):
            self.bodies.setdefault(each.name, []).append(each.definition)
        self.types = {each.name for each in program.agent_types}

    def reads(self, node: cst.CSTNode, agent_type: str) -> bool:
        """Whether the code may read the list of a type."""
        names = self._mentioned(node)
        by_type = "agents_by_type" in names and (agent_type in names or not names & self.types)
        return "agents" in names or by_type

    def _mentioned(self, node: cst.CSTNode) -> set[str]:
        names: set[str] = set()
        waiting = [node]
        while waiting:
            new = {
                cst.ensure_type(each, cst.Name).value for each in m.findall(waiting.pop(), m.Name())
            } - names
            names |= new
            waiting += [body for name in new for body in self.bodies.get(name, [])]
        return names

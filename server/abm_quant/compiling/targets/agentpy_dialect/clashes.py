"""Names of the author that AgentPy has given away: they get an underscore; series keep theirs."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import libcst as cst

from abm_quant.compiling.rendering.imports import bound_names
from abm_quant.compiling.rendering.views import free_name, member_names
from abm_quant.compiling.targets.agentpy_dialect.code import (
    Place,
    Renaming,
    text_of,
    visited,
)
from abm_quant.compiling.targets.agentpy_dialect.names import (
    AGENT_NAMES,
    MODEL_NAMES,
    TIME_NAMES,
    agent_member_names,
)
from abm_quant.contracts.program import (
    Activate,
    AgentType,
    CallFunction,
    Function,
    Program,
    SetupAction,
    SetVariable,
    StepAction,
    StopRule,
    Tracker,
)

Action = TypeVar("Action", bound=SetupAction | StepAction)
NAMED_BY = ("getattr", "setattr", "hasattr", "delattr")


def rename_clashes(program: Program) -> Program:
    """Give the Program without names that AgentPy uses itself."""
    own = {each.name for each in program.variables} | {each.name for each in program.behaviors}
    members = {
        each for agent_type in program.agent_types for each in agent_member_names(agent_type)
    }
    of_model = _renamed(own & MODEL_NAMES, member_names(program))
    of_agents = _renamed(members & AGENT_NAMES, members)
    if of_model or of_agents:
        types = {each.name for each in program.agent_types}
        foreign = bound_names(program.imports)
        program = visited(program, _Clashes, of_model, of_agents, foreign, types)
        program = _declared(program, of_model, of_agents)
    return replace(program, trackers=tuple(_beside_time(each) for each in program.trackers))


def _renamed(clashing: Iterable[str], taken: set[str]) -> dict[str, str]:
    return {name: free_name(f"{name}_", taken | MODEL_NAMES) for name in sorted(clashing)}


def _declared(program: Program, of_model: dict[str, str], of_agents: dict[str, str]) -> Program:
    """Give the Program with its declarations renamed as its code is."""
    return replace(
        program,
        variables=tuple(
            replace(each, name=of_model.get(each.name, each.name)) for each in program.variables
        ),
        behaviors=tuple(_function(each, of_model) for each in program.behaviors),
        agent_types=tuple(_agent_type(each, of_agents) for each in program.agent_types),
        setup=tuple(_action(each, of_model, of_agents) for each in program.setup),
        steps=tuple(_action(each, of_model, of_agents) for each in program.steps),
        stop_rules=tuple(_rule(each, of_model, of_agents) for each in program.stop_rules),
        trackers=tuple(_tracker(each, of_model, of_agents) for each in program.trackers),
    )


def _function(function: Function, names: dict[str, str]) -> Function:
    name = names.get(function.name, function.name)
    definition = function.definition.with_changes(name=cst.Name(name))
    return replace(function, name=name, definition=definition)


def _agent_type(agent_type: AgentType, names: dict[str, str]) -> AgentType:
    return replace(
        agent_type,
        attributes=tuple(
            replace(each, name=names.get(each.name, each.name)) for each in agent_type.attributes
        ),
        behaviors=tuple(_function(each, names) for each in agent_type.behaviors),
    )


def _action(action: Action, of_model: dict[str, str], of_agents: dict[str, str]) -> Action:
    if isinstance(action, SetVariable):
        return replace(action, name=of_model.get(action.name, action.name))
    if isinstance(action, Activate):
        return replace(action, behavior=of_agents.get(action.behavior, action.behavior))
    if isinstance(action, CallFunction):
        name = of_model.get(action.name, action.name) if action.is_method else action.name
        stores = action.stores and of_model.get(action.stores, action.stores)
        return replace(action, name=name, stores=stores)
    return action


def _rule(rule: StopRule, of_model: dict[str, str], of_agents: dict[str, str]) -> StopRule:
    names = of_agents if rule.agent_type else of_model
    return replace(rule, attribute=names.get(rule.attribute, rule.attribute))


def _tracker(tracker: Tracker, of_model: dict[str, str], of_agents: dict[str, str]) -> Tracker:
    names = of_agents if tracker.agent_type else of_model
    name = names.get(tracker.attribute, tracker.attribute)
    return replace(tracker, attribute=name, name=tracker.label)


def _beside_time(tracker: Tracker) -> Tracker:
    """AgentPy keeps the time under names that no series can have."""
    is_taken = tracker.label in TIME_NAMES
    return replace(tracker, name=f"{tracker.label}_") if is_taken else tracker


class _Clashes(Renaming):
    """Gives the members of the model and of agents their new names."""

    def __init__(
        self,
        node: cst.CSTNode,
        place: Place,
        of_model: dict[str, str],
        of_agents: dict[str, str],
        *known: set[str],
    ) -> None:
        super().__init__(node, place)
        self.of_model, self.of_agents = of_model, of_agents
        self.foreign, self.types = known

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        """Rename what is read or changed with a dot."""
        holder, name = original_node.value, original_node.attr.value
        if isinstance(holder, cst.Name) and holder.value in self.foreign:
            return updated_node
        names = self.of_model if self.names.is_model(holder) else self.of_agents
        new = names.get(name)
        return updated_node.with_changes(attr=cst.Name(new)) if new else updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Rename what is named by a text, and the arguments of new agents."""
        function = original_node.func
        if isinstance(function, cst.Name) and function.value in NAMED_BY and updated_node.args:
            is_model = self.names.is_model(original_node.args[0].value)
            return _with_text(updated_node, 1, self.of_model if is_model else self.of_agents)
        if isinstance(function, cst.Name) and function.value in self.types:
            return updated_node.with_changes(args=[self._argument(a) for a in updated_node.args])
        return updated_node

    def _argument(self, argument: cst.Arg) -> cst.Arg:
        new = self.of_agents.get(argument.keyword.value) if argument.keyword else None
        return argument.with_changes(keyword=cst.Name(new)) if new else argument


def _with_text(call: cst.Call, index: int, names: dict[str, str]) -> cst.Call:
    """Give a call whose argument of this index is renamed, where it is a text."""
    given = text_of(call.args[index].value) if len(call.args) > index else None
    if given not in names:
        return call
    new = call.args[index].with_changes(value=cst.SimpleString(f'"{names[given]}"'))
    return call.with_changes(args=[*call.args[:index], new, *call.args[index + 1 :]])

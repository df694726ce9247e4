"""Initialization: gathers the set-up actions of a specification, with what each of them reads."""

from dataclasses import dataclass, field

import libcst as cst

from abm_quant.compiling.behaviors.pieces import Pieces
from abm_quant.compiling.behaviors.uses import Uses, uses
from abm_quant.compiling.planning.plan import Planner
from abm_quant.compiling.planning.setup import Node, SetupPlan
from abm_quant.compiling.resolve import MODEL_STATE, Declared, Names
from abm_quant.compiling.values.values import Lowered
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import (
    Activate,
    AgentType,
    BuildSpace,
    CreateAgents,
    SetupAction,
    SetVariable,
    Space,
    Variable,
)
from abm_quant.contracts.spec import AgentType as AgentTypeSpec
from abm_quant.contracts.spec import ModelSpec


def populated(spec: ModelSpec, names: Names, pieces: Pieces) -> dict[str, Declared]:
    """Give the agent classes whose agents the author's own set-up code creates, each with the
    function that does.

    That is code which creates them in a loop, or by `create_agents`; a single agent is one more.
    """
    found: dict[str, Declared] = {}
    initialization = spec.scheduler.initialization
    for item in (initialization.initialization_order if initialization else None) or ():
        declared = names.find(item.source_name, "global-function", "environment-behavior")
        if declared is None or declared.path not in pieces.by_path:
            continue
        repeated = pieces.deep_uses(pieces.by_path[declared.path].uses).repeated
        for class_name in names.type_names.values():
            if class_name in repeated:
                found.setdefault(class_name, declared)
    return found


@dataclass
class Initialization:
    """Makes the set-up plan; collects problems."""

    spec: ModelSpec
    names: Names
    pieces: Pieces
    planner: Planner
    lowered: dict[str, Lowered]
    """Start values: of variables by name, of attributes by `T.attribute`."""
    populated: dict[str, Declared]
    """Agent classes whose agents the author's own code creates, with the function that does."""
    problems: list[Problem] = field(default_factory=list)

    def ordered(
        self, space: Space, agent_types: tuple[AgentType, ...], variables: list[Variable]
    ) -> tuple[SetupAction, ...]:
        """Give the set-up actions in an order that can be carried out."""
        plan = SetupPlan(
            pieces=self.pieces,
            type_names=frozenset(self.names.type_names.values()),
        )
        order, calls = self._initialization()
        placed = self._placed_types(calls)
        plan.nodes += [self._setting(variable, order) for variable in variables]
        has_space = space.kind != "none" and not space.made_by_author
        if has_space:
            used = self._space_uses(space, agent_types)
            node = Node(action=BuildSpace(), key="space", uses=used, label="the space", order=None)
            plan.nodes.append(node)
        exclusive = space.api == "pos" or space.capacity == 1
        for declared, agent_type in zip(self.names.of("initial-count"), agent_types, strict=True):
            if agent_type.name in self.populated:
                self._report_populated(declared, agent_type.name)
                continue
            place = has_space and not (exclusive and agent_type.name in placed)
            used = self._creation_uses(declared.agent_type or "", agent_type)
            plan.nodes.append(_creating(agent_type, order, used, place=place))
        plan.nodes += calls
        actions = plan.ordered()
        self.problems += plan.problems
        return actions

    def _setting(self, variable: Variable, order: dict[str, float]) -> Node:
        """Give the step that sets a variable."""
        key = f"variable:{variable.name}"
        return Node(
            action=SetVariable(name=variable.name),
            key=key,
            uses=self.lowered[variable.name].uses,
            label=variable.name,
            order=order.get(key),
        )

    def _report_populated(self, declared: Declared, class_name: str) -> None:
        assert isinstance(declared.item, AgentTypeSpec)
        if declared.item.initial_count == 0:
            return
        maker = self.populated[class_name].source_name
        message = f"{maker} creates the {class_name} agents itself; initialCount adds none to them."
        hint = "Leave creating agents to initialCount, or set it to 0."
        self.problems.append(problem("dropped", declared.path, message, hint))

    def _initialization(self) -> tuple[dict[str, float], list[Node]]:
        """Give the stated place of each key, and the nodes of the stated calls."""
        initialization = self.spec.scheduler.initialization
        items = list(
            enumerate((initialization.initialization_order if initialization else None) or ())
        )
        unnumbered = float(len(items) + 1)
        order: dict[str, float] = {}
        calls: list[Node] = []
        for index, item in items:
            path = f"/scheduler/initialization/initializationOrder/{index}"
            place = item.order_in_initialization
            rank = unnumbered if place is None else float(place)
            declared = self.names.find(item.source_name)
            if declared is None or declared.kind.endswith(("behavior", "function")):
                call = self.planner.call(item.source_name, path)
                if call is not None:
                    name = call.behavior if isinstance(call, Activate) else call.name
                    used = Uses(called=frozenset({name}))
                    for argument in call.arguments:
                        used = used | uses(cst.Module([]).code_for_node(argument))
                    label = f"the call of {name}"
                    node = Node(
                        action=call, key=f"call:{index}", uses=used, label=label, order=rank
                    )
                    calls.append(node)
            elif declared.kind == "initial-count":
                class_name = self.names.type_names[declared.agent_type or ""]
                order.setdefault(f"agents:{class_name}", rank)
            elif declared.kind in MODEL_STATE:
                order.setdefault(f"variable:{declared.python}", rank)
        return order, calls

    def _placed_types(self, calls: list[Node]) -> set[str]:
        """Give the agent types that the author's own set-up code places.

        These are the types that a placing call names; when it names none, it places all.
        """
        all_types = set(self.names.type_names.values())
        placed: set[str] = set()
        for node in calls:
            deep = self.pieces.deep_uses(node.uses)
            if {"place_agent", "move_to_empty", "move_to"} & deep.called or "cell" in deep.writes:
                placed |= (deep.names & all_types) or all_types
        return placed

    def _space_uses(self, space: Space, agent_types: tuple[AgentType, ...]) -> Uses:
        stated = (space.width, space.height, space.network)
        expressions = [each for each in stated if each is not None]
        if space.graph is not None:
            expressions += [each for _, each in space.graph.arguments]
            expressions += [each.count for each in agent_types]
        total = Uses()
        for each in expressions:
            total = total | uses(cst.Module([]).code_for_node(each))
        return total

    def _creation_uses(self, type_name: str, agent_type: AgentType) -> Uses:
        total = uses(cst.Module([]).code_for_node(agent_type.count))
        if agent_type.position is not None:
            total = total | uses(cst.Module([]).code_for_node(agent_type.position))
        for attribute in agent_type.attributes:
            total = total | self.lowered[f"{type_name}.{attribute.name}"].uses
        return total


def _creating(agent_type: AgentType, order: dict[str, float], used: Uses, *, place: bool) -> Node:
    """Give the step that creates the agents of a type."""
    key = f"agents:{agent_type.name}"
    return Node(
        action=CreateAgents(agent_type=agent_type.name, place=place),
        key=key,
        uses=used,
        label=f"the {agent_type.name} agents",
        order=order.get(key),
    )

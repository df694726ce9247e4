"""Agent types: attributes in dependency order, where agents start, what becomes of them."""

from dataclasses import dataclass, field

import libcst as cst

from abm_quant.compiling.behaviors.pieces import Pieces, function_of
from abm_quant.compiling.behaviors.uses import Uses
from abm_quant.compiling.dialects.scope import Scope
from abm_quant.compiling.resolve import Declared, Names, spelling
from abm_quant.compiling.values.starts import Starts
from abm_quant.compiling.values.values import Lowered, Values
from abm_quant.compiling.watching.categories import categories
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import AgentType, Attribute
from abm_quant.contracts.spec import AgentType as AgentTypeSpec
from abm_quant.contracts.spec import Call, ModelSpec
from abm_quant.contracts.spec import Variable as VariableSpec

NOWHERE: tuple[object, ...] = (
    None,
    "",
    [],
    {},
    "None",
    "null",
    "self.pos",
    "self.position",
    "self.cell",
)
"""Start values of a position that state none."""
NODE_NAMES = ("node", "nodeid", "nodeindex", "nodenumber")
PLAIN = ("integer", "float", "number", "boolean")
"""Types that no position has."""
POSITION_NAMES = ("pos", "position", "location", "coordinates", "coords")


@dataclass
class AgentTypes:
    """Lowers agent types; collects problems, and the start value of each attribute."""

    spec: ModelSpec
    names: Names
    pieces: Pieces
    values: Values
    own_starts: Starts
    problems: list[Problem] = field(default_factory=list)
    starts: dict[str, Lowered] = field(default_factory=dict)
    """By `T.attribute`."""

    def lower(self, declared: Declared) -> AgentType:
        """Give the agent type of an `initialCount` declaration."""
        item = declared.item
        assert isinstance(item, AgentTypeSpec) and declared.agent_type
        class_name = self.names.type_names[declared.agent_type]
        pieces = self.pieces.of("agent", declared.agent_type)
        total = self.pieces.all_uses()
        own = Uses()
        for piece in pieces:
            own = own | piece.uses
        count = cst.parse_expression(f"self.{self.values.counts[declared.agent_type]}")
        attributes, position = self._attributes(declared.agent_type, total)
        return AgentType(
            name=class_name,
            description=item.description or "",
            attributes=attributes,
            behaviors=tuple(function_of(each) for each in pieces),
            count=count,
            path=declared.path.rsplit("/", 1)[0],
            position=position,
            is_removed=own.removes_self or total.removes_others,
            moves=self._moves(own) or class_name in {name for name, _ in total.created},
        )

    def _moves(self, own: Uses) -> bool:
        model = Uses()
        for piece in (*self.pieces.of("function"), *self.pieces.of("model")):
            model = model | piece.uses
        words = {"move_to", "move_relative"}
        return any("cell" in each.writes or words & each.called for each in (own, model))

    def _attributes(
        self, agent_type: str, total: Uses
    ) -> tuple[tuple[Attribute, ...], cst.BaseExpression | None]:
        """Give the attributes of a type in dependency order, and the stated position."""
        class_name = self.names.type_names[agent_type]
        passed = {
            keyword for name, words in total.created if name == class_name for keyword in words
        }
        found: list[tuple[Attribute, Uses]] = []
        position: cst.BaseExpression | None = None
        for declared in self.names.of("agent-attribute", agent_type=agent_type):
            assert isinstance(declared.item, VariableSpec)
            item, path = declared.item, f"{declared.path}/initialValue"
            if self._is_node(declared):
                position = cst.parse_expression(f"agent.{declared.python}")
            elif self._is_position(declared):
                position = self._position(item, agent_type, path) or position
                if declared.name in ("pos", "cell") or declared.python not in total.reads:
                    continue
            lowered = self.own_starts.give(declared, self.values.scope(agent_type))
            attribute = Attribute(
                name=declared.python,
                initial=lowered.expression,
                type=item.type,
                description=item.description,
                path=declared.path,
                is_argument=declared.python in passed,
                categories=categories(declared, self.names, self.pieces),
            )
            found.append((attribute, self.pieces.deep_uses(lowered.uses)))
            self.starts[f"{agent_type}.{declared.python}"] = lowered
        return self._sorted_attributes(found), position

    def _is_position(self, declared: Declared) -> bool:
        if isinstance(declared.item, VariableSpec) and declared.item.type in PLAIN:
            return False
        if declared.name == "cell":
            return True
        spatial = self.spec.environment.topology.type in ("grid", "continuous")
        return spatial and declared.name.lower() in POSITION_NAMES

    def _is_node(self, declared: Declared) -> bool:
        """Tell whether an attribute holds the node of a network where each agent stands."""
        on_network = self.spec.environment.topology.type == "network"
        if not on_network or spelling(declared.name) not in NODE_NAMES:
            return False
        start = declared.item.initial_value if isinstance(declared.item, VariableSpec) else None
        return isinstance(start, str) and "unique_id" in start

    def _position(
        self, item: VariableSpec, agent_type: str, path: str
    ) -> cst.BaseExpression | None:
        if item.initial_value in NOWHERE:
            return None
        known = self.values.problems.copy()
        scope = Scope(**{**vars(self.values.scope()), "me": "agent", "agent_type": agent_type})
        lowered = self.values.lower(item.initial_value, item.type, scope, path)
        new = self.values.problems[len(known) :]
        is_empty = len(getattr(lowered.expression, "elements", ("some",))) == 0
        is_undefined = any(each.code == "undefined-function" for each in new)
        if is_empty or is_undefined or isinstance(lowered.literal, (str, int)):
            self.values.problems[:] = known
            start = item.initial_value
            stated = f"{start.function}()" if isinstance(start, Call) else repr(start)
            message = f"{stated} gives no position; each {agent_type} starts at a random place."
            self._problem("space-assumed", path, message, "Give coordinates or nothing.")
            return None
        self.starts[f"{agent_type} at its place"] = lowered
        return lowered.expression

    def _sorted_attributes(self, found: list[tuple[Attribute, Uses]]) -> tuple[Attribute, ...]:
        """Give the attributes so that each comes after those that its value reads."""
        waiting, done = list(found), []
        while waiting:
            names = {attribute.name for attribute, _ in waiting}
            ready = [pair for pair in waiting if not (pair[1].own_reads & names - {pair[0].name})]
            if not ready:
                labels = ", ".join(attribute.name for attribute, _ in waiting)
                message = f"These start values depend on each other in a circle: {labels}."
                hint = "Give one of them a value that does not use the others."
                self._problem("initialization-cycle", waiting[0][0].path, message, hint)
                break
            done.append(ready[0][0])
            waiting.remove(ready[0])
        return tuple(done)

    def _problem(self, code: str, path: str, message: str, hint: str) -> None:
        self.problems.append(problem(code, path, message, hint))

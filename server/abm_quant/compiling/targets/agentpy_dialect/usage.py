"""What rewritten code asks of the space: the methods that its generated class must have."""

from dataclasses import dataclass, field

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling import fragments
from abm_quant.compiling.fragments import Code, dotted_name, identifier, literal
from abm_quant.compiling.rendering.placing import creations
from abm_quant.compiling.rendering.views import free_name, module_names
from abm_quant.compiling.targets.agentpy_dialect.code import pieces
from abm_quant.compiling.targets.agentpy_dialect.places import called_name
from abm_quant.compiling.targets.agentpy_dialect.setting import Setting
from abm_quant.contracts.program import Program

PARENTS = {"grid": "Grid", "network": "Network", "continuous": "Space"}
NEEDS = {
    "grid": {"agents_near": {"agents_at", "neighborhood"}, "contents": {"agents_at"}},
    "network": {"agents_near": {"agents_at", "neighborhood"}},
    "continuous": {"distance": {"heading"}},
}
"""Methods of ours that call others of ours."""
METHODS = {
    "grid": {"agents_at", "agents_near", "neighborhood", "beside", "is_empty", "place"}
    | {"is_outside", "wrapped", "contents"},
    "network": {"agents_at", "agents_near", "neighborhood", "is_empty", "place", "empty"},
    "continuous": {
        "agents_near",
        "distance",
        "heading",
        "wrapped",
        "is_outside",
        "move_to",
        "place",
    },
}
"""Methods of ours, by the kind of space."""


RANDOM = ("any", "free", "room")
"""Placements at random."""
DEFAULTS = {"radius": 1, "moore": True, "include_center": False}
"""The arguments of neighborhoods besides the position."""


@dataclass(frozen=True)
class Word:
    """A keyword argument."""

    name: Code
    default: Code


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What code asks of the space."""

    setting: Setting
    methods: frozenset[str] = frozenset()
    """Methods that AgentPy's class does not have, or not in the way that is needed."""
    keywords: frozenset[str] = frozenset()
    """The arguments of neighborhoods that are given, of DEFAULTS."""
    tracks_empty: bool = False
    """Whether the list of empty positions is read."""
    reads_graph: bool = False
    """Whether code reads the graph of the network."""
    has_position: bool = False
    """Whether code reads the position of an agent."""
    taking: frozenset[str] = frozenset()
    """The types whose agents are given a position when they are created."""
    is_alone: bool = True
    """Whether only one type of agents is placed by the model."""
    early: frozenset[str] = frozenset()
    """The types whose agents must be placed before they get their attributes."""
    agent_class: str | None = None
    """The class that gives agents of several types their position."""
    class_name: str | None = None
    """The generated class of the space; None where AgentPy's own is enough."""

    @property
    def words(self) -> tuple[Word, ...]:
        """The arguments of neighborhoods in their order, with their defaults."""
        return tuple(
            Word(identifier(name), literal(default))
            for name, default in DEFAULTS.items()
            if name in self.keywords
        )

    @property
    def code(self) -> Code:
        """The space, as methods of the model see it."""
        return dotted_name(f"self.{self.setting.name}")

    @property
    def of_agent(self) -> Code:
        """The space, as methods of an agent see it."""
        return dotted_name(f"self.model.{self.setting.name}")

    @property
    def pos(self) -> Code:
        """The property of an agent that gives its position."""
        return identifier(self.setting.pos)

    @property
    def graph(self) -> Code:
        """The graph of the network, where the model makes it."""
        held = self.reads_graph or self.setting.rewired
        return dotted_name(f"self.{self.setting.graph}") if held else identifier("graph")

    @property
    def graph_of_model(self) -> Code:
        """The graph of the network that the model holds, as the space sees it."""
        return dotted_name(f"self.model.{self.setting.graph}")

    def count_of(self, agents: Code) -> Code:
        """Give the number of agents in a list."""
        return fragments.call("len", agents)

    @property
    def looks_up(self) -> bool:
        """Whether methods of ours look up who is on a position."""
        of_positions = self.methods & {"agents_at", "is_empty", "remove_agents", "move_to"}
        limited = "place" in self.methods and self.setting.capacity is not None
        return bool(of_positions) or limited or "contents" in self.methods

    @property
    def places_itself(self) -> bool:
        """Whether the class of the space has a method that puts one agent in its place."""
        return "place" in self.methods

    @property
    def made_by(self) -> Code:
        """The class whose call makes the space."""
        return identifier(self.class_name) if self.class_name else dotted_name(f"ap.{self.parent}")

    @property
    def parent(self) -> str:
        """The class of AgentPy."""
        return PARENTS[self.setting.kind]


@dataclass
class _Asked(cst.CSTVisitor):
    setting: Setting
    methods: set[str] = field(default_factory=set)
    keywords: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    into_any: bool = False
    """Whether an agent is moved to a position that may be taken."""
    reads_position: bool = False
    reads_graph: bool = False
    taking: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def visit_Attribute(self, node: cst.Attribute) -> None:
        """Note what is read from the space."""
        self.reads_position |= node.attr.value == self.setting.pos
        if self._is_space(node.value):
            self.attributes.add(node.attr.value)
        self.reads_graph |= node.attr.value == self.setting.graph

    def visit_Call(self, node: cst.Call) -> None:
        """Note what is called of the space."""
        function = node.func
        self._note_creation(node)
        if not isinstance(function, cst.Attribute) or not self._is_space(function.value):
            return
        name = function.attr.value
        if name in ("agents_near", "neighborhood"):
            self.keywords |= {each.keyword.value for each in node.args if each.keyword}
        if name == "move_to" and len(node.args) == 2:
            self.into_any |= not _is_choice_of_empty(node.args[1].value)

    def _note_creation(self, node: cst.Call) -> None:
        maker = node.func
        if isinstance(maker, cst.Attribute) and maker.attr.value == "create_agents":
            maker = maker.value
        if isinstance(maker, cst.Name) and maker.value in self.setting.types:
            named = any(
                each.keyword and each.keyword.value == self.setting.pos for each in node.args
            )
            in_order = [each for each in node.args if not each.keyword]
            if named or (self.setting.api == "cell" and len(in_order) > 1):
                self.taking.add(maker.value)

    def _is_space(self, node: cst.BaseExpression) -> bool:
        if isinstance(node, cst.Attribute):
            return node.attr.value == self.setting.name
        return isinstance(node, cst.Name) and node.value not in ("self", "model")


def _is_choice_of_empty(node: cst.BaseExpression) -> bool:
    if not isinstance(node, cst.Call) or called_name(node) != "choice":
        return False
    source: cst.BaseExpression = node.args[0].value
    return isinstance(source, cst.Attribute) and source.attr.value == "empty"


def usage_of(program: Program, setting: Setting) -> Usage:
    """Give what the rewritten code of a Program asks of its space."""
    asked = _Asked(setting)
    for node, _ in pieces(program):
        node.visit(asked)
    ways = [each.placement for each in creations(program).values() if each.placement != "none"]
    early = _early(program, setting)
    taking = frozenset(asked.taking) | early
    tracks = "empty" in asked.attributes or "free" in ways
    methods = _called(asked, placed_singly="given" in ways, taken=bool(taking))
    if tracks and not setting.single and _removes(program, asked) and setting.kind == "grid":
        methods.add("remove_agents")
    names = module_names(program)
    several = asked.reads_position and len(program.agent_types) > 1
    return Usage(
        setting=setting,
        methods=frozenset(methods),
        keywords=frozenset(asked.keywords),
        tracks_empty=tracks,
        reads_graph=asked.reads_graph,
        has_position=asked.reads_position,
        taking=taking,
        is_alone=len(ways) < 2,
        early=early,
        agent_class=free_name(f"{PARENTS[setting.kind]}Agent", names) if several else None,
        class_name=free_name(PARENTS[setting.kind], names) if methods else None,
    )


def _called(asked: _Asked, *, placed_singly: bool, taken: bool) -> set[str]:
    """Give the methods that code or set-up call and AgentPy's class does not have as needed."""
    setting = asked.setting
    methods = asked.attributes & METHODS[setting.kind]
    for name in tuple(methods):
        methods |= NEEDS[setting.kind].get(name, set())
    is_limited = setting.kind == "network" or setting.capacity is not None
    if (taken and is_limited) or (placed_singly and setting.kind != "grid"):
        methods.add("place")
    if setting.kind == "continuous":
        methods |= _of_borders(setting, methods)
    if setting.kind == "grid" and setting.capacity is not None and asked.into_any:
        methods.add("move_to")
    if "neighbors" in asked.attributes and setting.rewired:
        methods |= {"neighbors", "agents_at", "neighborhood"}
    elif "neighbors" in asked.attributes and not setting.single:
        methods.add("neighbors")
    return methods


def _early(program: Program, setting: Setting) -> frozenset[str]:
    """Give the types whose first attributes depend on their places, which Mesa gives them first."""
    reads: m.BaseMatcherNode = m.Attribute(attr=m.Name(setting.pos))
    names = [each.name for each in program.functions if m.findall(each.definition, reads)]
    reads = reads | m.Name(m.MatchIfTrue(lambda name: name in names))
    placed = {name for name, each in creations(program).items() if each.placement in RANDOM}
    return frozenset(
        each.name
        for each in program.agent_types
        if setting.api == "cell" and each.name in placed
        if any(m.findall(attribute.initial, reads) for attribute in each.attributes)
    )


def _of_borders(setting: Setting, methods: set[str]) -> set[str]:
    """Give the methods that keep coordinates within the borders."""
    if setting.torus:
        return {"wrapped"} if methods & {"move_to", "place"} else set()
    return {"is_outside"} if "wrapped" in methods else set()


def _removes(program: Program, asked: _Asked) -> bool:
    return "remove_agents" in asked.attributes or any(
        each.is_removed for each in program.agent_types
    )

"""Space: of what kind it is, how large, and which of Mesa's two interfaces the code uses.

The size comes from the topology, else from attributes or variables named like it, else from the
prose ("50x50"), else from the number of agents, with a warning (specification, section 2.8).
"""

import ast
import re
from dataclasses import dataclass
from typing import Literal

import libcst as cst

from abm_quant.compiling.behaviors.pieces import Pieces
from abm_quant.compiling.behaviors.uses import Uses
from abm_quant.compiling.dialects.agentpy_facts import GENERATORS, BuiltSpace, generator_name
from abm_quant.compiling.resolve import MODEL_STATE, Declared, Names, words_of
from abm_quant.compiling.values.values import Values
from abm_quant.contracts.problems import problem
from abm_quant.contracts.program import Expression, Graph, Space
from abm_quant.contracts.spec import Call, ModelSpec, Topology, Value, ValueType, Variable

PATH = "/environment/topology"
WIDTH = (
    "width",
    "gridwidth",
    "worldwidth",
    "xsize",
    "columns",
    "cols",
    "numcolumns",
    "ncols",
    "breite",
    "ancho",
    "largeur",
)
HEIGHT = (
    "height",
    "gridheight",
    "worldheight",
    "ysize",
    "rows",
    "numrows",
    "nrows",
    "höhe",
    "hoehe",
    "alto",
    "altura",
    "hauteur",
)
SIDE = (
    *("gridsize", "worldsize", "size", "gridlength", "sidelength", "spacesize", "landscapesize"),
    *("rastersize", "mapsize", "fieldsize", "citysize", "areasize", "boardsize", "latticesize"),
)
POS_CALLS = {
    *("get_neighbors", "get_neighborhood", "move_agent", "place_agent", "iter_neighbors"),
    *("get_cell_list_contents", "iter_cell_list_contents", "move_to_empty", "is_cell_empty"),
    *("coord_iter", "exists_empty_cells", "out_of_bounds", "torus_adj", "get_distance"),
    *("remove_agent", "move_agent_to_one_of", "swap_pos", "get_heading"),
}
MAKERS = {
    *("SingleGrid", "MultiGrid", "NetworkGrid", "ContinuousSpace", "HexSingleGrid"),
    *("HexMultiGrid", "OrthogonalMooreGrid", "OrthogonalVonNeumannGrid", "HexGrid", "Network"),
}
SPACE_WORDS = {"grid", "space", "cell", "pos"}
"""How code says the space, and where an agent is in it."""
NUMERIC = ("integer", "float", "number")
COORDINATES = ({"x", "y"}, {"row", "column"}, {"row", "col"})
PLACES = {"position", "location", "cell", "node"}
"""Words in the names of numbers with which authors say themselves where an agent is."""
GRAPH_MAKER = re.compile(r"\w+_graph|(Multi)?(Di)?Graph")
SINGLE_MARKS = {"empties", "move_to_empty", "is_cell_empty", "select_random_empty_cell", "is_empty"}


def lower_space(spec: ModelSpec, names: Names, pieces: Pieces, values: Values) -> Space:
    """Give the space of a specification; assumptions go to the problems of `values`."""
    topology, built = spec.environment.topology, pieces.agentpy.space
    stated = built.kind if built else topology.type
    if topology.type == "none" and topology.boundary_conditions == "torus":
        message = "Without a space there are no edges; the boundary conditions mean nothing."
        values.note(f"{PATH}/boundaryConditions", message)
    used = pieces.all_uses()
    writes = {"grid", "space", "network"} & used.writes
    made = bool(used.called & MAKERS) or (bool(writes) and stated != "none")
    api = _api(stated, used.reads | used.writes, used.called)
    torus = topology.boundary_conditions == "torus"
    torus = built.torus if built is not None and built.torus is not None else torus
    is_used = made or stated == "none" or built is not None
    if not is_used and _has_own_places(topology, names, pieces):
        words = topology.type.replace("continuous", "continuous space")
        message = f"No code uses the {words}, and the author's own variables say where"
        hint = "Use `self.pos` and the grid in the code, or state the topology `none`."
        values.problems.append(
            problem("space-assumed", PATH, f"{message} agents are; it was left out.", hint)
        )
        return Space(kind="none", made_by_author=True, path=PATH, description=topology.description)
    if stated == "none" or made:
        kind = "none" if not made else stated
        return Space(
            kind=kind, api=api, made_by_author=made, torus=torus, path=PATH,
            description=topology.description,
        )  # fmt: skip
    sizing = _Sizing(spec, names, values, built)
    marked = bool(SINGLE_MARKS & (used.reads | used.called))
    single = topology.cell_capacity == 1 or (built.is_exclusive if built else marked)
    space = Space(
        kind=stated,
        api=api,
        torus=torus,
        capacity=1 if single and topology.cell_capacity is None else topology.cell_capacity,
        neighborhood=topology.neighborhood or "moore",
        description=topology.description,
        path=PATH,
    )
    if stated == "network":
        network = own_network(names, pieces)
        if network is not None:
            message = f"The network of the space is {network.source_name}."
            values.problems.append(problem("value-assumed", PATH, message))
            return _replace(space, network=cst.parse_expression(f"self.{network.python}"))
        return _replace(space, graph=sizing.graph())
    width, height = sizing.size()
    return _replace(space, width=width, height=height)


def own_network(names: Names, pieces: Pieces) -> Declared | None:
    """Give the variable of the model that starts as a graph, None when there is none."""
    for each in names.of(*MODEL_STATE):
        start = each.item.initial_value if isinstance(each.item, Variable) else None
        if isinstance(start, Call):
            called = pieces.deep_uses(Uses(called=frozenset({_function_name(start, names)}))).called
        else:
            called = frozenset(re.findall(r"\b(\w+)\(", start) if isinstance(start, str) else ())
        if any(GRAPH_MAKER.fullmatch(name) for name in called):
            return each
    return None


def _function_name(call: Call, names: Names) -> str:
    declared = names.find(call.function, "global-function", "environment-behavior")
    return declared.python if declared else call.function.rsplit(".", 1)[-1]


def _has_own_places(topology: Topology, names: Names, pieces: Pieces) -> bool:
    """Tell whether the code never uses the stated space and keeps places by itself."""
    used = pieces.all_uses()
    attributes = [each for each in names.of("agent-attribute") if isinstance(each.item, Variable)]
    touched = SPACE_WORDS - {each.name for each in attributes if _is_plain(each)}
    if (used.reads | used.writes | used.called | used.names) & (touched | POS_CALLS):
        return False
    if topology.type == "network" and own_network(names, pieces) is not None:
        return True
    plain = [each for each in attributes if _is_plain(each)]
    words = frozenset().union(*(words_of(each.name) for each in plain))
    return bool(words & PLACES) or any(pair <= words for pair in COORDINATES)


def _is_plain(declared: Declared) -> bool:
    return isinstance(declared.item, Variable) and declared.item.type in NUMERIC


def _replace(space: Space, **changes: object) -> Space:
    return Space(**{**vars(space), **changes})


def _api(kind: str, attributes: frozenset[str], called: frozenset[str]) -> Literal["cell", "pos"]:
    """Give the interface that the code uses; the current one when it uses none."""
    if kind == "continuous":
        return "pos"
    old = bool(called & POS_CALLS) and not called & {"get_neighborhood"} or "pos" in attributes
    if "cell" in attributes and not (called & {"place_agent", "move_agent"}):
        return "cell"
    return "pos" if old or called & POS_CALLS else "cell"


@dataclass
class _Sizing:
    """Finds sizes and graph parameters."""

    spec: ModelSpec
    names: Names
    values: Values
    built: BuiltSpace | None = None
    """The space that the author's code makes with AgentPy."""

    def size(self) -> tuple[Expression, Expression]:
        """Give the numbers of columns and rows."""
        topology = self.spec.environment.topology
        if self.built is not None and self.built.width is not None:
            width = self._computed(self.built.width)
            height = self._computed(self.built.height)
            if width is not None and height is not None:
                return width, height
        width, height = self._given(topology.width, "width"), self._given(topology.height, "height")
        width = width or self._named(WIDTH) or self._named(SIDE)
        height = height or self._named(HEIGHT) or self._named(SIDE)
        if width is None and height is None:
            width, height = self._from_prose(topology)
        width, height = width or height, height or width
        if width is None or height is None:
            side = self._from_count()
            return side, side
        return self._whole(width), self._whole(height)

    def _computed(self, text: str | None) -> Expression | None:
        """Give an expression of the author's code; None when it names what is not known here."""
        if text is None or re.fullmatch(r"[\d.]+", text):
            return cst.parse_expression(text) if text else None
        lowered = self.values.in_model(text)
        return lowered.expression if lowered else None

    def _given(self, value: Value, field: str, kind: ValueType = "integer") -> Expression | None:
        if value in (None, ""):
            return None
        scope = self.values.scope()
        return self.values.lower(value, kind, scope, f"{PATH}/{field}").expression

    def _named(self, words: tuple[str, ...]) -> Expression | None:
        for each in self.names.of(*MODEL_STATE):
            item = each.item
            plain = each.name.replace("_", "").lower()
            if plain in words and isinstance(item, Variable) and item.type != "array":
                return cst.parse_expression(f"self.{each.python}")
        return None

    def _whole(self, size: Expression) -> Expression:
        """Give a number of cells where the variable that holds it may be a fraction, as 20.0."""
        if self.spec.environment.topology.type != "grid":
            return size
        written = cst.Module([]).code_for_node(size)
        for each in self.names.of(*MODEL_STATE):
            item = each.item
            if isinstance(item, Variable) and written == f"self.{each.python}":
                fraction = item.type == "number" and isinstance(item.initial_value, float)
                if fraction or item.type == "float":
                    return cst.parse_expression(f"int({written})")
        return size

    def _from_prose(self, topology: Topology) -> tuple[Expression | None, Expression | None]:
        prose = f"{topology.description} {self.spec.environment.description}"
        match = re.search(r"(\d{1,5})\s*(?:x|X|×|by|\*)\s*(\d{1,5})", prose)
        if match is None:
            return None, None
        message = f"The size {match[1]} x {match[2]} was taken from the description."
        self.values.problems.append(
            problem("space-assumed", PATH, message, "State `width` and `height`.")
        )
        return cst.Integer(match[1].lstrip("0") or "1"), cst.Integer(match[2].lstrip("0") or "1")

    def _from_count(self) -> Expression:
        counts = " + ".join(f"self.{name}" for name in self.values.counts.values()) or "100"
        hint = "State `width` and `height` in the topology."
        message = "No size is stated; the space has about two cells for each agent."
        self.values.problems.append(problem("space-assumed", PATH, message, hint))
        self.values.free.add("math")
        return cst.parse_expression(f"math.ceil(math.sqrt(2 * ({counts})))")

    def graph(self) -> Graph:
        """Give the generator of the network and its arguments."""
        if self.built is not None:
            return self._built_graph(self.built)
        stated = self.spec.environment.topology.graph
        if stated is not None:
            return self._generator(
                stated.generator,
                self._given(stated.average_degree, "graph/averageDegree", "number"),
                self._given(stated.rewiring_probability, "graph/rewiringProbability", "number"),
            )
        degree_name = self._named(DEGREE)
        rewiring_name = self._named(REWIRING)
        generator = self._generator_in_prose()
        if generator is None:
            message = "No network is described; a small world (k = 4, p = 0.1) was assumed."
            hint = "State `graph` in the topology."
            self.values.problems.append(problem("space-assumed", PATH, message, hint))
        return self._generator(generator or "watts_strogatz", degree_name, rewiring_name)

    def _built_graph(self, built: BuiltSpace) -> Graph:
        """Give the graph that the author's code makes; one without links where it makes none."""
        if built.graph is None:
            return Graph(generator="empty", arguments=())
        generator, parameters = GENERATORS[generator_name(built.graph)]
        given = dict(zip(parameters, built.graph.args, strict=False))
        given |= {each.arg: each.value for each in built.graph.keywords if each.arg in parameters}
        arguments: list[tuple[str, Expression]] = []
        for name, node in given.items():
            value = self._computed(ast.unparse(node))
            if value is not None and name != "n":
                arguments.append((name, value))
        return Graph(generator=generator, arguments=tuple(arguments))

    def _generator_in_prose(self) -> str | None:
        topology = self.spec.environment.topology
        parts = [topology.description, self.spec.environment.description]
        for each in self.names.of(*MODEL_STATE):
            start = each.item.initial_value if isinstance(each.item, Variable) else None
            if isinstance(start, str) and re.search("network|graph", each.name.lower()):
                parts.insert(0, start)
        for part in parts:
            plain = re.sub(r"[\s_-]+", " ", part.lower())
            for generator, words in GENERATOR_WORDS.items():
                if any(re.search(rf"\b{word}\b", plain) for word in words):
                    if generator != "watts_strogatz" or "small" in plain or "watts" in plain:
                        message = f"The network generator {generator} was taken from the prose."
                        hint = "State `graph` in the topology."
                        self.values.problems.append(problem("space-assumed", PATH, message, hint))
                    return generator
        return None

    def _generator(
        self, generator: str, degree: Expression | None, rewiring: Expression | None
    ) -> Graph:
        """Give networkx's arguments; `n` is the number of nodes at the place of the call."""
        code = cst.Module([]).code_for_node
        mean = code(degree) if degree is not None else "4"
        whole = mean if mean.isdigit() else f"round({mean})"
        if re.fullmatch(r"\d+\.0", mean):
            whole = mean[:-2]
        rewired = code(rewiring) if rewiring is not None else "0.1"
        half = (
            str(max(1, round(int(whole) / 2))) if whole.isdigit() else f"max(1, round({mean} / 2))"
        )
        arguments = {
            "erdos_renyi": [("p", f"min(1.0, {mean} / max(1, n - 1))")],
            "watts_strogatz": [("k", whole), ("p", rewired)],
            "barabasi_albert": [("m", half)],
            "random_regular": [("d", whole)],
            "full_rary_tree": [("r", "2")],
            "star": [("r", "max(1, n - 1)")],
        }
        found = arguments.get(generator, [])
        return Graph(
            generator=generator,
            arguments=tuple((name, cst.parse_expression(text)) for name, text in found),
        )


DEGREE = (
    *("averagedegree", "avgdegree", "meandegree", "averagenodedegree", "avgnodedegree", "degree"),
    *("k", "numneighbors", "neighborscount", "connections", "averageconnections", "networkdegree"),
)
REWIRING = ("rewiringprobability", "rewiring", "rewireprobability", "rewiringprob", "rewireprob")
GENERATOR_WORDS = {
    "barabasi_albert": ("scale free", "scalefree", "barabasi", "preferential attachment"),
    "watts_strogatz": ("small worlds?", "smallworld", "watts", "strogatz"),
    "erdos_renyi": ("erdos", "renyi", "random graphs?", "random networks?"),
    "cycle": ("rings?", "circles?", "circular", "cycle"),
    "path": ("chain", "line", "linear", "path graph"),
    "star": ("stars?", "hub and spokes?"),
    "full_rary_tree": ("tree", "hierarch(y|ical)"),
    "grid_2d": ("lattices?", "grid 2d"),
    "complete": ("complete", "fully connected", "well mixed"),
    "random_regular": ("regular",),
}

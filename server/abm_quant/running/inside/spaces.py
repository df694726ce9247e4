"""Finds the space of a model, of either framework, and where its agents are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

Kind = Literal["none", "grid", "network", "continuous"]
KINDS = get_args(Kind)
Place = Callable[[Any], Any]
_USUAL_NAMES = ("grid", "space", "network")
MOST_LINKS = 20_000
MOST_NODES = 10_000
"""What of a network fits into a frame."""


@dataclass(frozen=True)
class Space:
    """A space and how it is read."""

    kind: Kind
    place: Place
    """Gives the coordinates of an agent, or its node; None where it has no place."""
    width: float | None = None
    height: float | None = None
    graph: Any = None
    label: Callable[[Any], Any] = lambda node: node
    """Gives the id of a node of the graph."""

    def links(self) -> tuple[tuple[Any, ...], tuple[tuple[Any, Any], ...]] | None:
        """Give the nodes and the links of a network, None where there are too many."""
        if len(self.graph) > MOST_NODES or self.graph.number_of_edges() > MOST_LINKS:
            return None
        label = self.label
        nodes = tuple(label(node) for node in self.graph.nodes)
        return nodes, tuple((label(a), label(b)) for a, b in self.graph.edges())


def find_space(model: Any) -> Space:
    """Give the space of a model: the one under a usual name, else the first that it has."""
    held = vars(model)
    for value in (*(held.get(name) for name in _USUAL_NAMES), *held.values()):
        for base in type(value).__mro__:
            if reader := READERS.get(f"{base.__module__}.{base.__qualname__}"):
                return reader(value)
    return Space("none", lambda agent: None)


def _cell_grid(space: Any) -> Space:
    width, height = _extent(space.dimensions)
    return Space("grid", _place_of_cell, width, height)


def _cell_network(space: Any) -> Space:
    return Space("network", _place_of_cell, graph=space.G)


def _pos_grid(space: Any) -> Space:
    return Space("grid", _position, space.width, space.height)


def _pos_network(space: Any) -> Space:
    return Space("network", _position, graph=space.G)


def _pos_continuous(space: Any) -> Space:
    return Space("continuous", _position, space.width, space.height)


def _agentpy_grid(space: Any) -> Space:
    return Space("grid", space.positions.get, *_extent(space.shape))


def _agentpy_network(space: Any) -> Space:
    positions = space.positions

    def place(agent: Any) -> Any:
        return _label(positions[agent]) if agent in positions else None

    return Space("network", place, graph=space.graph, label=_label)


def _agentpy_continuous(space: Any) -> Space:
    return Space("continuous", space.positions.get, *_extent(space.shape))


def _place_of_cell(agent: Any) -> Any:
    cell = getattr(agent, "cell", None)
    return None if cell is None else cell.coordinate


def _position(agent: Any) -> Any:
    return getattr(agent, "pos", None)


def _label(node: Any) -> Any:
    return getattr(node, "label", node)


def _extent(shape: Any) -> tuple[float, float]:
    """Give width and height; a row of cells has the height 1."""
    width, height = (*shape, 1)[:2]
    return width, height


READERS: dict[str, Callable[[Any], Space]] = {
    "mesa.discrete_space.grid.Grid": _cell_grid,
    "mesa.discrete_space.network.Network": _cell_network,
    "mesa.space._Grid": _pos_grid,
    "mesa.space.NetworkGrid": _pos_network,
    "mesa.space.ContinuousSpace": _pos_continuous,
    "agentpy.grid.Grid": _agentpy_grid,
    "agentpy.network.Network": _agentpy_network,
    "agentpy.space.Space": _agentpy_continuous,
}
"""By the name of a framework's class, which need not be loaded here."""

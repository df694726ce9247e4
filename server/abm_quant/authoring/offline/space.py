"""Sets the space that a prompt names: its size, its edges, its neighborhood, its network."""

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from abm_quant.authoring.offline.numbers import Token
from abm_quant.authoring.offline.slots import Path, Slot
from abm_quant.authoring.offline.words import has_meaning, word_set
from abm_quant.contracts.spec import ModelSpec, Topology

TORUS = word_set("torus toroidal wrapped wraparound wrapping wraps wrap periodic toro")
EDGES = word_set("boundary boundaries edge edges border borders walls wall")
CLOSED = word_set("fixed hard closed bounded solid reflecting non no without not")
NOT = word_set("non no not without instead than")


@dataclass(frozen=True, kw_only=True)
class NetworkKind:
    """A kind of network that people name."""

    generator: str
    label: str
    pattern: str


NETWORKS = (
    NetworkKind(
        generator="barabasi_albert",
        label="scale-free",
        pattern=r"scale[- ]?free|barab[aá]si|preferential attachment",
    ),
    NetworkKind(
        generator="watts_strogatz", label="small-world", pattern=r"small[- ]?worlds?|watts|strogatz"
    ),
    NetworkKind(
        generator="erdos_renyi",
        label="random",
        pattern=r"random (network|graph)|erd[oöő]s|r[eé]nyi",
    ),
    NetworkKind(
        generator="complete",
        label="complete",
        pattern=r"(complete|fully[- ]connected) (network|graph)",
    ),
    NetworkKind(
        generator="random_regular", label="random regular", pattern=r"regular (network|graph)"
    ),
    NetworkKind(
        generator="grid_2d", label="lattice", pattern=r"lattice network|square lattice|grid network"
    ),
)
"""In the order in which they are looked for."""


@dataclass(frozen=True, kw_only=True)
class SpaceChange:
    """What a prompt says about the space."""

    topology: dict[str, Any]
    """The topology in the wire format, changed where it must be."""
    said: tuple[str, ...] = ()
    """Sentences on what was taken from the prompt."""
    changes: tuple[str, ...] = ()
    """What is different from before, in a few words each."""
    refused: tuple[str, ...] = ()
    used: frozenset[int] = field(default_factory=frozenset)
    """The tokens that were understood."""
    renamed: tuple[str, str] | None = None
    """The kind of network that was replaced, and that which took its place."""


def size_paths(spec: ModelSpec, slots: Sequence[Slot]) -> tuple[Path, Path] | None:
    """Give where the width and the height of the space stand; None where it has none to set."""
    topology = spec.environment.topology
    paths: list[Path] = []
    for key, extent in (("width", topology.width), ("height", topology.height)):
        slot = _slot_of(extent, slots) or _slot_called(key, slots)
        if slot is not None and not isinstance(extent, (int, float)):
            paths.append(slot.path)
        elif topology.type in ("grid", "continuous") and not isinstance(extent, (str, dict)):
            paths.append(("environment", "topology", key))
    if len(paths) < 2 or is_row(topology):
        return None
    return paths[0], paths[1]


def is_row(topology: Topology) -> bool:
    """Tell whether the grid is a single row or column, such as a road."""
    return topology.width == 1 or topology.height == 1


def _slot_of(extent: object, slots: Sequence[Slot]) -> Slot | None:
    if not isinstance(extent, str):
        return None
    names = (extent, f"globalVariable.{extent}")
    return next((slot for slot in slots if slot.source_name in names), None)


def _slot_called(name: str, slots: Sequence[Slot]) -> Slot | None:
    labels = (name, f"grid_{name}", f"grid{name.title()}", f"world_{name}")
    return next((slot for slot in slots if slot.label in labels), None)


def change_space(spec: ModelSpec, prompt: str, tokens: Sequence[Token]) -> SpaceChange:
    """Give what the words of a prompt change in the space; numbers of its size are not read."""
    topology = spec.environment.topology
    start = SpaceChange(topology=copy.deepcopy(spec.wire()["environment"]["topology"]))
    change = _set_edges(start, topology, tokens)
    change = _set_neighborhood(change, topology, tokens)
    return _set_network(change, topology, prompt, tokens)


def _set_edges(change: SpaceChange, topology: Topology, tokens: Sequence[Token]) -> SpaceChange:
    found = _find_edges(tokens)
    if found is None:
        return change
    wanted, places = found
    used = change.used | frozenset(places)
    words = " ".join(tokens[place].text for place in places)
    if topology.type not in ("grid", "continuous") or is_row(topology):
        sentence = f'Did not use "{words}": this model has no plane whose edges could be set.'
        return replace(change, refused=(*change.refused, sentence), used=used)
    label = {"torus": "wrapped around (a torus)", "fixed": "fixed"}[wanted]
    changed = {**change.topology, "boundaryConditions": wanted}
    is_new = topology.boundary_conditions != wanted
    return replace(
        change,
        topology=changed,
        said=(*change.said, f'The edges of the space are {label} ("{words}").'),
        changes=(*change.changes, f"the edges are {label}") if is_new else change.changes,
        used=used,
    )


def _find_edges(tokens: Sequence[Token]) -> tuple[str, list[int]] | None:
    """Give what the prompt says of the edges, and in which words."""
    for index, token in enumerate(tokens):
        near = range(max(0, index - 2), index)
        if token.word in TORUS:
            no = [place for place in near if tokens[place].word in NOT]
            return ("fixed", [*no, index]) if no else ("torus", [index])
        if token.word in EDGES:
            closed = [place for place in near if tokens[place].word in CLOSED]
            if closed:
                return "fixed", [closed[-1], index]
    return None


def _set_neighborhood(
    change: SpaceChange, topology: Topology, tokens: Sequence[Token]
) -> SpaceChange:
    found = _find_neighborhood(tokens)
    if found is None or topology.type != "grid" or is_row(topology):
        return change
    wanted, places = found
    words = " ".join(tokens[place].text for place in range(places[0], places[-1] + 1))
    count = {"moore": 8, "von_neumann": 4}[wanted]
    is_new = (topology.neighborhood or "moore") != wanted
    news = f"a cell has {count} neighbors"
    return replace(
        change,
        topology={**change.topology, "neighborhood": wanted} if is_new else change.topology,
        said=(*change.said, f'A cell has {count} neighbors ("{words}").'),
        changes=(*change.changes, news) if is_new else change.changes,
        used=change.used | frozenset(places),
    )


def _find_neighborhood(tokens: Sequence[Token]) -> tuple[str, list[int]] | None:
    for index, token in enumerate(tokens):
        following = tokens[index + 1 : index + 4]
        if token.word == "moore":
            return "moore", [index]
        if token.word == "von" and following and following[0].word == "neumann":
            return "von_neumann", [index, index + 1]
        if token.is_number and token.value in (4, 8) and not token.is_percent:
            for step, each in enumerate(following, start=1):
                if each.stem in ("neighbor", "nearest") and each.kind == "word":
                    wanted = "von_neumann" if token.value == 4 else "moore"
                    return wanted, [index, index + step]
                if each.kind != "word" or not has_meaning(each.word):
                    break
    return None


def _set_network(
    change: SpaceChange, topology: Topology, prompt: str, tokens: Sequence[Token]
) -> SpaceChange:
    named = _find_network(prompt)
    if named is None or topology.type != "network" or topology.graph is None:
        return change
    kind, words = named
    present = topology.graph.generator
    used = change.used | _tokens_of(words, tokens)
    said = (*change.said, f'The network is {kind.label} ("{words}").')
    if kind.generator == present:
        return replace(change, said=said, used=used)
    graph = {**change.topology["graph"], "generator": kind.generator}
    if kind.generator != "watts_strogatz":
        graph.pop("rewiringProbability", None)
    if kind.generator in ("complete", "grid_2d"):
        graph.pop("averageDegree", None)
    old = next((each.label for each in NETWORKS if each.generator == present), present)
    description = str(change.topology.get("description", "")).replace(old, kind.label)
    changed = {**change.topology, "graph": graph}
    if "description" in changed:
        changed["description"] = description
    return replace(
        change,
        topology=changed,
        said=said,
        changes=(*change.changes, f"the network is {kind.label} instead of {old}"),
        used=used,
        renamed=(old, kind.label),
    )


def _find_network(prompt: str) -> tuple[NetworkKind, str] | None:
    """Give the kind of network that is named first and not excluded, with its words."""
    found: list[tuple[int, NetworkKind, str]] = []
    for kind in NETWORKS:
        for match in re.finditer(kind.pattern, prompt, re.IGNORECASE):
            before = prompt[: match.start()].lower().split()[-3:]
            if not NOT & set(before):
                found.append((match.start(), kind, match.group()))
    if not found:
        return None
    _, kind, words = min(found, key=lambda each: each[0])
    return kind, words


def _tokens_of(words: str, tokens: Sequence[Token]) -> frozenset[int]:
    parts = {each for each in re.split(r"\W+", words.lower()) if each} | {"network", "graph"}
    return frozenset(i for i, token in enumerate(tokens) if token.text.lower() in parts)


def cells_of(wire: Mapping[str, Any]) -> float | None:
    """Give the number of cells of a grid in the wire format; None where it is not a number."""
    topology = wire["environment"]["topology"]
    if topology.get("type") != "grid":
        return None
    values = {
        each["sourceName"]: each["initialValue"] for each in wire.get("globalVariables") or []
    }
    values |= {each["name"]: each["initialValue"] for each in wire.get("globalVariables") or []}
    cells = 1.0
    for key in ("width", "height"):
        extent = topology.get(key)
        known = values.get(extent) if isinstance(extent, str) else extent
        if isinstance(known, bool) or not isinstance(known, (int, float)):
            return None
        cells *= known
    return cells

"""Lists what can be set in a specification, with the words that stand for each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from abm_quant.authoring.offline.words import stem, stems_of, word_set, words_of
from abm_quant.contracts.spec import AgentType, Behavior, ModelSpec, Variable

SlotKind = Literal["count", "whole", "number", "share"]
Path = tuple[str | int, ...]
Phrase = tuple[str, ...]

SHARE_NAME = re.compile(r"probabilit|chance|share|fraction|proportion|density|percent|ratio", re.I)
SHARE_TEXT = re.compile(r"^(probability|share|fraction|proportion|chance|least share)\b", re.I)
UNIT_TEXT = re.compile(r"(from|between) 0 (to|and) 1\b", re.I)
COUNT_NAME = re.compile(r"count|number|population|^n$|^n_|_n$|^num|^initial_", re.I)
COUNT_TEXT = re.compile(r"^(the )?(initial )?number of ([^.;,]+)", re.I)
SMALL_WORLD = "watts_strogatz"
HEADS = word_set("probabl chanc rate share number count initi max maximum size")
"""Stems of words that many names share; a name without them is still worth a guess."""
EVERYBODY = ("agents", "individuals", "population", "population size")
"""Words for the agents of a model that has one type of them."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """Something whose value a prompt can set."""

    source_name: str
    label: str
    """How a person calls it."""
    path: Path
    """Where its value stands in the wire format."""
    value: float
    kind: SlotKind
    phrases: tuple[Phrase, ...]
    """Stems that stand for it, one of its phrases being enough."""
    guesses: tuple[Phrase, ...] = ()
    """Stems that may stand for it when nothing stands closer."""
    symbols: frozenset[str] = frozenset()
    """Single letters that stand for it directly before a number."""
    least: float | None = None
    """The smallest value that it can have."""
    must_be_even: bool = False
    is_population: bool = False
    """Whether it is the number of agents of a type."""
    is_duration: bool = False
    """Whether it is the number of steps of a run."""


def slots_of(spec: ModelSpec, aliases: Mapping[str, Sequence[str]]) -> list[Slot]:
    """Give everything that can be set by a number, in the order of the specification."""
    slots = list(_variable_slots(spec, aliases))
    slots += _count_slots(spec, aliases)
    slots += _graph_slots(spec)
    slots.append(_duration_slot(spec))
    return _add_everybody(slots)


def wire_value(wire: Any, path: Path) -> Any:
    """Give what stands at a path of the wire format."""
    for key in path:
        wire = wire[key]
    return wire


def _fed_populations(spec: ModelSpec) -> dict[str, list[AgentType]]:
    """Give the global variables that are the size of a population, with its agent types."""
    fed: dict[str, list[AgentType]] = {}
    for _, agent_type in spec.agent_types():
        count = agent_type.initial_count
        for variable in spec.global_variables or []:
            if isinstance(count, str) and count in (variable.source_name, variable.name):
                fed.setdefault(variable.source_name, []).append(agent_type)
    return fed


@dataclass(frozen=True, kw_only=True)
class _Roles:
    """What global variables, by name and by sourceName, are used for."""

    populations: dict[str, list[AgentType]]
    extents: frozenset[str]
    """The width and the height of the space."""
    degrees: frozenset[str]
    """The mean number of links in the network."""
    is_small_world: bool


def _roles(spec: ModelSpec) -> _Roles:
    topology = spec.environment.topology
    degree = topology.graph.average_degree if topology.graph else None
    sizes = (each for each in (topology.width, topology.height) if isinstance(each, str))
    return _Roles(
        populations=_fed_populations(spec),
        extents=frozenset(sizes),
        degrees=frozenset([degree] if isinstance(degree, str) else []),
        is_small_world=topology.graph is not None and topology.graph.generator == SMALL_WORLD,
    )


def _variable_slots(spec: ModelSpec, aliases: Mapping[str, Sequence[str]]) -> Iterator[Slot]:
    roles = _roles(spec)
    for index, variable in enumerate(spec.global_variables or []):
        value = _number(variable)
        if value is not None:
            words = aliases.get(variable.source_name, [])
            yield _variable_slot(variable, value, ("globalVariables", index), roles, words)


def _variable_slot(
    variable: Variable, value: float, path: Path, roles: _Roles, aliases: Sequence[str]
) -> Slot:
    names = {variable.source_name, variable.name}
    fed = roles.populations.get(variable.source_name, [])
    kind = "count" if fed else _kind(variable, value)
    is_degree = bool(names & roles.degrees)
    texts = [variable.name, *aliases, *map(_type_name, fed), *("k" if is_degree else "")]
    counted = COUNT_TEXT.match(variable.description)
    if counted and kind == "count":
        texts.append(counted[3])
    return Slot(
        source_name=variable.source_name,
        label=variable.name,
        path=(*path, "initialValue"),
        value=value,
        kind=kind,
        phrases=_phrases(texts),
        guesses=_guesses(variable),
        symbols=_symbols(texts),
        least=_least(kind, value, bool(fed or is_degree or names & roles.extents)),
        must_be_even=is_degree and roles.is_small_world,
        is_population=bool(fed),
    )


def _count_slots(spec: ModelSpec, aliases: Mapping[str, Sequence[str]]) -> Iterator[Slot]:
    several = sum(1 for _ in spec.agent_types()) > 1
    for (group, index), agent_type in spec.agent_types():
        count = agent_type.initial_count
        if isinstance(count, bool) or not isinstance(count, (int, float)):
            continue
        name = _type_name(agent_type)
        source_name = f"agent.{name}.initialCount"
        texts = [name, f"number of {name}", *aliases.get(source_name, [])]
        yield Slot(
            source_name=source_name,
            label=f"number of {name} agents",
            path=("agents", group, index, "initialCount"),
            value=float(count),
            kind="count",
            phrases=_phrases(texts),
            symbols=_symbols(texts),
            least=0 if several else 1,
            is_population=True,
        )


def _graph_slots(spec: ModelSpec) -> Iterator[Slot]:
    """Give the slots of a network whose numbers stand in the topology itself."""
    graph = spec.environment.topology.graph
    if graph is None:
        return
    path: Path = ("environment", "topology", "graph")
    if isinstance(graph.average_degree, (int, float)):
        yield Slot(
            source_name="environment.topology.graph.averageDegree",
            label="average degree",
            path=(*path, "averageDegree"),
            value=float(graph.average_degree),
            kind="number",
            phrases=_phrases(["average degree", "mean degree", "degree", "contacts", "links each"]),
            symbols=frozenset("k"),
            least=1,
            must_be_even=graph.generator == SMALL_WORLD,
        )
    if isinstance(graph.rewiring_probability, (int, float)):
        yield Slot(
            source_name="environment.topology.graph.rewiringProbability",
            label="rewiring probability",
            path=(*path, "rewiringProbability"),
            value=float(graph.rewiring_probability),
            kind="share",
            phrases=_phrases(["rewiring probability", "rewiring", "rewired"]),
            least=0,
        )


def _duration_slot(spec: ModelSpec) -> Slot:
    return Slot(
        source_name="terminationCriteria.maxSteps",
        label="number of steps",
        path=("terminationCriteria", "maxSteps"),
        value=spec.termination_criteria.max_steps,
        kind="count",
        phrases=(("max", "step"), ("maximum", "step"), ("step", "limit"), ("run", "length")),
        least=1,
        is_duration=True,
    )


def _add_everybody(slots: list[Slot]) -> list[Slot]:
    """Give the slots; where one is the size of the only population, "agents" stands for it too."""
    sizes = [index for index, slot in enumerate(slots) if slot.is_population]
    if len(sizes) != 1:
        return slots
    slot = slots[sizes[0]]
    taken = {phrase for each in slots if each is not slot for phrase in each.phrases}
    extra = tuple(each for each in _phrases(EVERYBODY) if each not in taken)
    phrases = tuple(dict.fromkeys([*slot.phrases, *extra]))
    slots[sizes[0]] = replace(slot, phrases=phrases, symbols=slot.symbols | {"n"})
    return slots


def without_small_world(slots: Sequence[Slot], spec: ModelSpec) -> list[Slot]:
    """Give the slots for a network that is no small world: without rewiring, with odd degrees."""
    graph = spec.environment.topology.graph
    rewiring = graph.rewiring_probability if graph else None
    names = (
        rewiring,
        f"globalVariable.{rewiring}",
        "environment.topology.graph.rewiringProbability",
    )
    return [replace(slot, must_be_even=False) for slot in slots if slot.source_name not in names]


def _number(variable: Variable) -> float | None:
    """Give the literal number that a variable starts with, None when it has none."""
    value = variable.initial_value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value)


def _kind(variable: Variable, value: float) -> SlotKind:
    name, text = variable.name, variable.description
    if variable.type == "integer":
        return "count" if COUNT_NAME.search(name) or COUNT_TEXT.match(text) else "whole"
    if not 0 <= value <= 1:
        return "number"
    is_share = SHARE_NAME.search(name) or SHARE_TEXT.match(text) or UNIT_TEXT.search(text)
    return "share" if is_share else "number"


def _least(kind: SlotKind, value: float, at_least_one: bool) -> float | None:
    if at_least_one:
        return 1
    if kind == "number":
        return 0 if value > 0 else None
    return 0


def _type_name(agent_type: AgentType) -> str:
    """Give the name of an agent type: its own, else that in the sourceName of one of its parts."""
    if agent_type.name:
        return agent_type.name
    parts: list[Variable | Behavior] = [*(agent_type.agent_attributes or [])]
    parts += agent_type.agent_behaviors or []
    names = [each.source_name.split(".")[1] for each in parts if each.source_name.count(".") >= 2]
    return names[0] if names else "agent"


def _phrases(texts: Sequence[str]) -> tuple[Phrase, ...]:
    """Give the distinct phrases of texts; single letters are symbols and left out."""
    found = (phrase_of(text) for text in texts if not _is_symbol(text))
    return tuple(dict.fromkeys(each for each in found if each))


def phrase_of(text: str) -> Phrase:
    """Give the stems of an alias or a name; of words without meaning when there are no others."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text)
    stems = stems_of(plain)
    if stems:
        return tuple(dict.fromkeys(stems))
    return tuple(stem(word) for word in words_of(plain))


def _symbols(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(text.lower() for text in texts if _is_symbol(text))


def _is_symbol(text: str) -> bool:
    """Tell whether a text is a single letter, such as p."""
    return len(text) == 1 and text.isascii()


def _guesses(variable: Variable) -> tuple[Phrase, ...]:
    """Give the name without the words that many names share, and neighbors in the description."""
    name = tuple(each for each in phrase_of(variable.name) if each not in HEADS)
    words = stems_of(variable.description)
    pairs = [(words[i], words[i + 1]) for i in range(len(words) - 1)]
    return tuple(dict.fromkeys([each for each in [name, *pairs] if each]))

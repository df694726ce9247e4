"""Sets what a specification holds in other terms: a density by a count, a count by a density."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from abm_quant.authoring.offline.slots import EVERYBODY, Slot, phrase_of, wire_value
from abm_quant.authoring.offline.space import cells_of, size_paths
from abm_quant.contracts.spec import AgentType, Call, ModelSpec

SIZE, DENSITY, COUNT = "derived.size", "derived.density", "derived.count"
SIZE_PHRASES = (
    ("grid", "size"),
    ("lattic", "size"),
    ("board", "size"),
    ("world", "size"),
    ("size",),
)
DENSITY_PHRASES = (("densiti",), ("densidad",), ("dicht",), ("densit",), ("occup",))
ONE_EACH = re.compile(r"(at most )?one (for|in|on|per) (each|every|a) (cell|site)", re.IGNORECASE)


def derived_slots(spec: ModelSpec, slots: Sequence[Slot]) -> list[Slot]:
    """Give the slots that set others: the size of a square, and counts and densities."""
    found = []
    if size_paths(spec, slots) is not None:
        found.append(_slot(SIZE, "size", "whole", SIZE_PHRASES))
    density = density_behind_count(spec, slots)
    if density is not None:
        name = next(spec.agent_types())[1].name or "agents"
        phrases = tuple(phrase_of(each) for each in (name, *EVERYBODY))
        found.append(_slot(COUNT, f"number of {name} agents", "count", phrases))
    if _density_sets_count(spec, slots) is not None:
        found.append(_slot(DENSITY, "density", "share", DENSITY_PHRASES))
    return found


def _slot(name: str, label: str, kind: Any, phrases: tuple[tuple[str, ...], ...]) -> Slot:
    return Slot(
        source_name=name, label=label, path=(), value=0, kind=kind, phrases=phrases, least=1
    )


def density_behind_count(spec: ModelSpec, slots: Sequence[Slot]) -> Slot | None:
    """Give the density from which the number of the only agents is reckoned."""
    agent_type = _only_type(spec)
    if agent_type is None or not isinstance(agent_type.initial_count, Call):
        return None
    names = [each for each in agent_type.initial_count.args or [] if isinstance(each, str)]
    shares = [slot for slot in slots if slot.kind == "share" and "densit" in slot.label.lower()]
    return next((each for each in shares if {each.source_name, each.label} & set(names)), None)


def _density_sets_count(spec: ModelSpec, slots: Sequence[Slot]) -> Slot | None:
    """Give the number of the only agents, on a grid that has no density of its own."""
    agent_type = _only_type(spec)
    has_density = any("densit" in slot.label.lower() for slot in slots)
    if agent_type is None or has_density or cells_of(spec.wire()) is None:
        return None
    return population_slot(agent_type, slots)


def population_slot(agent_type: AgentType, slots: Sequence[Slot]) -> Slot | None:
    """Give the slot that is the number of agents of a type."""
    count = agent_type.initial_count
    if isinstance(count, str):
        return next((each for each in slots if count in (each.source_name, each.label)), None)
    own = f"agent.{agent_type.name}.initialCount"
    return next((each for each in slots if each.source_name == own), None)


def _only_type(spec: ModelSpec) -> AgentType | None:
    types = [agent_type for _, agent_type in spec.agent_types()]
    return types[0] if len(types) == 1 else None


def crowding(spec: ModelSpec, slots: Sequence[Slot], wire: Mapping[str, Any]) -> str:
    """Give the sentence that says that the agents do not fit into the cells, "" when they do."""
    cells, capacity = cells_of(wire), spec.environment.topology.cell_capacity
    found = [population_slot(each, slots) for _, each in spec.agent_types()]
    sizes = [slot for slot in found if slot is not None]
    if cells is None or not sizes:
        return ""
    if capacity is None:
        descriptions = [each.description for each in spec.global_variables or []]
        if not any(ONE_EACH.search(each) for each in descriptions):
            return ""
        capacity = 1
    total = sum(float(wire_value(wire, slot.path)) for slot in sizes)
    if total <= cells * capacity:
        return ""
    return f"{total:g} agents do not fit on {cells:g} cells that hold {capacity} each"

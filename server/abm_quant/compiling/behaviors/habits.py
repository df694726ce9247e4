"""Habits: how an author writes, read off all the code of a specification together."""

import re
from collections import Counter
from dataclasses import dataclass, field

from abm_quant.compiling.dialects.scope import free_names
from abm_quant.compiling.naming.known import FRAMEWORK_NAMES
from abm_quant.compiling.resolve import MODEL_STATE, Declared, Names
from abm_quant.contracts.spec import Behavior, Call, GlobalFunction, Variable

OWN_ASSIGNMENT = re.compile(r"\bself\.(\w+)\s*(?:[-+*/%|&]|//|\*\*)?=(?!=)")
ANY_ASSIGNMENT = re.compile(r"\.(\w+)\s*=(?!=)")
OLD_IDS = re.compile(r"\bschedule\b|\bnext_id\b|__init__\(\s*(?:self,\s*)?unique_id")
OWN_ID = ("self.unique_id", "unique_id", "agent.unique_id")
"""How a start value says the id of the agent."""


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What the pieces of code have in common."""

    aliases: dict[str, str]
    """Python names of behaviors by the names after `def`, where nothing is declared so."""
    own_assigned: dict[str, frozenset[str]] = field(default_factory=dict)
    """Attributes that the code of each agent type assigns on `self`."""
    all_assigned: frozenset[str] = frozenset()
    """Attributes that any code assigns, on whatever object."""
    is_bare: bool
    """Whether variables of the model are written as bare names."""
    ids_from_zero: bool
    """Whether unique ids count from 0, as in code for Mesa 2."""
    numbers_agents: bool = False
    """Whether ids only serve to number the agents of each type."""

    @classmethod
    def of(cls, names: Names, codes: list[tuple[Declared, str]]) -> "Habits":
        """Give the habits that show in the unwrapped code of each declaration."""
        assigned: dict[str, frozenset[str]] = {}
        for declared, code in codes:
            if declared.agent_type:
                found = frozenset(OWN_ASSIGNMENT.findall(code))
                assigned[declared.agent_type] = found | assigned.get(declared.agent_type, found)
        state = {each.name for each in names.of(*MODEL_STATE)}
        texts = [
            each.item.code
            for each in names.declared
            if isinstance(each.item, (Behavior, GlobalFunction))
        ]
        numbers = _numbers_agents(names, texts)
        return cls(
            aliases=_aliases(names, codes),
            own_assigned=assigned,
            all_assigned=frozenset(
                name for _, code in codes for name in ANY_ASSIGNMENT.findall(code)
            ),
            is_bare=any(state & free_names(code) for _, code in codes),
            ids_from_zero=numbers or any(OLD_IDS.search(text) for text in texts),
            numbers_agents=numbers,
        )

    def assigned(self, agent_type: str | None) -> frozenset[str]:
        """Give the attributes that the code of an agent type assigns on `self`."""
        return self.own_assigned.get(agent_type or "", frozenset())


def _numbers_agents(names: Names, texts: list[str]) -> bool:
    """Tell whether ids only serve to number the agents, which an index counts from 0."""
    starts = [
        each.item.initial_value
        for each in names.of("agent-attribute")
        if isinstance(each.item, Variable)
    ]
    given = [start for start in starts if isinstance(start, str)]
    given += [arg for start in starts if isinstance(start, Call) for arg in start.args or ()]
    is_id = any(isinstance(each, str) and each.strip() in OWN_ID for each in given)
    return is_id and not any("unique_id" in text for text in texts)


def _aliases(names: Names, codes: list[tuple[Declared, str]]) -> dict[str, str]:
    found: list[tuple[str, str]] = []
    for declared, code in codes:
        defined = re.search(r"\bdef\s+(\w+)", code)
        if defined and declared.kind != "global-function":
            found.append((defined[1], declared.python))
    meanings = Counter(alias for alias, _ in set(found))
    taken = names.known | FRAMEWORK_NAMES
    return {
        alias: python
        for alias, python in found
        if meanings[alias] == 1 and alias != python and alias not in taken
    }

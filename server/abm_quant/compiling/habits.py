"""Habits: how an author writes, read off all the code of a specification together."""

import re
from collections import Counter
from dataclasses import dataclass, field

from abm_quant.compiling.dialects.scope import free_names
from abm_quant.compiling.known import FRAMEWORK_NAMES
from abm_quant.compiling.resolve import MODEL_STATE, Declared, Names
from abm_quant.contracts.spec import Behavior, GlobalFunction

OWN_ASSIGNMENT = re.compile(r"\bself\.(\w+)\s*(?:[-+*/%|&]|//|\*\*)?=(?!=)")
OLD_IDS = re.compile(r"\bschedule\b|\bnext_id\b|__init__\(\s*(?:self,\s*)?unique_id")


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What the pieces of code have in common."""

    aliases: dict[str, str]
    """Python names of behaviors by the names after `def`, where nothing is declared so."""
    own_assigned: dict[str, frozenset[str]] = field(default_factory=dict)
    """Attributes that the code of each agent type assigns on `self`."""
    is_bare: bool
    """Whether variables of the model are written as bare names."""
    ids_from_zero: bool
    """Whether unique ids count from 0, as in code for Mesa 2."""

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
        return cls(
            aliases=_aliases(names, codes),
            own_assigned=assigned,
            is_bare=any(state & free_names(code) for _, code in codes),
            ids_from_zero=any(OLD_IDS.search(text) for text in texts),
        )

    def assigned(self, agent_type: str | None) -> frozenset[str]:
        """Give the attributes that the code of an agent type assigns on `self`."""
        return self.own_assigned.get(agent_type or "", frozenset())


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

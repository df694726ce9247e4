"""Merging: one agent type that an author spread over several objects becomes one again.

Two objects belong together when their names are close and one has what the other lacks. An object
that holds nothing but a count gives it to the first type without one.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from abm_quant.compiling.reading.legacy import Note, Steps
from abm_quant.compiling.resolve import close_names

PARTS = ("agentAttributes", "agentBehaviors")
Json = Any


def merged(raw: dict[str, Json], note: Note) -> dict[str, Json]:
    """Give the specification with whole agent types; each merger is told to `note`."""
    groups = raw.get("agents")
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        return raw
    whole: list[dict[str, Json]] = []
    absorbed: set[int] = set()
    for steps, each in _types(groups):
        match = next((other for other in whole if _belong_together(other, each)), None)
        if match is None:
            whole.append(each)
            continue
        _absorb(match, each)
        absorbed.add(id(each))
        note(steps, f"It was read as a part of the agent type {type_name(match)!r}.")
    if not absorbed:
        return raw
    kept = [[each for each in group if id(each) not in absorbed] for group in groups]
    return raw | {"agents": [group for group in kept if group]}


def _types(groups: list[list[Json]]) -> Iterator[tuple[Steps, dict[str, Json]]]:
    for group_index, group in enumerate(groups):
        for index, each in enumerate(group):
            if isinstance(each, dict):
                yield ("agents", group_index, index), each


def type_name(agent_type: dict[str, Json]) -> str | None:
    """Give the name that most sourceNames of an agent type use, else its own; None without one."""
    lists = [agent_type.get(key) for key in PARTS]
    parts = [part for each in lists if isinstance(each, list) for part in each]
    sources = [part.get("sourceName") for part in parts if isinstance(part, dict)]
    matches = (re.match(r"agents?\.([^.]+)\.", each) for each in sources if isinstance(each, str))
    found = Counter(match[1] for match in matches if match)
    name = agent_type.get("name")
    return found.most_common(1)[0][0] if found else name if isinstance(name, str) else None


def _belong_together(first: dict[str, Json], second: dict[str, Json]) -> bool:
    has_two_counts = all(each.get("initialCount") is not None for each in (first, second))
    names = type_name(first), type_name(second)
    if names[1] is None:
        is_bare = not any(second.get(key) for key in PARTS)
        return is_bare and not has_two_counts and second.get("initialCount") is not None
    if names[0] is None or not close_names(names[0], names[1]):
        return False
    shared = [key for key in PARTS if first.get(key) and second.get(key)]
    return not has_two_counts or (names[0].lower() == names[1].lower() and not shared)


def _absorb(whole: dict[str, Json], part: dict[str, Json]) -> None:
    """Add to an agent type what another object has of it; what the first one has holds."""
    for key in PARTS:
        own, more = whole.get(key) or [], part.get(key) or []
        known = {each.get("name") for each in own if isinstance(each, dict)}
        new = [each for each in more if not (isinstance(each, dict) and each.get("name") in known)]
        if new:
            whole[key] = [*own, *new]
    for key, value in part.items():
        if whole.get(key) is None:
            whole[key] = value

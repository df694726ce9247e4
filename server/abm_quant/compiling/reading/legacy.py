"""Older shapes of the format become today's: snake_case keys, dictionaries keyed by name, agents as
`{T: {...}}`, rules keyed by sourceName, lists in the place of objects, parts without a sourceName.

Every change is told to `note` with the place in the specification as it is read.
"""

import re
from collections.abc import Callable
from typing import Any

from abm_quant.contracts.spec import ModelSpec, Part

Steps = tuple[str | int, ...]
Note = Callable[[Steps, str], None]
Json = Any

FREE = {"initialValue", "defaultValue", "value", "args"}
"""Keys whose values are the author's own data, not part of the format."""
AGENT_KEYS = {"agentAttributes", "agentBehaviors", "initialCount"}
NAME_KEYS = ("name", "agentType", "agentTypeName", "typeName", "agentName", "type", "breed")
"""Under which some write the name of an agent type."""
VARIABLES = {
    "globalVariables": "globalVariable",
    "environmentAttributes": "environment.environmentAttribute",
    "agentAttributes": "agent.{type}.agentAttribute",
}
CODE = {
    "globalFunctions": "globalFunction",
    "environmentBehaviors": "environment.environmentBehavior",
    "agentBehaviors": "agent.{type}.agentBehavior",
}
NAMED = {**VARIABLES, **CODE}
PARAMETERS = {"inputs", "outputs", "functionInputs", "functionOutputs"}
REFERRING = {
    "terminationRules": "value",
    "trackedVariables": "collectionLevel",
    "initializationOrder": "orderInInitialization",
    "scheduleOrder": "orderInSchedule",
}
"""Lists of references, with the field that a plain value stands for."""
ORDERS = {
    "initializationOrder": "orderInInitialization",
    "scheduleOrder": "orderInSchedule",
}
KEYED = {*NAMED, *PARAMETERS, *REFERRING}
"""Lists that older shapes key by name."""
HOLDERS = {
    "dataAnalytics": "trackedVariables",
    "schedule": "scheduleOrder",
    "initialization": "initializationOrder",
}
"""Objects that some write as the list that they hold."""
PLAIN_HOLDERS = {"abmLibrary": "name", "topology": "type", "terminationCriteria": "maxSteps"}
"""Objects that some write as their main value."""


def _wire_keys() -> dict[str, str]:
    """Give each key of the format by its bare spelling."""
    parts: list[type[Part]] = [ModelSpec, *Part.__subclasses__()]
    keys: dict[str, str] = {}
    for part in parts:
        for name, each in part.model_fields.items():
            key = each.alias or name
            keys[_bare(key)] = key
    return keys


def _bare(key: str) -> str:
    return re.sub(r"[\s_-]", "", key).casefold().replace("behaviour", "behavior")


KEYS = _wire_keys() | {
    "globalvariable": "globalVariables",
    "globalfunction": "globalFunctions",
    "environmentattribute": "environmentAttributes",
    "environmentbehavior": "environmentBehaviors",
    "agentattribute": "agentAttributes",
    "agentbehavior": "agentBehaviors",
    "trackedvariable": "trackedVariables",
    "terminationrule": "terminationRules",
    "maximumsteps": "maxSteps",
    "boundarycondition": "boundaryConditions",
    "neighbourhood": "neighborhood",
}
WIRE = frozenset(KEYS.values())
SEGMENTS = {
    _bare(word): word
    for word in (
        *("globalVariable", "globalFunction", "environmentAttribute", "environmentBehavior"),
        *("agentAttribute", "agentBehavior", "initialCount"),
    )
}
"""Words of the grammar of sourceNames, by their bare spelling."""


def modernized(raw: dict[str, Json], note: Note) -> dict[str, Json]:
    """Give the specification in today's shape."""
    read: dict[str, str] = {}
    renamed: dict[str, Json] = _keys(raw, (), read)
    if read:
        listed = ", ".join(f"{key!r} as {known!r}" for key, known in sorted(read.items()))
        note((), f"Keys were read in the spelling of the format: {listed}.")
    if "agents" in renamed:
        renamed["agents"] = _agents(renamed["agents"], note)
    shaped: dict[str, Json] = _shaped(renamed, (), note)
    _references(shaped, (), note)
    _name_parts(shaped, note)
    return shaped


def _keys(value: Json, steps: Steps, read: dict[str, str]) -> Json:
    """Give a copy whose keys are spelled as in the format; what is not of the format stays.

    `read` takes the keys that were spelled otherwise.
    """
    if isinstance(value, list):
        return [_keys(each, (*steps, index), read) for index, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    is_keyed = bool(steps) and (steps == ("agents",) or steps[-1] in KEYED)
    found: dict[str, Json] = {}
    for key, each in value.items():
        known = str(key if key in WIRE or is_keyed else _known(key, steps))
        if known != key and known in value:
            known = key
        if known != key:
            read[key] = known
        is_foreign = known not in WIRE and (not steps or not isinstance(each, dict))
        is_data = (known in FREE or is_foreign) and not is_keyed
        found[known] = each if is_data else _keys(each, (*steps, known), read)
    return found


def _known(key: str, steps: Steps) -> str:
    """Give the key of the format that a key means, itself where there is none."""
    if _bare(key) in ("order", "position", "priority"):
        return next((ORDERS[step] for step in steps if step in ORDERS), key)
    return KEYS.get(_bare(key), key)


def _agents(agents: Json, note: Note) -> Json:
    """Give groups of agent types, where they stand as `{T: {...}}`, alone or in a list."""
    if isinstance(agents, dict) and not AGENT_KEYS & agents.keys():
        note(("agents",), "The agent types, keyed by their names, were read as one group.")
        return [_types_of(agents)]
    if not isinstance(agents, list):
        return agents
    groups: list[Json] = []
    for index, group in enumerate(agents):
        found: list[Json] = []
        for each in _flat(group):
            is_keyed = isinstance(each, dict) and not AGENT_KEYS & each.keys()
            is_keyed = is_keyed and bool(each) and all(isinstance(v, dict) for v in each.values())
            if is_keyed:
                note(("agents", index), "An agent type that is keyed by its name was read.")
            found += _types_of(each) if is_keyed else [each]
        groups.append(found if isinstance(group, (list, dict)) else group)
    if any(isinstance(group, dict) for group in agents):
        note(("agents",), "Each agent type that stood alone was read as a group of one.")
    return groups


def _flat(group: Json) -> list[Json]:
    """Give the agent types of a group, which may hold further groups."""
    if not isinstance(group, list):
        return [group]
    return [each for inner in group for each in _flat(inner)]


def _types_of(keyed: dict[str, Json]) -> list[Json]:
    return [
        {"name": key, **each} if isinstance(each, dict) else each for key, each in keyed.items()
    ]


def _shaped(value: Json, steps: Steps, note: Note) -> Json:
    """Give a copy in which every list of the format is a list and every object an object."""
    if isinstance(value, list):
        return [_shaped(each, (*steps, index), note) for index, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    found: dict[str, Json] = {}
    for key, each in value.items():
        place = (*steps, key)
        if key in FREE or key not in WIRE:
            found[key] = each
            continue
        changed = _one_shape(key, each)
        if changed is not each:
            note(place, f"`{key}` was read from another shape.")
        found[key] = _shaped(changed, place, note)
    return found


def _one_shape(key: str, value: Json) -> Json:
    """Give the value of a key in the shape of the format; the same object where it has it."""
    if key in HOLDERS and isinstance(value, list):
        return {HOLDERS[key]: value}
    if key in PLAIN_HOLDERS and isinstance(value, (str, int)) and not isinstance(value, bool):
        return {PLAIN_HOLDERS[key]: value}
    if key == "code" and isinstance(value, list) and all(isinstance(e, str) for e in value):
        return "\n".join(value)
    if key in NAMED or key in PARAMETERS:
        return _listed(value, "name", "initialValue" if key in VARIABLES else "type")
    if key in REFERRING:
        return _listed(value, "sourceName", REFERRING[key])
    return value


def _listed(value: Json, name: str, plain: str) -> Json:
    """Give a list of objects for a dictionary that is keyed by their names."""
    if isinstance(value, dict) and name in value and WIRE.issuperset(value):
        return [value]
    if isinstance(value, dict) and value:
        return [_item(key, each, name, plain) for key, each in value.items()]
    if isinstance(value, list) and any(_is_short(each, name) for each in value):
        items: list[Json] = []
        for each in value:
            if isinstance(each, str):
                items.append({name: each})
            elif _is_short(each, name):
                items += [_item(key, inner, name, plain) for key, inner in each.items()]
            else:
                items.append(each)
        return items
    return value


def _is_short(each: Json, name: str) -> bool:
    """Tell whether an entry is a bare name, or one object under its name."""
    if isinstance(each, str):
        return True
    return isinstance(each, dict) and len(each) == 1 and isinstance([*each.values()][0], dict)


def _item(key: str, value: Json, name: str, plain: str) -> Json:
    return {name: key, **value} if isinstance(value, dict) else {name: key, plain: value}


def _references(value: Json, steps: Steps, note: Note) -> None:
    """Bring the prefixes of sourceNames to the spelling of the format: `global_variable.x`."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            _references(each, (*steps, index), note)
    if not isinstance(value, dict):
        return
    for key, each in value.items():
        if key == "sourceName" and isinstance(each, str):
            *prefix, name = each.split(".")
            name = "initialCount" if _bare(name) == "initialcount" else name
            value[key] = ".".join([*(SEGMENTS.get(_bare(word), word) for word in prefix), name])
            if value[key] != each:
                note((*steps, key), f"{each!r} was read as {value[key]!r}.")
        elif key not in FREE:
            _references(each, (*steps, key), note)


def _name_parts(raw: dict[str, Json], note: Note) -> None:
    """Give each part that has a name and no sourceName its sourceName, and the other way round."""
    _name_in(raw, (), "", note)
    environment = raw.get("environment")
    if isinstance(environment, dict):
        _name_in(environment, ("environment",), "", note)
    groups = raw.get("agents")
    for group_index, group in enumerate(groups if isinstance(groups, list) else ()):
        for index, each in enumerate(group if isinstance(group, list) else ()):
            if isinstance(each, dict):
                type_name = _type_name(each) or f"Agent{index + 1}"
                _name_in(each, ("agents", group_index, index), type_name, note)


def _name_in(holder: dict[str, Json], steps: Steps, type_name: str, note: Note) -> None:
    for key, prefix in NAMED.items():
        parts = holder.get(key)
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            if not isinstance(part, dict):
                continue
            name, source = part.get("name"), part.get("sourceName")
            place = (*steps, key, index)
            if isinstance(name, str) and name.strip() and source in (None, ""):
                part["sourceName"] = f"{prefix.format(type=type_name)}.{name.strip()}"
                note((*place, "sourceName"), f"It was set to {part['sourceName']!r}.")
            elif isinstance(source, str) and source and name in (None, ""):
                part["name"] = source.rsplit(".", 1)[-1]
                note((*place, "name"), f"It was set to {part['name']!r}, as in the sourceName.")
            if key in VARIABLES and part.get("type") is None and "initialValue" in part:
                part["type"] = _type_of(part["initialValue"], parts)
                note((*place, "type"), f"It was set to {part['type']!r}, as the initial value.")


def _type_of(value: Json, siblings: Json) -> str:
    """Give the type of a start value; a text that names another variable starts as that one."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        named = [each for each in siblings if isinstance(each, dict) and each.get("name") == value]
        start = named[0].get("initialValue") if named else value
        is_number = isinstance(start, (int, float)) or "." in str(start) or "*" in str(start)
        return "number" if is_number and not isinstance(start, bool) else "string"
    words = {int: "number", float: "number", str: "string", list: "array"}
    return words.get(type(value), "object")


def _type_name(agent_type: dict[str, Json]) -> str | None:
    """Give T of an agent type, from its parts or its name."""
    for key in ("agentAttributes", "agentBehaviors"):
        parts = agent_type.get(key)
        for part in parts if isinstance(parts, list) else ():
            source = part.get("sourceName") if isinstance(part, dict) else None
            match = re.match(r"agents?\.([^.]+)\.", source) if isinstance(source, str) else None
            if match:
                return match[1]
    name = next((agent_type[key] for key in NAME_KEYS if agent_type.get(key)), None)
    return name if isinstance(name, str) and name.strip() else None

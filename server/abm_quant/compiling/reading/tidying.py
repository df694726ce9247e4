"""Words and numbers that deviate a little from the format: "Per Agent", "toroidal", "int", "25".

Every change is told to `note` with its place.
"""

import re
from typing import Any

from abm_quant.compiling.reading.legacy import FREE, NAMED, PARAMETERS, REFERRING, Note, Steps

LISTS = {*NAMED, *PARAMETERS, *REFERRING}
NUMBERS = {"maxSteps", "orderInInitialization", "orderInSchedule", "cellCapacity"}
OPTIONAL = {
    *("description", "functionDescription", "executionMode", "collectionLevel", "checkTime"),
    "optional",
}
"""Fields with a default that is meant by null, too."""
CHOICES_WITH_DEFAULT = {"executionMode", "collectionLevel", "checkTime"}
OF_SPACE = {
    *("boundaryConditions", "neighborhood", "width", "height"),
    *("generator", "averageDegree", "rewiringProbability"),
}
"""Fields of the topology that may be absent, and for which many write a word that says so."""
ABSENT = {"", "none", "null", "na", "n/a"}
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "executionMode": {
        "per-agent": ("peragent", "agent", "eachagent", "foreachagent", "individual"),
        "model-once": ("modelonce", "once", "model", "perstep", "global", "single"),
        "model-batch": ("modelbatch", "batch", "allagents", "collective"),
    },
    "collectionLevel": {
        "model": ("model", "modellevel", "global", "environment", "aggregate", "aggregated"),
        "agent": ("agent", "agentlevel", "agents", "peragent", "individual"),
    },
    "checkTime": {
        "start-of-step": ("startofstep", "start", "stepstart", "beginningofstep", "beforestep"),
        "end-of-step": ("endofstep", "end", "stepend", "afterstep", "everystep", "eachstep"),
    },
    "boundaryConditions": {
        "torus": ("torus", "toroidal", "periodic", "wrap", "wrapped", "wraparound", "true"),
        "fixed": ("fixed", "bounded", "closed", "nontoroidal", "nonperiodic", "reflecting"),
    },
    "neighborhood": {
        "moore": ("moore", "8", "eight"),
        "von_neumann": ("vonneumann", "neumann", "4", "four"),
    },
    "generator": {
        "erdos_renyi": ("erdosrenyi", "random", "randomgraph", "gnp"),
        "watts_strogatz": ("wattsstrogatz", "smallworld", "newmanwattsstrogatz"),
        "barabasi_albert": ("barabasialbert", "scalefree", "preferentialattachment"),
        "grid_2d": ("grid2d", "lattice", "grid"),
        "complete": ("complete", "fullyconnected"),
        "random_regular": ("randomregular", "regular"),
    },
    "topology": {
        "none": ("none", "null", "nonspatial", "nospace", "wellmixed", "aspatial"),
        "grid": (
            *("grid", "2dgrid", "grid2d", "lattice", "multigrid", "singlegrid", "squaregrid"),
            *("raster", "cells", "cellular", "discretegrid", "spatialgrid"),
        ),
        "network": ("network", "graph", "networkgrid", "socialnetwork", "graphnetwork"),
        "continuous": ("continuous", "continuousspace", "2dcontinuous", "plane"),
    },
    "type": {
        "integer": ("integer", "int", "long", "count"),
        "float": ("float", "double", "real", "decimal", "probability", "percentage", "numpyfloat"),
        "number": ("number", "numeric", "num"),
        "string": ("string", "str", "text", "enum", "categorical", "category", "char"),
        "boolean": ("boolean", "bool", "logical"),
        "array": ("array", "list", "tuple", "vector", "matrix", "set", "sequence", "ndarray"),
        "object": ("object", "dict", "dictionary", "map", "any", "none", "void", "agent", "graph"),
    },
}
MEANT = {
    key: {word: meaning for meaning, words in table.items() for word in words}
    for key, table in WORDS.items()
}
PLAN_TYPES = {
    "initializationOrder": {
        *("agentAttribute", "environmentAttribute", "globalVariable", "globalFunction"),
        "initialCount",
    },
    "scheduleOrder": {"agentBehavior", "environmentBehavior", "globalFunction"},
}


def tidied(value: Any, steps: Steps, note: Note) -> Any:
    """Give a copy with the words and numbers of the format."""
    if isinstance(value, list):
        return [tidied(each, (*steps, index), note) for index, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, each in value.items():
        place = (*steps, key)
        if key in FREE:
            found[key] = each
        elif (each is None and key in OPTIONAL) or (each == "" and key in CHOICES_WITH_DEFAULT):
            written = "null" if each is None else "An empty text"
            note(steps, f"{written} for `{key}` was read as the default.")
        else:
            found[key] = _mended(key, tidied(each, place, note), place, note)
    return found


def _mended(key: str, value: Any, steps: Steps, note: Note) -> Any:
    if key in LISTS and value in ("", {}):
        note(steps, "An empty value was read as none.")
        return None
    if key in ("topology", "graph") and isinstance(value, dict):
        return _present(value, steps, note) or None
    if key in NUMBERS and isinstance(value, str):
        return _number(value, steps, note)
    if key == "optional" and isinstance(value, str) and value.lower() in ("true", "false"):
        note(steps, f"The text {value!r} was read as a boolean.")
        return value.lower() == "true"
    plan = next((table for name, table in PLAN_TYPES.items() if name in steps), None)
    if key == "type" and plan is not None:
        return _plan_type(value, plan, steps, note)
    if key == "boundaryConditions" and isinstance(value, bool):
        note(steps, f"{value} was read as {'torus' if value else 'fixed'!r}.")
        return "torus" if value else "fixed"
    return _word(key, value, steps, note)


def _present(part: dict[str, Any], steps: Steps, note: Note) -> dict[str, Any]:
    """Give a part of the space without the fields that say that there is no such thing."""
    absent = {
        key: value
        for key, value in part.items()
        if (key == "cellCapacity" and value == 0 and not isinstance(value, bool))
        or (key in OF_SPACE and isinstance(value, str) and value.strip().lower() in ABSENT)
    }
    if absent:
        listed = ", ".join(f"`{key}` {value!r}" for key, value in absent.items())
        note(steps, f"Read as none: {listed}.")
    return {key: value for key, value in part.items() if key not in absent and value is not None}


def _number(text: str, steps: Steps, note: Note) -> Any:
    """Give the whole number that a text spells, alone or before its unit, as in "200 steps"."""
    plain = text.strip().replace(",", "")
    found = re.fullmatch(r"(\d{1,18})(?:\.0+)?(?:\s+[^\W\d]+)?", plain)
    if found is None:
        return text
    note(steps, f"The text {text!r} was read as the number {found[1]}.")
    return int(found[1])


def _plan_type(value: Any, allowed: set[str], steps: Steps, note: Note) -> Any:
    """Give the type of a plan's entry; none where it is no word of the format."""
    if not isinstance(value, str) or value in allowed:
        return value
    note(steps, f"The type {value!r} was left out: the sourceName tells what it is.")
    return None


def _word(key: str, value: Any, steps: Steps, note: Note) -> Any:
    if not isinstance(value, str):
        return value
    kind = "topology" if key == "type" and steps[-2:-1] == ("topology",) else key
    table = MEANT.get(kind)
    if table is None or value in WORDS[kind]:
        return value
    if kind == "type" and "terminationRules" in steps:
        return value
    bare = re.sub(r"[^a-z0-9]", "", re.split(r"[\[<(|]", value.lower())[0])
    meant = table.get(bare)
    if meant is None:
        return value
    note(steps, f"{value!r} was read as {meant!r}.")
    return meant

"""What is known without being declared: imports, the framework's names, words for time, types."""

from abm_quant.contracts.spec import ValueType

_MODULES = {
    "math": "import math",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "nx": "import networkx as nx",
    "networkx": "import networkx",
    "itertools": "import itertools",
    "collections": "import collections",
    "statistics": "import statistics",
    "heapq": "import heapq",
    "functools": "import functools",
    "copy": "import copy",
    "bisect": "import bisect",
    "operator": "import operator",
    "sys": "import sys",
    "mesa": "import mesa",
    "pd": "import pandas as pd",
}
_MEMBERS = {
    "collections": ("Counter", "defaultdict", "deque", "OrderedDict", "namedtuple"),
    "itertools": ("chain", "combinations", "permutations", "product"),
    "statistics": ("mean", "median", "stdev", "fmean", "pstdev", "variance"),
    "math": ("sqrt", "exp", "log", "floor", "ceil", "pi", "sin", "cos", "hypot", "atan2"),
    "copy": ("deepcopy",),
    "functools": ("reduce", "partial"),
    "typing": ("Any", "Optional", "List", "Dict", "Tuple", "Set", "Union", "Callable"),
    "mesa": ("Agent", "Model", "DataCollector"),
    "mesa.agent": ("AgentSet",),
    "mesa.space": (
        *("SingleGrid", "MultiGrid", "NetworkGrid", "ContinuousSpace", "PropertyLayer"),
        *("HexSingleGrid", "HexMultiGrid"),
    ),
    "mesa.discrete_space": (
        *("Cell", "CellAgent", "FixedAgent", "Grid2DMovingAgent", "CellCollection", "HexGrid"),
        *("OrthogonalMooreGrid", "OrthogonalVonNeumannGrid", "Network"),
    ),
}

FRAMEWORK_NAMES = frozenset(
    {
        *("model", "unique_id", "random", "rng", "pos", "cell", "remove", "advance", "step"),
        *("steps", "time", "agents", "agents_by_type", "agent_types", "running", "tick"),
        *("datacollector", "grid", "space", "network", "schedule", "register_agent", "G"),
        *("deregister_agent", "remove_all_agents", "run_model", "reset_rng", "stop_reason"),
        *("reset_randomizer", "create_agents", "move_to", "move_relative", "from_dataframe"),
        *("scenario", "find_stop_reason", "start_of_step", "activate", "environment", "seed"),
    }
)
"""Attributes of Mesa's models and agents, and those that the generated model adds."""

TIME = {
    *("step", "steps", "tick", "ticks", "time", "currentstep", "stepcount", "stepnumber"),
    *("currenttick", "currenttime", "timestep", "iteration", "currentiteration"),
}
"""Words for the number of the current step, without case and underscores."""

KNOWN_IMPORTS: dict[str, str] = _MODULES | {
    member: f"from {module} import {member}"
    for module, members in _MEMBERS.items()
    for member in members
}
"""Import statement by the name that it binds."""

TYPES_OF_VALUES: dict[type, ValueType] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    tuple: "array",
}
"""By the type of a value in Python: the type to declare; `object` for all others."""

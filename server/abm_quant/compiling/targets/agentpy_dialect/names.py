"""Names that AgentPy has given away, and the names of the lists of agents."""

from abm_quant.compiling.rendering.views import free_name, member_names, snake_case
from abm_quant.contracts.program import AgentType, Program

MODEL_NAMES = frozenset(
    {
        *("as_function", "create_output", "end", "id", "info", "log", "model", "nprandom"),
        *("output", "p", "random", "record", "report", "reporters", "run", "running"),
        *("set_parameters", "setup", "sim_reset", "sim_setup", "sim_step", "step", "stop", "t"),
        *("type", "update", "vars"),
    }
)
"""What every model of AgentPy has."""
AGENT_NAMES = frozenset({"id", "log", "model", "p", "record", "setup", "type", "vars"})
"""What every agent of AgentPy has."""
LIST_NAMES = frozenset(
    {
        *("append", "buffer", "clear", "copy", "count", "extend", "index", "insert", "items"),
        *("item_to_position", "model", "ndim", "pop", "random", "remove", "replace", "reverse"),
        *("select", "shuffle", "sort", "to_dlist", "to_list"),
    }
)
"""What lists and iterators of agents have, so that it is not passed on to the agents."""
DICT_NAMES = frozenset(dir(dict))
"""What `self.p` has itself."""
TIME_NAMES = ("t", "obj_id")
"""Columns of AgentPy's own in what it records."""
WORLD_NAMES = frozenset({"agents", "agents_by_type", "grid", "network", "space", "stop_reason"})
"""What generated models have besides."""
IRREGULAR = {
    **{"person": "people", "child": "children", "man": "men", "woman": "women", "foot": "feet"},
    **{"mouse": "mice", "goose": "geese", "tooth": "teeth", "wolf": "wolves", "leaf": "leaves"},
    **{"thief": "thieves", "knife": "knives", "life": "lives", "half": "halves", "elf": "elves"},
    **{"sheep": "sheep", "fish": "fish", "deer": "deer", "moose": "moose", "bison": "bison"},
    **{"human": "humans", "datum": "data", "bacterium": "bacteria"},
}


def plural(word: str) -> str:
    """Give the plural of an English noun."""
    head, _, last = word.rpartition("_")
    for singular, many in IRREGULAR.items():
        if last == singular or (len(singular) > 4 and last.endswith(singular)):
            last = last.removesuffix(singular) + many
            break
    else:
        if last.endswith("y") and last[-2:-1] not in tuple("aeiou"):
            last = f"{last[:-1]}ies"
        elif last.endswith(("s", "x", "z", "ch", "sh")):
            last = f"{last}es"
        elif last.endswith("man"):
            last = f"{last[:-3]}men"
        else:
            last = f"{last}s"
    return f"{head}_{last}" if head else last


def agent_member_names(agent_type: AgentType) -> set[str]:
    """Give the names of the attributes and behaviors of a type."""
    names = {each.name for each in agent_type.attributes}
    return names | {each.name for each in agent_type.behaviors}


def list_names(program: Program) -> dict[str, str]:
    """Give the attribute of the model that holds the agents of each type."""
    if len(program.agent_types) == 1:
        return {program.agent_types[0].name: "agents"}
    taken = member_names(program) | MODEL_NAMES | WORLD_NAMES
    names: dict[str, str] = {}
    for each in program.agent_types:
        wanted = plural(snake_case(each.name))
        name = wanted if wanted not in taken else free_name(f"all_{wanted}", taken)
        taken.add(name)
        names[each.name] = name
    return names

"""The stated space, where the code contradicts it: a topology `none` whose code moves in a grid.

The format of other clients knows no continuous space, so authors state `none` or `grid`, describe a
continuous one and write `self.model.space`. The code says what is meant, because it must run.
"""

import re
from collections.abc import Iterator

from abm_quant.compiling.resolve import spelling
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import ModelSpec

PATH = "/environment/topology/type"
USED = re.compile(r"\b(?:model|self|environment)\.(space|grid)\.\w+")
CONTINUOUS = re.compile(r"\bcontinuous\b|\bContinuousSpace\b", re.IGNORECASE)
NETWORK = re.compile(r"\b(?:networks?|graph|NetworkGrid)\b", re.IGNORECASE)
ON_GRAPH = re.compile(r"\.grid\.(?:G\b|get_all_cell_contents\b)")
HINT = "State the topology that the code uses, or keep places out of the code."


def with_used_space(spec: ModelSpec) -> tuple[ModelSpec, list[Problem]]:
    """Give the specification with the kind of space that its code uses, and what was assumed."""
    topology = spec.environment.topology
    code = "\n".join(codes_of(spec))
    used = set(USED.findall(code)) - _own(spec, code)
    if not used or topology.type not in ("none", "grid"):
        return spec, []
    prose = f"{topology.description} {spec.environment.description}"
    kind = _kind(used, prose, code) if topology.type == "none" else _plane(used, prose)
    if kind == topology.type:
        return spec, []
    raw = spec.wire()
    raw["environment"]["topology"]["type"] = kind
    names = " and ".join(f"`{each}`" for each in sorted(used))
    message = f"The code uses the model's {names}; {kind!r} was taken for {topology.type!r}."
    return ModelSpec.model_validate(raw), [problem("space-assumed", PATH, message, HINT)]


def _kind(used: set[str], prose: str, code: str) -> str:
    """Give the kind of a space that is not stated."""
    if used == {"space"} or (CONTINUOUS.search(prose) and not ON_GRAPH.search(code)):
        return "continuous"
    return "network" if NETWORK.search(prose) or ON_GRAPH.search(code) else "grid"


def _plane(used: set[str], prose: str) -> str:
    """Give the kind of a space that is stated as a grid."""
    return "continuous" if used == {"space"} and CONTINUOUS.search(prose) else "grid"


def _own(spec: ModelSpec, code: str) -> set[str]:
    """Give the names that the author declares or assigns."""
    world = spec.environment
    variables = [*(spec.global_variables or ()), *(world.environment_attributes or ())]
    for _, agent_type in spec.agent_types():
        variables += agent_type.agent_attributes or ()
    assigned = re.findall(r"\.(space|grid)\s*(?::[^=\n]+)?=(?!=)", code)
    return {*assigned, *(spelling(each.name) for each in variables)}


def codes_of(spec: ModelSpec) -> Iterator[str]:
    """Give the text of every function and behavior, as the author wrote it."""
    yield from (each.code for each in spec.global_functions or ())
    yield from (each.code for each in spec.environment.environment_behaviors or ())
    for _, agent_type in spec.agent_types():
        yield from (each.code for each in agent_type.agent_behaviors or ())

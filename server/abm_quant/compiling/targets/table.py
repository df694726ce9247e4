"""Every target framework, by its name."""

from abm_quant.compiling.targets.agentpy import AGENTPY
from abm_quant.compiling.targets.mesa import MESA
from abm_quant.compiling.targets.target import Target
from abm_quant.errors import NotFound

TARGETS: dict[str, Target] = {target.name: target for target in (MESA, AGENTPY)}


def target_named(name: str) -> Target:
    """Give the target of a name; raises NotFound with the names that are known."""
    if name not in TARGETS:
        known = ", ".join(sorted(TARGETS))
        raise NotFound(f"There is no target named {name!r}. Known targets: {known}.")
    return TARGETS[name]

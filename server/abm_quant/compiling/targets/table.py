"""Every target framework, by its name."""

from abm_quant.compiling.targets.agentpy import AGENTPY
from abm_quant.compiling.targets.mesa import MESA
from abm_quant.compiling.targets.target import Target
from abm_quant.contracts.spec import ModelSpec
from abm_quant.errors import NotFound

TARGETS: dict[str, Target] = {target.name: target for target in (MESA, AGENTPY)}


def usual_target(spec: ModelSpec) -> Target:
    """Give the target of the library that a specification is written for; Mesa for any other."""
    library = spec.abm_library.name.strip().lower() if spec.abm_library else ""
    return next((each for each in TARGETS.values() if library.startswith(each.name)), MESA)


def target_named(name: str) -> Target:
    """Give the target of a name; raises NotFound with the names that are known."""
    if name not in TARGETS:
        known = ", ".join(sorted(TARGETS))
        raise NotFound(f"There is no target named {name!r}. Known targets: {known}.")
    return TARGETS[name]

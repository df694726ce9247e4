"""Target: what the compiler must know about a framework, besides its templates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from abm_quant.contracts.program import Program

Rewritten = tuple[Program, dict[str, Any]]


def unchanged(program: Program) -> Rewritten:
    """Give the Program of a framework that has the one dialect."""
    return program, {}


def without_lists(program: Program) -> dict[str, str]:
    """Give the lists of agents of a framework whose models know their agents by type."""
    return {}


@dataclass(frozen=True, kw_only=True)
class Target:
    """A framework that code is generated for."""

    name: str
    """What users call it, such as `mesa`."""
    title: str
    """What it calls itself, such as `Mesa`."""
    template_folder: str
    """Its folder in templates/."""
    files: tuple[str, ...]
    """Generated files; each has a template of its name with `.j2` there or in shared/."""
    modules: dict[str, str]
    """Module that a framework's name is imported from, by the name as templates use it."""
    requirements: tuple[str, ...]
    """What every generated project needs, with version ranges."""
    module_requirements: dict[str, str]
    """What a project needs besides when its code imports a module, by the module's name."""
    features: frozenset[str]
    """What of a Program it can express: `space:<kind>:<api>`."""
    rewrite: Callable[[Program], Rewritten] = unchanged
    """Brings a Program to the framework's dialect, and gives what only its templates need; raises
    TargetLacks."""
    lists: Callable[[Program], dict[str, str]] = without_lists
    """Gives the attribute of the model that holds the agents of each type, where models of the
    framework do not know them by type."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Module that is imported under a name of its own, by that name."""

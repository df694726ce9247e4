"""What each template gets: the Program, its views, and the names that it may use."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from abm_quant.compiling.fragments import Code, identifier, join, subscript
from abm_quant.compiling.naming.known import FRAMEWORK_NAMES
from abm_quant.compiling.rendering import placing, views
from abm_quant.compiling.rendering.imports import bound_names
from abm_quant.compiling.rendering.series import Series, agent_series, model_series
from abm_quant.compiling.targets.target import Target
from abm_quant.contracts.program import (
    Activate,
    BuildSpace,
    CallFunction,
    CreateAgents,
    Parameter,
    Program,
    SetupAction,
    SetVariable,
)

LIBRARY = {"Counter": "collections", "deepcopy": "copy", "nan": "math"}
"""Names of the standard library that templates use, with their modules."""


@dataclass(frozen=True)
class Framework:
    """Gives the names that a module imports; another one where the Program took a name."""

    modules: dict[str, str]
    taken: set[str]
    title: str
    """What the framework calls itself."""
    aliases: dict[str, str]

    def __call__(self, name: str) -> Code:
        """Give the name under which something is imported; KeyError when it is unknown."""
        assert name in self.modules or name in self.aliases
        return identifier(self._local(name))

    def _local(self, name: str) -> str:
        return f"{self.title}{name}" if name in self.taken else name

    def statements(self) -> Iterator[str]:
        """Give an import statement for each name."""
        for name, module in self.modules.items():
            alias = f" as {self._local(name)}" if name in self.taken else ""
            yield f"from {module} import {name}{alias}"
        for name, module in self.aliases.items():
            yield f"import {module} as {self._local(name)}"


@dataclass(frozen=True)
class Names:
    """Names that templates print and that are no member of a Program."""

    program: Program
    self: Code = field(default=identifier("self"))
    model: Code = field(default=identifier("model"))
    agent: Code = field(default=identifier("agent"))
    n: Code = field(default=identifier("n"))

    @property
    def removed(self) -> Code:
        """The attribute that marks removed agents."""
        return identifier(views.removed_mark(self.program))

    @property
    def space(self) -> Code:
        """The attribute of the model that holds its space."""
        return identifier("space" if self.program.space.kind == "continuous" else "grid")

    @property
    def types(self) -> Code:
        """All agent classes, separated by commas."""
        return join(identifier(each.name) for each in self.program.agent_types)

    def agents_of(self, agent_type: str | None) -> Code:
        """Give the set of agents of a type, or of all types, as the model's methods see it."""
        if agent_type is None:
            return join([self.self, identifier("agents")], ".")
        return subscript("self.agents_by_type", identifier(agent_type))


@dataclass(frozen=True)
class Readings:
    """The attributes of agents that series sum up; each is read once for all of its series."""

    series: tuple[Series, ...]
    taken: set[str]
    """Names that the values of an attribute may not have."""

    @property
    def at_end(self) -> tuple[Series, ...]:
        """One series for each attribute that is read at the end of a step."""
        return self._distinct(at_start=False)

    @property
    def at_start(self) -> tuple[Series, ...]:
        """One series for each attribute that is read at the start of a step."""
        return self._distinct(at_start=True)

    def _distinct(self, *, at_start: bool) -> tuple[Series, ...]:
        found = [each for each in self.series if each.sums_up and each.at_start == at_start]
        return tuple({(each.agent_type, each.attribute): each for each in found}.values())

    def name_of(self, series: Series) -> Code:
        """Give the name of the values of a series' attribute."""
        stem = f"{views.snake_case(series.agent_type or '')}_{series.attribute}"
        return identifier(views.free_name(stem, self.taken))

    def member_of(self, series: Series) -> Code:
        """Give the values of a series' attribute as reporters see them."""
        return join([identifier("model"), self.name_of(series)], ".")


HELPERS = ("mean", "reached", "in_random_order", "free_places", "snapshot", "set_up", "collect")


def model_context(program: Program, target: Target, mentioned: views.Mentions) -> dict[str, Any]:
    """Give what model.py is printed with, besides its header."""
    defined = {each.name for each in program.functions} | {program.class_name}
    defined |= {each.name for each in program.agent_types}
    libraries = bound_names(program.imports)
    taken = views.module_names(program) | views.member_names(program)
    helpers = {name: identifier(views.free_name(name, taken)) for name in HELPERS}
    created = placing.creations(program)
    steps = [views.call(program, action) for action in program.steps]
    setup = list(_setup(program, created))
    calls = [*steps, *(item for template, item, _ in setup if template == "call.py.j2")]
    series, per_agent = model_series(program), agent_series(program)
    placements = {each.placement for each in created.values()}
    crossings = views.crossings(program)
    return {
        "program": program,
        "framework": Framework(
            {**target.modules, **LIBRARY}, defined - libraries, target.title, target.aliases
        ),
        "helper": helpers,
        "names": Names(program),
        "model_documentation": _model_documentation(program),
        "agent_classes": views.agent_classes(program, mentioned),
        "apart": False,
        "setup": setup,
        "steps": steps,
        "rules": views.rules(program),
        "crossings": crossings,
        "network": placing.network(program),
        "series": series,
        "agent_series": per_agent,
        "readings": Readings(series, taken | FRAMEWORK_NAMES | {*HELPERS}),
        "snapshot": any(each.at_start for each in series)
        or any(each.at_start for each in per_agent),
        "uses_mean": any(each.measure == "mean" for each in series),
        "uses_reached": bool(crossings),
        "uses_free_places": bool(placements & {"free", "room"}),
        "free_placement": "free" if "free" in placements else "room",
        "uses_order": any(
            each.each_agent and each.may_vanish and not each.at_once for each in calls
        ),
    }


def _model_documentation(program: Program) -> str:
    """Give the docstring of the model class: what it is, its arguments, its state."""
    seed = Parameter(
        name="seed",
        default=0,
        description="Seed of all random numbers of the run; None for another run each time",
        path="",
    )
    text = program.environment_description or program.space.description or program.title
    return views.documentation(
        text, ("Args", (*program.parameters, seed)), ("Attributes", program.variables)
    )


def _setup(
    program: Program, created: dict[str, placing.Creation]
) -> Iterator[tuple[str, Any, bool]]:
    """Give each set-up action as its template, its view, and whether it starts a new group."""
    before = ""
    for action in program.setup:
        template, item = _set_up(program, action, created)
        yield template, item, template != before
        before = template


def _set_up(
    program: Program, action: SetupAction | Activate, created: dict[str, placing.Creation]
) -> tuple[str, Any]:
    if isinstance(action, SetVariable):
        return "set_variable.py.j2", {each.name: each for each in program.variables}[action.name]
    if isinstance(action, CreateAgents):
        return "create_agents.py.j2", created[action.agent_type]
    if isinstance(action, CallFunction | Activate):
        return "call.py.j2", views.call(program, action)
    assert isinstance(action, BuildSpace)
    return "build_space.py.j2", action

"""Declaring: gathers the declarations of a specification and gives each its Python name.

A Python name is the N of the sourceName, unless Python, the framework or another declaration needs
it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from abm_quant.compiling.resolve import Declared, Kind, Names, python_name, snake_case
from abm_quant.contracts.problems import Problem, pointer, problem
from abm_quant.contracts.spec import AgentType, Behavior, GlobalFunction, ModelSpec, Variable

Steps = tuple[str | int, ...]

TAKEN_BY_MODEL = {
    *("agents", "agents_by_type", "agent_types", "running", "random", "rng", "step", "steps"),
    *("run_model", "register_agent", "deregister_agent", "remove_all_agents", "reset_rng"),
    *("reset_randomizer", "datacollector", "tick", "stop_reason", "activate", "time", "seed"),
    *("find_stop_reason", "start_of_step", "model", "self"),
}
TAKEN_BY_AGENT = {
    *("model", "unique_id", "random", "rng", "remove", "advance", "create_agents"),
    *("move_to", "move_relative", "self"),
}
TAKEN_AS_CLASS = {"Model", "Agent", "AgentSet", "DataCollector", "CellAgent", "FixedAgent"}

SUFFIXES: dict[type, str] = {Behavior: "behavior", GlobalFunction: "function", Variable: "value"}
"""What is put behind a name that is taken."""


def names_of(spec: ModelSpec, origins: Mapping[str, str] = MappingProxyType({})) -> Names:
    """Give all declarations of a specification, with problems for clashes and renamings.

    `origins` gives where a declaration was found, by path, if not in the specification itself.
    """
    return _Collector(origins).collect(spec)


@dataclass
class _Collector:
    origins: Mapping[str, str]
    declared: list[Declared] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def collect(self, spec: ModelSpec) -> Names:
        on_model = _Scope(set(TAKEN_BY_MODEL))
        functions = _Scope(set(TAKEN_AS_CLASS) | {"MAX_STEPS"})
        for index, (place, agent_type) in enumerate(spec.agent_types()):
            self._name_type(agent_type, ("agents", *place), index, functions)
        self._all("global-variable", spec.global_variables, ("globalVariables",), on_model)
        world = spec.environment
        attributes, behaviors = world.environment_attributes, world.environment_behaviors
        where = "environment"
        self._all("environment-attribute", attributes, (where, "environmentAttributes"), on_model)
        self._all("environment-behavior", behaviors, (where, "environmentBehaviors"), on_model)
        functions.taken |= on_model.taken
        self._all("global-function", spec.global_functions, ("globalFunctions",), functions)
        for (place, agent_type), name in zip(spec.agent_types(), self.types, strict=True):
            self._add_type(agent_type, ("agents", *place), name, on_model)
        return Names(
            declared=tuple(self.declared),
            type_names=self.types,
            problems=tuple(self.problems),
        )

    def _name_type(self, agent_type: AgentType, steps: Steps, index: int, scope: "_Scope") -> None:
        parts = [*(agent_type.agent_attributes or ()), *(agent_type.agent_behaviors or ())]
        found = Counter(
            match[1]
            for part in parts
            if (match := re.match(r"agents?\.([^.]+)\.", part.source_name))
        )
        name = found.most_common(1)[0][0] if found else agent_type.name
        if name is None:
            name = f"Agent{index + 1}"
            self._note("value-assumed", steps, f"This agent type has no name; it is {name}.")
        if name in self.types:
            self._note("duplicate-name", steps, f"There are two agent types named {name!r}.")
            name = f"{name}{index + 1}"
        self.types[name] = scope.take(_class_name(name))

    def _add_type(self, agent_type: AgentType, steps: Steps, name: str, model: "_Scope") -> None:
        own = _Scope(set(TAKEN_BY_AGENT))
        attributes, behaviors = agent_type.agent_attributes, agent_type.agent_behaviors
        self._all("agent-attribute", attributes, (*steps, "agentAttributes"), own, name)
        self._all("agent-behavior", behaviors, (*steps, "agentBehaviors"), own, name)
        self.declared.append(
            Declared(
                kind="initial-count",
                name="initialCount",
                python=model.take(f"initial_{snake_case(name)}_count"),
                agent_type=name,
                path=pointer(*steps, "initialCount"),
                item=agent_type,
            )
        )

    def _all(
        self,
        kind: Kind,
        items: Sequence[Variable | Behavior | GlobalFunction] | None,
        steps: Steps,
        scope: "_Scope",
        agent_type: str | None = None,
    ) -> None:
        for index, item in enumerate(items or ()):
            self._add(kind, item, (*steps, index), scope, agent_type)

    def _add(
        self,
        kind: Kind,
        item: Variable | Behavior | GlobalFunction,
        steps: Steps,
        scope: "_Scope",
        agent_type: str | None,
    ) -> None:
        name = item.source_name.rsplit(".", 1)[-1].strip() or item.name.strip()
        if not name:
            self._note("malformed-source-name", steps, "It has neither a sourceName nor a name.")
            return
        path = self.origins.get(pointer(*steps), pointer(*steps))
        if item.source_name in self.seen:
            message = (
                f"{item.source_name!r} is declared twice, first at {self.seen[item.source_name]}."
            )
            self._note("duplicate-name", steps, message)
            return
        self.seen[item.source_name] = path
        is_left_out = name == "__init__" and not isinstance(item, Variable)
        wanted = name if is_left_out else python_name(name)
        python = scope.take(wanted, suffix=SUFFIXES[type(item)])
        if python != wanted:
            why = "is used twice" if wanted not in scope.reserved else "belongs to the framework"
            code = "name-clash" if wanted not in scope.reserved else "renamed"
            self._note(code, steps, f"The name {wanted!r} {why}; here it became {python!r}.")
        elif wanted != name:
            self._note("renamed", steps, f"{name!r} is no Python name; it became {python!r}.")
        self.declared.append(
            Declared(
                kind=kind, name=name, python=python, agent_type=agent_type, path=path, item=item
            )
        )

    def _note(self, code: str, steps: Steps, message: str) -> None:
        self.problems.append(problem(code, pointer(*steps), message, "Choose another name."))


@dataclass
class _Scope:
    """The Python names that are taken in one namespace."""

    reserved: set[str]
    taken: set[str] = field(default_factory=set)

    def take(self, name: str, suffix: str = "2") -> str:
        """Give the name, or one with a suffix when it is taken, and take it."""
        free, count = name, 1
        while free in self.reserved or free in self.taken:
            free = f"{name}_{suffix}" if count == 1 else f"{name}_{suffix}_{count}"
            count += 1
        self.taken.add(free)
        return free


def _class_name(name: str) -> str:
    python = python_name(name)
    return python if python[0].isupper() else python[0].upper() + python[1:]

"""Names: every declaration of a specification, what it is called in Python, and how to find it.

A reference is found by its sourceName, by its bare name, or behind a `self.`/`model.` prefix; when
nothing has exactly that name, by the single declaration that differs only in case, underscores or
plural. A Python name is the N of the sourceName, unless Python or the framework needs it.
"""

import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz.distance import Levenshtein

from abm_quant.contracts.problems import Problem, pointer, problem
from abm_quant.contracts.spec import AgentType, Behavior, GlobalFunction, ModelSpec, Variable

Kind = Literal[
    "global-variable",
    "environment-attribute",
    "global-function",
    "environment-behavior",
    "agent-attribute",
    "agent-behavior",
    "initial-count",
]

Steps = tuple[str | int, ...]
MODEL_STATE: tuple[Kind, ...] = ("global-variable", "environment-attribute")

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


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One declaration."""

    kind: Kind
    name: str
    """N of the sourceName."""
    python: str
    """Its name in the generated code."""
    agent_type: str | None
    """T of the sourceName, as the type is called; None for what belongs to the model."""
    path: str
    item: Variable | Behavior | GlobalFunction | AgentType

    @property
    def source_name(self) -> str:
        """Its canonical sourceName."""
        words = {
            "global-variable": "globalVariable",
            "environment-attribute": "environment.environmentAttribute",
            "global-function": "globalFunction",
            "environment-behavior": "environment.environmentBehavior",
            "agent-attribute": f"agent.{self.agent_type}.agentAttribute",
            "agent-behavior": f"agent.{self.agent_type}.agentBehavior",
        }
        if self.kind == "initial-count":
            return f"agent.{self.agent_type}.initialCount"
        return f"{words[self.kind]}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Names:
    """All declarations of one specification."""

    declared: tuple[Declared, ...]
    type_names: dict[str, str]
    """Class name by T, in the order of declaration."""
    problems: tuple[Problem, ...]
    by_source_name: dict[str, Declared] = field(default_factory=dict)
    by_key: dict[str, list[Declared]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in self.declared:
            self.by_source_name.setdefault(each.source_name, each)
            self.by_key.setdefault(_key(each.name), []).append(each)

    def of(self, *kinds: Kind, agent_type: str | None = None) -> Iterator[Declared]:
        """Give the declarations of these kinds, in order; of one agent type when it is named."""
        for each in self.declared:
            if each.kind in kinds and (agent_type is None or each.agent_type == agent_type):
                yield each

    def find(self, reference: str, *kinds: Kind, agent_type: str | None = None) -> Declared | None:
        """Give the one declaration that a reference means, None when there is none or several."""
        reference = reference.strip()
        exact = self.by_source_name.get(reference)
        if exact is not None:
            return exact if not kinds or exact.kind in kinds else None
        name, prefix = _split(reference)
        if name is None:
            return None
        named = self.by_key.get(_key(name), [])
        candidates = [each for each in named if _fits(each, prefix)]
        if not candidates:
            candidates = [each for each in named if _fits(each, ((), prefix[1]))]
        candidates = [each for each in candidates if not kinds or each.kind in kinds]
        if agent_type is not None:
            own = [each for each in candidates if each.agent_type == agent_type]
            candidates = own or [each for each in candidates if each.agent_type is None]
        if not candidates:
            candidates = [each for each in self._slips(name, kinds) if _fits(each, prefix)]
        exact_names = [each for each in candidates if each.name == name]
        chosen = exact_names or candidates
        if len(chosen) > 1 and len({each.agent_type for each in chosen}) == 1:
            chosen = [each for each in chosen if each.kind in MODEL_STATE] or chosen
        return chosen[0] if len(chosen) == 1 else None

    def _slips(self, name: str, kinds: tuple[Kind, ...]) -> list[Declared]:
        """Give the declarations whose names differ from a long one by a single letter."""
        wanted = _key(name)
        if len(wanted) < 6:
            return []
        return [
            each
            for key, group in self.by_key.items()
            if _digits(key) == _digits(wanted) and Levenshtein.distance(key, wanted) == 1
            for each in group
            if not kinds or each.kind in kinds
        ]

    def close_to(self, reference: str) -> list[str]:
        """Give the sourceNames that a mistaken reference may have meant."""
        name, _ = _split(reference)
        wanted = _key(name or reference)
        return [
            each.source_name
            for each in self.declared
            if wanted and (wanted in _key(each.name) or _key(each.name) in wanted)
        ][:3]


PREFIX = re.compile(
    r"^(?:(?P<model>globalVariables?|environment\.environmentAttributes?|globalFunctions?"
    r"|environment\.environmentBehaviors?)"
    r"|agents?\.(?P<type>[^.]+)(?:\.agent(?:Attribute|Behavior)s?)?"
    r"|(?P<self>self\.model|self|model|environment))\.(?P<name>[^.]+)$"
)
PREFIX_KINDS: dict[str, tuple[Kind, ...]] = {
    "globalVariable": ("global-variable",),
    "environment.environmentAttribute": ("environment-attribute",),
    "globalFunction": ("global-function",),
    "environment.environmentBehavior": ("environment-behavior",),
}


def _split(reference: str) -> tuple[str | None, tuple[tuple[Kind, ...], str | None]]:
    """Give the bare name of a reference, and the kinds and the agent type that its prefix allows."""
    match = PREFIX.match(reference)
    if match is None:
        bare = re.fullmatch(r"[^\s.()\[\]{}\"']+", reference)
        return (reference if bare else None), ((), None)
    word = match["model"]
    kinds = PREFIX_KINDS.get((word or "").removesuffix("s"), ())
    name = match["name"]
    if match["type"] and name == "initialCount":
        kinds = ("initial-count",)
    return name, (kinds, match["type"])


def _fits(each: Declared, prefix: tuple[tuple[Kind, ...], str | None]) -> bool:
    kinds, agent_type = prefix
    if kinds and each.kind not in kinds:
        return False
    return agent_type is None or _key(each.agent_type or "") == _key(agent_type)


def _key(name: str) -> str:
    """Give what stays of a name when case, underscores and a plural s are forgotten."""
    bare = re.sub(r"[\s_-]", "", name).casefold()
    return bare[:-1] if len(bare) > 3 and bare.endswith("s") else bare


def _digits(name: str) -> str:
    return re.sub(r"\D", "", name)


def names_of(spec: ModelSpec) -> Names:
    """Give all declarations of a specification, with problems for clashes and renamings."""
    return _Collector().collect(spec)


@dataclass
class _Collector:
    declared: list[Declared] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def collect(self, spec: ModelSpec) -> Names:
        on_model = _Scope(set(TAKEN_BY_MODEL))
        functions = _Scope(set(TAKEN_AS_CLASS) | {"MAX_STEPS"})
        for index, (place, agent_type) in enumerate(spec.agent_types()):
            self._name_type(agent_type, ("agents", *place), index, functions)
        self._all("global-function", spec.global_functions, ("globalFunctions",), functions)
        self._all("global-variable", spec.global_variables, ("globalVariables",), on_model)
        world = spec.environment
        attributes, behaviors = world.environment_attributes, world.environment_behaviors
        where = "environment"
        self._all("environment-attribute", attributes, (where, "environmentAttributes"), on_model)
        self._all("environment-behavior", behaviors, (where, "environmentBehaviors"), on_model)
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
        path = pointer(*steps)
        if item.source_name in self.seen:
            message = (
                f"{item.source_name!r} is declared twice, first at {self.seen[item.source_name]}."
            )
            self._note("duplicate-name", steps, message)
            return
        self.seen[item.source_name] = path
        wanted = python_name(name)
        python = scope.take(wanted, suffix="behavior" if isinstance(item, Behavior) else "value")
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


def python_name(name: str) -> str:
    """Give a Python identifier as close to a name as possible."""
    if name.isidentifier() and not keyword.iskeyword(name):
        return name
    plain = unicodedata.normalize("NFKD", name)
    words = re.sub(r"\W+", "_", "".join(char for char in plain if not unicodedata.combining(char)))
    words = words.strip("_") or "name"
    words = f"n{words}" if words[0].isdigit() else words
    return f"{words}_" if keyword.iskeyword(words) else words


def snake_case(name: str) -> str:
    """Give a name in lower case with underscores."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", python_name(name))
    return parts.lower()


def _class_name(name: str) -> str:
    python = python_name(name)
    return python if python[0].isupper() else python[0].upper() + python[1:]

"""Names: every declaration of a specification, what it is called in Python, and how to find it.

A reference is found by its sourceName, by its bare name, or behind a `self.`/`model.` prefix; when
nothing has exactly that name, by what is close to it: the same name in another spelling, a slip of
one letter, the other name of a function (its `name` or the name after `def`), or, behind a prefix,
the one longer or shorter name that holds all its words. Where several are equally close, none is.
"""

import keyword
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from rapidfuzz.distance import Levenshtein

from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import AgentType, Behavior, GlobalFunction, Variable

Kind = Literal[
    "global-variable",
    "environment-attribute",
    "global-function",
    "environment-behavior",
    "agent-attribute",
    "agent-behavior",
    "initial-count",
]

MODEL_STATE: tuple[Kind, ...] = ("global-variable", "environment-attribute")


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

    @cached_property
    def other_keys(self) -> frozenset[str]:
        """What else it is called: by its `name` and by the name after `def`."""
        if not isinstance(self.item, (Behavior, GlobalFunction)):
            return frozenset()
        defined = re.search(r"\bdef\s+(\w+)", self.item.code)
        names = [self.item.name, defined[1] if defined else ""]
        return frozenset(_key(each) for each in names if each)

    @cached_property
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
        chosen = self.candidates(reference, *kinds, agent_type=agent_type)
        return chosen[0] if len(chosen) == 1 else None

    def candidates(
        self, reference: str, *kinds: Kind, agent_type: str | None = None
    ) -> list[Declared]:
        """Give the declarations that are equally close to a reference, none when none is close."""
        reference = reference.strip().removesuffix("()")
        exact = self.by_source_name.get(reference)
        if exact is not None:
            return [exact] if not kinds or exact.kind in kinds else []
        name, prefix = _split(reference)
        if name is None:
            return []
        prefix = (prefix[0], self.type_called(prefix[1]) or prefix[1])
        for group in self._levels(name, prefix):
            allowed = [each for each in group if not kinds or each.kind in kinds]
            chosen = _narrowed(allowed, name, agent_type)
            if chosen:
                return chosen
        return []

    def type_called(self, name: str | None) -> str | None:
        """Give the T of the one agent type that a name means; None when there is none."""
        if name is None or name in self.type_names:
            return name
        alike = [each for each in self.type_names if _key(each) == _key(name)]
        alike = alike or [each for each in self.type_names if close_names(each, name)]
        return alike[0] if len(alike) == 1 else None

    def _levels(self, name: str, prefix: "Prefix") -> Iterator[list[Declared]]:
        """Give groups of declarations, the closest group first."""
        named = self.by_key.get(_key(name), [])
        yield [each for each in named if _fits(each, prefix)]
        yield [each for each in named if _fits(each, ((), prefix[1]))]
        aliased = (each for each in self.declared if _key(name) in each.other_keys)
        yield [each for each in aliased if _fits(each, prefix)]
        yield [each for each in self._slips(name) if _fits(each, prefix)]
        if prefix != ((), None) and re.fullmatch(r"[\w-]+", name):
            yield [each for each in self.declared if _fits(each, prefix) and _shares(each, name)]

    def _slips(self, name: str) -> list[Declared]:
        """Give the declarations whose names differ from a long one by a single letter."""
        wanted = _key(name)
        if len(wanted) < 6:
            return []
        return [
            each
            for key, group in self.by_key.items()
            if _digits(key) == _digits(wanted) and Levenshtein.distance(key, wanted) == 1
            for each in group
        ]

    def assumed(self, reference: str, declared: Declared, path: str) -> Problem | None:
        """Give the problem that says how a reference was read; None where it is a sourceName."""
        if reference.strip() == declared.source_name:
            return None
        message = f"{reference!r} was read as {declared.source_name}."
        if _split(reference.strip())[0] in (declared.name, None):
            return problem("repaired", path, message)
        hint = f"Write {declared.source_name}."
        return problem("name-assumed", path, message, hint)

    def ambiguous(self, reference: str, *kinds: Kind, path: str) -> Problem | None:
        """Give an error that lists the candidates when a reference may mean several things."""
        found = self.candidates(reference, *kinds)
        if len(found) < 2:
            return None
        listed = ", ".join(each.source_name for each in found)
        message = f"{reference!r} may mean any of these: {listed}."
        return problem("ambiguous-reference", path, message, "Write one of these sourceNames.")

    @cached_property
    def known(self) -> frozenset[str]:
        """Every name that is declared, and every Python name of a declaration."""
        return frozenset(name for each in self.declared for name in (each.name, each.python))

    def of_owner(self, agent_type: str | None) -> frozenset[str]:
        """Give the Python names of what an agent type has, or the model where it is None."""
        return frozenset(
            each.python
            for each in self.declared
            if (each.kind.startswith("agent") and each.agent_type == agent_type)
            or (agent_type is None and not each.kind.startswith("agent"))
        )

    def by_spelling(self, name: str, *kinds: Kind) -> list[Declared]:
        """Give the declarations whose names differ in nothing but case and underscores."""
        return [
            each
            for each in self.by_key.get(_key(name), ())
            if each.kind in kinds and spelling(each.name) == spelling(name)
        ] or [each for each in self.of(*kinds) if _is_same_state(each, name)]

    def spelled(self, name: str, *kinds: Kind, agent_type: str | None = None) -> Declared | None:
        """Give the one declaration of a name that is spelled otherwise, such as in camel case."""
        chosen = _narrowed(self.by_spelling(name, *kinds), name, agent_type)
        return chosen[0] if len(chosen) == 1 else None

    def close_to(self, reference: str) -> list[str]:
        """Give the sourceNames that a mistaken reference may have meant, the closest first."""
        name, _ = _split(reference)
        wanted = _key(name or reference)
        words = words_of(name or "") - TOO_COMMON
        alike = [
            each.source_name
            for each in self.declared
            if wanted and (wanted in _key(each.name) or _key(each.name) in wanted)
        ]
        sharing = (each.source_name for each in self.declared if words_of(each.name) & words)
        return list(dict.fromkeys([*alike, *sharing]))[:3]


TOO_COMMON = {
    "",
    "is",
    "get",
    "set",
    "of",
    "the",
    "to",
    "in",
    "initial",
    "count",
    "number",
    "total",
}
"""Words that do not tell what a name is about."""


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


Prefix = tuple[tuple[Kind, ...], str | None]
"""The kinds and the agent type that the prefix of a reference allows; empty allows all."""


QUALIFIERS = {
    *("weight", "initial", "init", "max", "min", "maximum", "minimum", "target", "rate", "base"),
    *("probability", "threshold", "factor", "desired", "start"),
}
"""Words in the names of parameters about a quantity; such a parameter is not the quantity."""


def _narrowed(found: list[Declared], name: str, agent_type: str | None) -> list[Declared]:
    """Give those of equally close declarations that fit best."""
    if agent_type is not None:
        own = [each for each in found if each.agent_type == agent_type]
        found = own or [each for each in found if each.agent_type is None]
    found = [each for each in found if each.name == name] or found
    if len(found) > 1:
        found = [each for each in found if not words_of(each.name) & QUALIFIERS] or found
    if len(found) > 1 and len({each.agent_type for each in found}) == 1:
        found = [each for each in found if each.kind in MODEL_STATE] or found
    return found


def _is_same_state(each: Declared, name: str) -> bool:
    """Tell whether two names differ in nothing but an `is` or `has` in front of one of them."""
    if not isinstance(each.item, Variable) or each.item.type != "boolean":
        return False
    own, wanted = snake_case(each.name).split("_"), snake_case(name).split("_")
    return own != wanted and _without_verb(own) == _without_verb(wanted)


def _without_verb(words: list[str]) -> list[str]:
    return words[1:] if words[0] in ("is", "has", "was", "are") and words[1:] else words


def _shares(each: Declared, name: str) -> bool:
    """Tell whether all words of one name are in the other, and more than one word is there."""
    own, wanted = words_of(each.name), words_of(name)
    smaller, larger = sorted((own, wanted), key=len)
    return len(larger) > 1 and smaller < larger and not smaller <= {"count", "number", "total"}


def words_of(name: str) -> set[str]:
    """Give the words of a camelCase or snake_case name, without a plural s."""
    return {_key(word) for word in snake_case(name).split("_") if word}


def plain_words(name: str) -> set[str]:
    """Give the words of a name in the singular."""
    return {SINGULAR.get(word, word) for word in words_of(name)}


SINGULAR = {"people": "person", "children": "child", "mice": "mouse", "wolve": "wolf"}
"""By the plural, without its s."""


def close_names(first: str, second: str) -> bool:
    """Tell whether two names of agent types are one: but for spelling, a letter or a word more."""
    if _key(first) == _key(second):
        return True
    if min(len(first), len(second)) >= 6 and Levenshtein.distance(_key(first), _key(second)) == 1:
        return True
    words, others = words_of(first), words_of(second)
    return words < others or others < words


def singulars(name: str) -> Iterator[str]:
    """Give what a plural in snake case may be the plural of: `parties` of `party`."""
    plain = snake_case(name)
    for ending, singular in (("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("s", "")):
        if plain.endswith(ending):
            yield plain.removesuffix(ending) + singular
    yield from (one for many, one in IRREGULAR.items() if plain == many)


IRREGULAR = {"people": "person", "children": "child", "mice": "mouse", "men": "man"}


def spelling(name: str) -> str:
    """Give what stays of a name when case and underscores are forgotten."""
    return re.sub(r"[\s_-]", "", name).casefold()


def _split(reference: str) -> tuple[str | None, Prefix]:
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


def _fits(each: Declared, prefix: Prefix) -> bool:
    kinds, agent_type = prefix
    if kinds and each.kind not in kinds:
        return False
    return agent_type is None or _key(each.agent_type or "") == _key(agent_type)


def _key(name: str) -> str:
    """Give what stays of a name when case, underscores and a plural s are forgotten."""
    bare = spelling(name)
    return bare[:-1] if len(bare) > 3 and bare.endswith("s") else bare


def _digits(name: str) -> str:
    return re.sub(r"\D", "", name)


def python_name(name: str) -> str:
    """Give a Python identifier as close to a name as possible."""
    if name.startswith("__") and name.endswith("__"):
        name = name.strip("_")
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

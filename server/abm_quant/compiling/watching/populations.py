"""Populations: what is watched under the name of a population, where nothing of that name exists.

`agent.Wolf.count`, `agent.Wolf.initialCount` and `wolfCount` mean the number of living wolves. A
stop rule gets a variable that is counted after each step; a tracker needs none, as the population
of each type is recorded anyway.
"""

import re
from dataclasses import dataclass, field

from abm_quant.compiling.resolve import (
    MODEL_STATE,
    QUALIFIERS,
    Declared,
    Kind,
    Names,
    plain_words,
    snake_case,
    words_of,
)
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import ModelSpec, Variable

WATCHED: tuple[Kind, ...] = (*MODEL_STATE, "agent-attribute")
OF_TYPE = re.compile(r"(?P<prefix>agents?\.)?(?P<type>[^.]+)\.(?:agentAttributes?\.)?([^.]+)")
MARKS = {"count", "population"}
NUMBERS = {"number", "num", "total", "n"}
LIVING = {"agent", "alive", "living", "current", "of", "the", "size"}


@dataclass(frozen=True, kw_only=True)
class Populations:
    """The populations that stop rules watch: a variable for each, by T."""

    declared: Names
    """All that is declared without these variables."""
    names: Names
    """All names, these variables included."""
    by_type: dict[str, Declared] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def find(self, reference: str) -> Declared | None:
        """Give the variable for the population that a reference means, None when it means none."""
        agent_type = self.asked_for(reference)
        return self.by_type.get(agent_type) if agent_type else None

    def asked_for(self, reference: str) -> str | None:
        """Give the T whose population a reference means, None when it means none."""
        return population_of(reference, self.declared)

    def type_of(self, declared: Declared) -> str | None:
        """Give the T whose population a variable is, None for every other variable."""
        return next((name for name, each in self.by_type.items() if each == declared), None)


def populations_of(spec: ModelSpec, names: Names) -> Populations:
    """Give the populations that stop rules watch, and the names with a variable for each."""
    by_type: dict[str, Declared] = {}
    problems: list[Problem] = []
    for index, rule in enumerate(spec.termination_criteria.termination_rules or ()):
        agent_type = population_of(rule.source_name, names)
        if agent_type is None:
            continue
        path = f"/terminationCriteria/terminationRules/{index}"
        by_type.setdefault(agent_type, _variable(agent_type, names, path))
        message = (
            f"{rule.source_name!r} is not declared; the rule watches the number of living "
            f"{agent_type} agents."
        )
        problems.append(problem("value-assumed", f"{path}/sourceName", message))
    every = Names(
        declared=(*names.declared, *by_type.values()),
        type_names=names.type_names,
        problems=names.problems,
    )
    every = every if by_type else names
    return Populations(declared=names, names=every, by_type=by_type, problems=tuple(problems))


def population_of(reference: str, names: Names) -> str | None:
    """Give the T whose number of living agents a reference means, None when it means none.

    What is declared under the name is meant before; a mere parameter, such as `initial_wolves`
    for `wolves`, is not.
    """
    reference = reference.strip().removesuffix("()")
    declared = names.find(reference, *WATCHED)
    match = OF_TYPE.fullmatch(reference)
    agent_type = _type_called(match["type"], names) if match else None
    is_of_type = agent_type is not None
    words = plain_words(re.sub(r"\W+", "_", reference.rsplit(".", 1)[-1]))
    if declared is not None and not words_of(declared.name) & QUALIFIERS - words:
        return None
    if is_of_type:
        words -= {"initial"}
    else:
        named = [each for each in names.type_names if plain_words(each) <= words]
        alone = list(names.type_names) if len(names.type_names) == 1 else []
        agent_type = max(named or alone, key=len, default=None)
    if agent_type is None or (match and match["prefix"] and not is_of_type):
        return None
    own = plain_words(agent_type)
    is_number = words & MARKS or (words & NUMBERS and words & (LIVING | own))
    is_told = is_of_type or words & own or words & (LIVING | {"population"})
    return agent_type if is_number and is_told and not words - own - ALL else None


def _type_called(word: str, names: Names) -> str | None:
    """Give the T that a word means, in the plural too."""
    alike = [each for each in names.type_names if plain_words(each) == plain_words(word)]
    return names.type_called(word) or (alike[0] if len(alike) == 1 else None)


ALL = MARKS | NUMBERS | LIVING


def _variable(agent_type: str, names: Names, path: str) -> Declared:
    """Give the variable that holds a population."""
    name = f"{snake_case(names.type_names[agent_type])}_count"
    while name in names.known:
        name = f"living_{name}"
    item = Variable.model_validate(
        {
            "name": name,
            "description": f"Number of living {agent_type} agents.",
            "type": "number",
            "initialValue": 0,
            "sourceName": f"environment.environmentAttribute.{name}",
        }
    )
    return Declared(
        kind="environment-attribute",
        name=name,
        python=name,
        agent_type=None,
        path=path,
        item=item,
    )

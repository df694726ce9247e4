"""What the templates need to know of a Program beyond what stands in it.

A view holds names and parsed code, never text that is ready to print: the templates bring each
piece into its place with the filters of fragments.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.fragments import (
    INDENT,
    LINE_LENGTH,
    Code,
    identifier,
    is_literal,
    local_name,
    one_line,
    parsed,
    sentence,
)
from abm_quant.compiling.rendering.imports import bound_names
from abm_quant.contracts.program import (
    Activate,
    AgentType,
    Attribute,
    CallFunction,
    CreateAgents,
    Expression,
    Function,
    Parameter,
    Program,
    StepAction,
    StopRule,
    Variable,
)

SUMMARY_LENGTH = LINE_LENGTH - len(INDENT) - len('"""')
SENTENCE_END = re.compile(r"(?<=\w{3}[.!?]) (?=[A-Z])")


@dataclass(frozen=True, kw_only=True)
class AgentClass:
    """A class of agents."""

    type: AgentType
    has_cell: bool
    """Whether the agent is in a cell of the space."""
    needs_cell: bool
    """Whether every agent of the class gets its cell when it is created, so that it is required."""
    arguments: tuple[Attribute, ...]
    is_marked: bool
    """Whether a removed agent must be told from a living one."""
    leaves_space: bool
    """Whether removing an agent must take it off a space that Mesa does not clear itself."""

    @property
    def documentation(self) -> str:
        """The text of the class docstring."""
        return documentation(
            self.type.description or f"An agent of the type {self.type.name}",
            ("Attributes", self.type.attributes),
        )


@dataclass(frozen=True, kw_only=True)
class Call:
    """One action of the set-up or of a step."""

    call: str
    """The name of the function or behavior."""
    arguments: tuple[Expression, ...]
    is_behavior: bool
    is_method: bool
    """Whether it is a method of the model."""
    stores: str | None
    each_agent: bool
    agent_type: str | None
    at_once: bool
    """Whether the framework's own shuffled activation does it: no agent of the type is ever
    removed, and the arguments are the same for all."""
    may_vanish: bool
    """Whether an agent can be removed before its turn."""
    same_arguments: bool
    """Whether the arguments besides the agent itself are the same for all agents."""
    variable: Code
    """The name of the agent in a loop."""

    @property
    def shared_arguments(self) -> tuple[Expression, ...]:
        """The arguments besides the agent itself."""
        return self.arguments if self.is_behavior else self.arguments[1:]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A stop rule, with the name that holds the values before the step."""

    rule: StopRule
    before: Code


def documentation(
    text: str, *sections: tuple[str, Iterable[Parameter | Variable | Attribute]]
) -> str:
    """Give a docstring's text with sections that list the described members."""
    lines = _summarized(sentence(text))
    for title, members in sections:
        items = [
            f"    {each.name}: {sentence(each.description)}"
            for each in members
            if one_line(each.description)
        ]
        lines += ["", f"{title}:", *items] if items else []
    return "\n".join(lines)


def _summarized(text: str) -> list[str]:
    """Give the lines of a text; where one is too short, its first sentence gets its own."""
    first, *others = SENTENCE_END.split(text, maxsplit=1)
    return [first, "", *others] if others and len(text) > SUMMARY_LENGTH else [text]


@dataclass(frozen=True, kw_only=True)
class Mentions:
    """What the author's functions and behaviors mention."""

    names: frozenset[str]
    """Every name and attribute."""
    created: frozenset[str]
    """The classes that agents are made of."""


def agent_classes(program: Program, mentioned: Mentions) -> tuple[AgentClass, ...]:
    """Give the classes of agents in the order of the Program."""
    return tuple(_agent_class(program, each, mentioned) for each in program.agent_types)


def _agent_class(program: Program, agent_type: AgentType, mentioned: Mentions) -> AgentClass:
    space = program.space
    has_cell = space.kind != "none" and space.api == "cell"
    placed = any(
        isinstance(action, CreateAgents) and action.agent_type == agent_type.name and action.place
        for action in program.setup
    )
    needs_cell = (
        has_cell
        and placed
        and not agent_type.moves
        and not space.made_by_author
        and agent_type.position is None
        and agent_type.name not in mentioned.created
    )
    return AgentClass(
        type=agent_type,
        has_cell=has_cell,
        needs_cell=needs_cell,
        arguments=tuple(each for each in agent_type.attributes if each.is_argument),
        is_marked=_is_marked(program, agent_type),
        leaves_space=agent_type.is_removed
        and space.kind != "none"
        and space.api == "pos"
        and "remove_agent" not in mentioned.names,
    )


def _is_marked(program: Program, agent_type: AgentType) -> bool:
    calls = [action for action in program.steps if isinstance(action, CallFunction)]
    calls += [action for action in program.setup if isinstance(action, CallFunction)]
    over_all = any(call.each_agent and call.agent_type is None for call in calls)
    any_removed = any(each.is_removed for each in program.agent_types)
    return agent_type.is_removed or (over_all and any_removed)


def functions_of(program: Program) -> Iterator[Function]:
    """Give every function and behavior of a Program."""
    yield from program.functions
    yield from program.behaviors
    for agent_type in program.agent_types:
        yield from agent_type.behaviors


def mentions(program: Program) -> Mentions:
    """Give what the author's functions and behaviors mention."""
    names: set[str] = set()
    created: set[str] = set()
    for function in functions_of(program):
        for node in ast.walk(ast.parse(parsed(function.definition).text)):
            if isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, ast.Call):
                created |= _maker(node.func)
    types = {each.name for each in program.agent_types}
    return Mentions(names=frozenset(names), created=frozenset(created & types))


def _maker(called: ast.expr) -> set[str]:
    """Give the class of which a call may make agents."""
    if isinstance(called, ast.Attribute) and called.attr == "create_agents":
        called = called.value
    return {called.id} if isinstance(called, ast.Name) else set()


def changing_types(program: Program, mentioned: Mentions) -> set[str]:
    """Give the types whose number of agents may change."""
    removed = {each.name for each in program.agent_types if each.is_removed}
    return removed | mentioned.created


def removed_mark(program: Program) -> str:
    """Give the name of the attribute that marks removed agents; no author's name is taken."""
    members = {each.name for agent in program.agent_types for each in agent.attributes}
    members |= {each.name for agent in program.agent_types for each in agent.behaviors}
    name = "removed"
    while name in members:
        name = f"is_{name}"
    return name


def module_names(program: Program) -> set[str]:
    """Give the names that the Program itself puts into the module, and the model's arguments."""
    bound = {program.class_name, "MAX_STEPS"}
    bound |= {each.name for each in program.functions}
    bound |= {each.name for each in program.agent_types}
    bound |= {each.name for each in program.parameters}
    return bound | bound_names(program.imports)


def member_names(program: Program) -> set[str]:
    """Give the names of the model's attributes and methods."""
    members = {each.name for each in program.parameters}
    members |= {each.name for each in program.variables}
    return members | {each.name for each in program.behaviors}


def free_name(wanted: str, taken: set[str]) -> str:
    """Give a name that is not taken."""
    name = wanted
    while name in taken:
        name += "_"
    return name


def call(program: Program, action: StepAction) -> Call:
    """Give one action with what its template needs."""
    if isinstance(action, Activate):
        return _activation(program, action)
    first = action.arguments[0] if action.arguments else None
    leads = isinstance(first, cst.Name) and first.value == "agent"
    may_vanish = _may_vanish(program, action.agent_type)
    same = leads and _same_for_all(program, action.arguments[1:])
    return Call(
        call=action.name,
        arguments=action.arguments,
        is_behavior=False,
        is_method=action.is_method,
        stores=action.stores,
        each_agent=action.each_agent,
        agent_type=action.agent_type,
        at_once=action.each_agent
        and same
        and not (action.stores or action.is_method or may_vanish),
        may_vanish=may_vanish,
        same_arguments=same,
        variable=identifier("agent"),
    )


def _activation(program: Program, action: Activate) -> Call:
    may_vanish = _may_vanish(program, action.agent_type)
    same = _same_for_all(program, action.arguments)
    return Call(
        call=action.behavior,
        arguments=action.arguments,
        is_behavior=True,
        is_method=False,
        stores=None,
        each_agent=True,
        agent_type=action.agent_type,
        at_once=not may_vanish and same,
        may_vanish=may_vanish,
        same_arguments=same,
        variable=local_name(snake_case(action.agent_type), module_names(program)),
    )


def _may_vanish(program: Program, agent_type: str | None) -> bool:
    types = program.agent_types
    return any(each.is_removed for each in types if agent_type in (None, each.name))


def _same_for_all(program: Program, arguments: Iterable[Expression]) -> bool:
    """Whether arguments are literals, the model, or parameters that nobody assigns."""
    constant = {each.name for each in program.parameters if not each.is_state}
    held = m.Name("self") | m.Attribute(value=m.Name("self"), attr=m.Name("p"))
    read = m.Attribute(value=held, attr=m.MatchIfTrue(lambda name: name.value in constant))
    return all(is_literal(node) or m.matches(node, m.Name("self") | read) for node in arguments)


def rules(program: Program) -> tuple[Rule, ...]:
    """Give the stop rules with a name for the values before the step."""
    taken = module_names(program)
    found = []
    for rule in program.stop_rules:
        stem = (
            f"{snake_case(rule.agent_type)}_{rule.attribute}" if rule.agent_type else rule.attribute
        )
        name = local_name(f"{stem}_before", taken)
        found.append(Rule(rule=rule, before=name))
    return tuple(found)


def crossings(program: Program) -> tuple[Rule, ...]:
    """Give the rules that need values from before the step, one for each watched variable."""
    crossing = [each for each in rules(program) if each.rule.crossing]
    return tuple({each.before: each for each in crossing}.values())


def snake_case(name: str) -> str:
    """Give a class name in lower case with underscores."""
    out = ""
    for index, char in enumerate(name):
        before = name[index - 1] if index else "_"
        starts = char.isupper() and before != "_" and not before.isupper()
        out += f"_{char.lower()}" if starts else char.lower()
    return out

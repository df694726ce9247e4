"""The filters and tests of the templates: how each piece of a Program is printed."""

from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling import fragments
from abm_quant.compiling.fragments import Code
from abm_quant.compiling.rendering.series import AgentSeries
from abm_quant.compiling.rendering.views import Rule
from abm_quant.contracts.program import (
    Activate,
    Attribute,
    CallFunction,
    CreateAgents,
    Expression,
    Function,
    SetupAction,
    StepAction,
    StopRule,
    Tracker,
)

MODEL = cst.Name("model")


def _function(function: Function) -> Code:
    return fragments.parsed(function.definition, 0, function.description)


def _method(function: Function) -> Code:
    return fragments.parsed(function.definition, 1, function.description)


def _expressions(nodes: Iterable[Expression]) -> Code:
    return fragments.join(fragments.expression(node) for node in nodes)


def _default(attribute: Attribute) -> Code:
    """Give the default of an attribute's argument: itself when it is a literal."""
    simple = fragments.is_literal(attribute.initial)
    return fragments.expression(attribute.initial) if simple else fragments.literal(None)


def _in_constructor(node: Expression) -> Code:
    """Give a start value where the model is an argument, too."""
    own = m.Attribute(value=m.Name("self"), attr=m.Name("model"))
    shortened = m.replace(node, own, MODEL)
    assert isinstance(shortened, cst.BaseExpression)
    return fragments.expression(shortened)


def _before_names(rules: Iterable[Rule]) -> Code:
    return fragments.join(each.before for each in rules)


def _qualified(series: AgentSeries) -> str:
    """Give the key of an agent's series in the snapshot; a literal is still to be made of it."""
    return f"{series.agent_type}.{series.attribute}"


def _has_text(text: str) -> bool:
    return bool(fragments.one_line(text))


def _named(node: Expression, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _code_text(node: Expression) -> str:
    """Give parsed code as text, for a description."""
    if isinstance(node, cst.SimpleString):
        return fragments.literal(node.evaluated_value).text
    return fragments.expression(node).text.replace("self.", "")


def _literal_text(value: object) -> str:
    return fragments.literal(value).text


def _watched(item: Tracker | StopRule) -> str:
    """Give the name of what is recorded or watched, with its type of agent."""
    name = item.label if isinstance(item, Tracker) else item.attribute
    time = " (start of step)" if isinstance(item, Tracker) and item.at_start else ""
    return f"{item.agent_type}.{name}{time}" if item.agent_type else f"{name}{time}"


def _rule_text(rule: StopRule) -> str:
    relation = "reaches" if rule.crossing else "is"
    every = "every " if rule.agent_type else ""
    return f"{every}{_watched(rule)} {relation} {_code_text(rule.value)}"


def _is_behavior(action: StepAction) -> bool:
    return isinstance(action, Activate)


def _is_action(action: SetupAction) -> bool:
    return isinstance(action, Activate | CallFunction)


def _is_creation(action: SetupAction) -> bool:
    return isinstance(action, CreateAgents)


def _whole_number(node: Expression) -> Code:
    """Give parsed code of a number of agents, as an int also where it may compute another number."""
    simple = isinstance(node, cst.Attribute | cst.Integer | cst.Name)
    code = fragments.expression(node)
    return code if simple else fragments.call("int", code)


def _help_text(text: str) -> str:
    """Give a text in which argparse finds no formats."""
    return fragments.one_line(text).replace("%", "%%")


FILTERS: dict[str, Callable[..., Any]] = {
    "attribute_string": fragments.attribute_string,
    "before_names": _before_names,
    "code_span": fragments.code_span,
    "code_text": _code_text,
    "comment": fragments.comment,
    "coordinates": fragments.coordinates,
    "default": _default,
    "docstring": fragments.docstring,
    "expression": fragments.expression,
    "expressions": _expressions,
    "fenced": fragments.fenced,
    "function": _function,
    "in_constructor": _in_constructor,
    "has_text": _has_text,
    "help_text": _help_text,
    "identifier": fragments.identifier,
    "literal": fragments.literal,
    "literal_text": _literal_text,
    "markdown": fragments.markdown,
    "method": _method,
    "operand": fragments.operand,
    "paragraphs": fragments.paragraphs,
    "qualified": _qualified,
    "requirement": fragments.requirement,
    "rule_text": _rule_text,
    "sentence": fragments.sentence,
    "watched": _watched,
    "whole_number": _whole_number,
}

TESTS: dict[str, Callable[..., bool]] = {
    "action": _is_action,
    "behavior": _is_behavior,
    "creation": _is_creation,
    "literal": fragments.is_literal,
    "named": _named,
}

"""How AgentPy's code creates lists of agents, and how Mesa's does."""

from dataclasses import dataclass

import libcst as cst

from abm_quant.compiling.dialects.agentpy_facts import LISTS, MODULES
from abm_quant.compiling.dialects.scope import Scope, chain

ITERATES = ("AgentList", "AgentDList")


@dataclass(frozen=True, kw_only=True)
class Created:
    """A list of agents, in Mesa."""

    node: cst.BaseExpression
    class_name: str | None
    """The class of the agents that are created; None where it holds agents that exist."""


def is_creation(function: cst.BaseExpression) -> bool:
    """Tell whether a call of this makes one of AgentPy's lists."""
    names = chain(function)
    if names is None or names[-1] not in (*LISTS, "AttrIter"):
        return False
    return names[0] in MODULES if len(names) == 2 else names[0] in ITERATES


def created(call: cst.Call, scope: Scope) -> Created:
    """Give what a call of `ap.AgentList` makes."""
    named = {each.keyword.value: each.value for each in call.args if each.keyword is not None}
    plain = [each.value for each in call.args if each.keyword is None]
    is_attributes = (chain(call.func) or ("",))[-1] == "AttrIter"
    first = 0 if is_attributes else 1
    given = named.get("objs", plain[first] if len(plain) > first else None)
    kind = named.get("cls", plain[2] if len(plain) > 2 else None)
    class_name = _class_name(kind, scope)
    if given is None:
        return Created(node=cst.List([]), class_name=None)
    if class_name is None:
        return Created(node=_listed(given), class_name=None)
    own = [each for each in call.args if each.keyword is not None]
    kept = [each for each in own if each.keyword and each.keyword.value not in ("objs", "cls")]
    creator = cst.Attribute(cst.Name(class_name), cst.Name("create_agents"))
    model = cst.Arg(cst.parse_expression(scope.model))
    return Created(node=cst.Call(creator, [model, cst.Arg(given), *kept]), class_name=class_name)


def _class_name(kind: cst.BaseExpression | None, scope: Scope) -> str | None:
    if not isinstance(kind, cst.Name):
        return None
    return scope.names.type_names.get(kind.value, kind.value)


def _listed(given: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(given, (cst.List, cst.ListComp, cst.Name, cst.Attribute)):
        return given
    return cst.Call(cst.Name("list"), [cst.Arg(given)])

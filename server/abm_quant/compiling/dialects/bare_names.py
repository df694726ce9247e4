"""Dialect: bare names of the model's or the agent's own things become attributes.

A name that the function does not bind itself is replaced where it means a global variable, an
environment attribute, a behavior, or an attribute of the agent. A name that it assigns is replaced
when it can only be meant as the model's (see scope.assigned_outside).
"""

import re

import libcst as cst

from abm_quant.compiling.dialects.lone_names import LoneNames
from abm_quant.compiling.dialects.scope import (
    BUILTINS,
    Scope,
    assigned_outside,
    bound_names,
    free_names,
    own_locals,
)
from abm_quant.compiling.naming.known import KNOWN_IMPORTS, TIME
from abm_quant.compiling.resolve import spelling

JSON_WORDS = {"true": "True", "false": "False", "null": "None"}
NOTE = "Bare names became attributes of the model or of the agent."


class BareNames(LoneNames):
    """Replaces names by expressions, wherever a name stands for a value."""

    def __init__(self, replacements: dict[str, str]) -> None:
        super().__init__()
        self.replacements = replacements

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Replace one name."""
        written = self.replacements.get(updated_node.value)
        return cst.parse_expression(written) if written else updated_node

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        """Keep the name of a parameter."""
        return updated_node.with_changes(name=original_node.name)

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        """Keep the name of a function."""
        return updated_node.with_changes(name=original_node.name)

    def visit_Global(self, node: cst.Global) -> bool:
        """Leave the names of a `global` statement until it is dropped."""
        return False

    def leave_Global(
        self, original_node: cst.Global, updated_node: cst.Global
    ) -> cst.BaseSmallStatement:
        """Drop `global x`: attributes need no declaration."""
        names = [item.name.value for item in original_node.names]
        if all(name in self.replacements for name in names):
            return cst.Pass()
        return updated_node


def replacements(code: str, scope: Scope) -> dict[str, str]:
    """Give the expression for each bare name that means the model's or the agent's thing."""
    free, bound = free_names(code), bound_names(code)
    known = {name: scope.bare(name) for name in free | bound}
    candidates = {name for name, declared in known.items() if declared is not None}
    if not candidates:
        meant: set[str] = set()
    else:
        state = {name for name in candidates & own_locals(code) if _is_state(scope, name)}
        meant = (candidates & free - bound) | (assigned_outside(code, state) if state else set())
        if scope.is_bare:
            meant |= {name for name in state if _is_model_state(scope, name, code)}
    found: dict[str, str] = {}
    for name in sorted(meant):
        declared = known[name]
        written = scope.written(declared) if declared else None
        if written:
            found[name] = written
    for name, class_name in scope.names.type_names.items():
        if name in free and name != class_name:
            found[name] = class_name
    for name in free - found.keys() - bound:
        if name in JSON_WORDS:
            found[name] = JSON_WORDS[name]
        elif (text := scope.constant(name)) is not None:
            found[name] = repr(text)
            scope.assume("name-assumed", f"`{name}` was read as the text {text!r}.")
        elif spelling(name) in TIME - {"time"}:
            found[name] = f"{scope.model}.steps"
            scope.assume("name-assumed", f"`{name}` was read as `{scope.model}.steps`.")
    for name in free - found.keys() - BUILTINS - KNOWN_IMPORTS.keys():
        type_name = _type_meant(name, code, scope)
        if type_name is not None:
            found[name] = scope.names.type_names[type_name]
            scope.assume("name-assumed", f"`{name}` was read as the agent type {type_name}.")
    model_words = {"model", "environment", "env"} | (
        {"self"} if scope.owner == "function" else set()
    )
    for name in free & model_words - bound:
        if name not in found and scope.model != name:
            found[name] = scope.model
    if "agents" in free - bound - found.keys():
        found["agents"] = f"{scope.model}.agents"
    return found


def _type_meant(name: str, code: str, scope: Scope) -> str | None:
    """Give the agent type that a name which nothing declares means as a class."""
    if name in scope.functions or name in scope.names.type_names.values():
        return None
    as_class = rf"isinstance\([^,()]+, *\(?[^()]*\b{name}\b|\b(agents_by_type\[|type\(\w+\) (is|==) ){name}\b"
    if not name[0].isupper() and re.search(as_class, code) is None:
        return None
    return scope.names.type_called(name) if scope.bare(name) is None else None


def _is_state(scope: Scope, name: str) -> bool:
    declared = scope.bare(name)
    return declared is not None and declared.kind in (
        "global-variable",
        "environment-attribute",
        "agent-attribute",
    )


def _is_model_state(scope: Scope, name: str, code: str) -> bool:
    """Tell whether an author who writes bare names means the model's variable by one that is
    assigned: it is no loop variable, and not a copy of what is also written in full."""
    declared = scope.bare(name)
    if declared is None or declared.agent_type is not None:
        return False
    if re.search(rf"(?:\bmodel|\b{re.escape(scope.model)})\.{name}\b", code):
        return False
    return re.search(rf"\b(?:for|as)\b[^:\n]*\b{name}\b[^:\n]*\b(?:in\b|:)", code) is None


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module with attributes in the place of bare names."""
    found = replacements(code, scope)
    return module.visit(BareNames(found)) if found else module

"""Dialect: parameters, time and ids of AgentPy.

`self.p.x`, `model.p['x']` and `p.get('x')` are the model's attribute `x`; `model.t` is `steps`, an
agent's `id` is `unique_id`, `model.nprandom` is `rng`, and `self['x']` is `self.x`.
"""

import re

import libcst as cst

from abm_quant.compiling.dialects.plain import left_out
from abm_quant.compiling.dialects.scope import Scope, chain

MARK = re.compile(r"\.p\b|\.t\b|\.id\b|\.nprandom\b|\b(?:self|model|agent)\[|\.type\b")
NOTE = "AgentPy's parameters, time and ids became attributes of the model and of the agents."


class Parameters(cst.CSTTransformer):
    """Replaces what AgentPy reaches through `p`, and its own attributes."""

    def __init__(self, scope: Scope, aliases: set[str]) -> None:
        super().__init__()
        self.scope = scope
        self.aliases = aliases
        self.known = scope.names.known | scope.own_assigned

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Replace one attribute."""
        name = updated_node.attr.value
        if self._is_parameters(updated_node.value):
            return updated_node if name == "get" else self._parameter(name)
        if name in self.known:
            return updated_node
        if name in ("t", "nprandom") and self._is_world(updated_node.value):
            return self._of_model("steps" if name == "t" else "rng")
        if name == "id" and self.scope.agentpy.is_used:
            return updated_node.with_changes(attr=cst.Name("unique_id"))
        if name == "type" and self.scope.agentpy.is_used:
            kind = cst.Call(cst.Name("type"), [cst.Arg(updated_node.value)])
            return cst.Attribute(kind, cst.Name("__name__"))
        return updated_node

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        """Replace `p['x']` and `self['x']`."""
        key = _key(updated_node)
        if key is None:
            return updated_node
        name = _text(key)
        if self._is_parameters(updated_node.value):
            return self._parameter(name) if name else self._getattr(self._model(), [key])
        if not self._is_object(updated_node.value):
            return updated_node
        if name:
            return cst.Attribute(updated_node.value, cst.Name(name))
        return self._getattr(updated_node.value, [key])

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Replace `p.get('x', default)`."""
        function = updated_node.func
        if not (isinstance(function, cst.Attribute) and function.attr.value == "get"):
            return updated_node
        if not self._is_parameters(function.value) or not updated_node.args:
            return updated_node
        key, *defaults = (each.value for each in updated_node.args)
        name = _text(key)
        if name is None:
            return self._getattr(self._model(), [key, *defaults])
        return defaults[0] if defaults and not self._is_declared(name) else self._parameter(name)

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement:
        """Replace `self[name] = value`, and drop `p = self.p`."""
        before, after = original_node.body[0], updated_node.body[0]
        if len(updated_node.body) != 1 or not isinstance(before, cst.Assign):
            return updated_node
        if len(before.targets) != 1 or not isinstance(after, cst.Assign):
            return updated_node
        target = before.targets[0].target
        if isinstance(target, cst.Name) and target.value in self.aliases:
            return left_out()
        found = after.targets[0].target
        if isinstance(target, cst.Subscript) and isinstance(found, cst.Call):
            arguments = [*found.args, cst.Arg(after.value)]
            stored = cst.Call(cst.Name("setattr"), arguments)
            return updated_node.with_changes(body=[cst.Expr(stored)])
        return updated_node

    def _is_parameters(self, node: cst.BaseExpression) -> bool:
        names = chain(node)
        if names is None or "p" in self.known:
            return False
        return names[-1] == "p" if len(names) > 1 else names[0] in self.aliases

    def _is_world(self, node: cst.BaseExpression) -> bool:
        names = chain(node)
        return names is not None and names[-1] in ("self", "model")

    def _is_object(self, node: cst.BaseExpression) -> bool:
        names = chain(node)
        return names is not None and names[-1] in ("self", "model", "agent")

    def _is_declared(self, name: str) -> bool:
        return self.scope.names.find(name) is not None

    def _parameter(self, name: str) -> cst.BaseExpression:
        return self._of_model(name)

    def _of_model(self, name: str) -> cst.Attribute:
        return cst.Attribute(self._model(), cst.Name(name))

    def _model(self) -> cst.BaseExpression:
        return cst.parse_expression(self.scope.model)

    def _getattr(
        self, owner: cst.BaseExpression, arguments: list[cst.BaseExpression]
    ) -> cst.BaseExpression:
        return cst.Call(cst.Name("getattr"), [cst.Arg(owner), *map(cst.Arg, arguments)])


def _key(node: cst.Subscript) -> cst.BaseExpression | None:
    if len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
        return None
    return node.slice[0].slice.value


def _text(node: cst.BaseExpression) -> str | None:
    if not isinstance(node, cst.SimpleString):
        return None
    value = node.evaluated_value
    return value if isinstance(value, str) and value.isidentifier() else None


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module without AgentPy's `p`, `t` and `id`."""
    found = re.findall(r"^\s*(\w+)\s*=\s*(?:self|model|self\.model)\.p\s*$", code, re.MULTILINE)
    return module.visit(Parameters(scope, set(found)))

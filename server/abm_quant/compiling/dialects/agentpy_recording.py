"""Dialect: recording, reporting and stopping of AgentPy.

What is recorded is stated in dataAnalytics, so that `self.record('x')` is left out, and
`self.record('x', value)` stores the value in the variable. `self.stop()` ends the run after the
step.
"""

import re

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.dialects.plain import left_out
from abm_quant.compiling.dialects.scope import Scope, chain
from abm_quant.compiling.resolve import MODEL_STATE

MARK = re.compile(r"\.(?:record|report|stop)\(")
NOTE = "AgentPy's record, report and stop became assignments."
REPORTED = "`report({name!r}, ...)` was left out: dataAnalytics states what is reported."


class Recording(cst.CSTTransformer):
    """Replaces the statements that record."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement:
        """Replace one statement."""
        if len(updated_node.body) != 1:
            return updated_node
        statement = updated_node.body[0]
        if not m.matches(statement, m.Expr(m.Call(func=m.Attribute()))):
            return updated_node
        assert isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call)
        replaced = self._replaced(statement.value)
        if isinstance(replaced, cst.Pass):
            return left_out()
        return updated_node.with_changes(body=[replaced]) if replaced else updated_node

    def _replaced(self, call: cst.Call) -> cst.BaseSmallStatement | None:
        function = call.func
        assert isinstance(function, cst.Attribute)
        name = function.attr.value
        if name in self.scope.names.known:
            return None
        if name == "stop" and not call.args and self._is_model(function.value):
            running = cst.AssignTarget(cst.Attribute(function.value, cst.Name("running")))
            return cst.Assign([running], cst.Name("False"))
        if name not in ("record", "report") or not call.args:
            return None
        return self._stored(function, call.args)

    def _stored(
        self, function: cst.Attribute, given: "list[cst.Arg] | object"
    ) -> cst.BaseSmallStatement:
        assert isinstance(given, (list, tuple))
        first = given[0].value
        text = first.evaluated_value if isinstance(first, cst.SimpleString) else None
        if not isinstance(text, str) or len(given) < 2:
            return cst.Pass()
        found = self.scope.names.find(text, *MODEL_STATE, "agent-attribute")
        is_report = function.attr.value == "report"
        if found is None and (is_report or not text.isidentifier()):
            self.scope.assume(
                "dropped", REPORTED.format(name=text).replace("report", function.attr.value)
            )
            return cst.Pass()
        owner = function.value
        name = found.python if found else text
        target = cst.AssignTarget(cst.Attribute(owner, cst.Name(name)))
        if m.matches(given[1].value, m.Attribute(attr=m.Name(name))) and given[1].value.deep_equals(
            target.target
        ):
            return cst.Pass()
        return cst.Assign([target], given[1].value)

    def _is_model(self, node: cst.BaseExpression) -> bool:
        names = chain(node)
        if names is None or names[-1] not in ("self", "model"):
            return False
        return names[-1] == "model" or self.scope.owner != "agent"


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module without AgentPy's recorder."""
    return module.visit(Recording(scope))

"""Dialect: unique ids that count from 0.

Authors of Mesa 2 code number their agents from 0; since Mesa 3 the ids count from 1. Where an id is
used as a number - compared with a limit, taken modulo something, used as an index, or taken as a
start value - one is subtracted. Where ids only tell agents apart, they stay.
"""

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.dialects.scope import Scope

NOTE = "Unique ids are counted from 0 where they serve as numbers; Mesa counts them from 1."
ID = m.Attribute(attr=m.Name("unique_id"))
ORDER = m.LessThan() | m.LessThanEqual() | m.GreaterThan() | m.GreaterThanEqual()
EQUAL = m.Equal() | m.NotEqual()


class UniqueIds(cst.CSTTransformer):
    """Subtracts one where an id is a number."""

    def leave_Comparison(
        self, original_node: cst.Comparison, updated_node: cst.Comparison
    ) -> cst.Comparison:
        """Mend `agent.unique_id < limit` and `agent.unique_id == 0`."""
        targets = original_node.comparisons
        sides = [original_node.left, *(each.comparator for each in targets)]
        if all(m.matches(side, ID) for side in sides):
            return updated_node
        is_order = any(m.matches(each.operator, ORDER) for each in targets)
        with_number = any(m.matches(side, m.Integer()) for side in sides)
        is_equal = any(m.matches(each.operator, EQUAL) for each in targets)
        if not is_order and not (is_equal and with_number):
            return updated_node
        changed = [
            each.with_changes(comparator=_from_zero(each.comparator))
            for each in updated_node.comparisons
        ]
        return updated_node.with_changes(left=_from_zero(updated_node.left), comparisons=changed)

    def leave_BinaryOperation(
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BinaryOperation:
        """Mend `agent.unique_id % n`."""
        if not m.matches(original_node.operator, m.Modulo() | m.FloorDivide()):
            return updated_node
        return updated_node.with_changes(left=_from_zero(updated_node.left))

    def leave_Index(self, original_node: cst.Index, updated_node: cst.Index) -> cst.Index:
        """Mend `values[agent.unique_id]`."""
        return updated_node.with_changes(value=_from_zero(updated_node.value))


class StartIds(cst.CSTTransformer):
    """Subtracts one wherever an id stands; numbers each type from 0, where ids are that alone."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.numbered = (
            scope.numbered and f"(len({scope.model}.agents_by_type[{scope.numbered}]) - 1)"
        )

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Mend one id."""
        if self.numbered and m.matches(updated_node, ID):
            return cst.parse_expression(self.numbered)
        return _from_zero(updated_node)


def _from_zero(node: cst.BaseExpression) -> cst.BaseExpression:
    if not m.matches(node, ID):
        return node
    assert isinstance(node, cst.Attribute)
    node = node.with_changes(lpar=[], rpar=[])
    parentheses = {"lpar": [cst.LeftParen()], "rpar": [cst.RightParen()]}
    return cst.BinaryOperation(node, cst.Subtract(), cst.Integer("1"), **parentheses)  # type: ignore[arg-type]


def applies(text: str, scope: Scope) -> bool:
    """Tell whether ids in this code count from 0."""
    return scope.ids_from_zero and "unique_id" in text


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module with ids that count from 0."""
    changed = module.visit(StartIds(scope) if scope.is_start else UniqueIds())
    if changed.code != code:
        scope.assume("dialect", NOTE)
    return changed

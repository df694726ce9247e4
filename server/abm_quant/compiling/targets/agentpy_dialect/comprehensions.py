"""Makers of the loops and comprehensions that rewrites put in."""

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.targets.agentpy_dialect.code import text_of


def free_variable(code: cst.CSTNode) -> str:
    """Give a name for an agent that the code does not use yet."""
    used = {cst.ensure_type(each, cst.Name).value for each in m.findall(code, m.Name())}
    return next(name for name in ("agent", "each", "member", "_agent") if name not in used)


def listed(
    element: cst.BaseExpression,
    variable: str,
    agents: cst.BaseExpression,
    tests: Sequence[cst.BaseExpression] = (),
) -> cst.BaseExpression:
    """Give `[element for variable in agents if ...]`, shorter where it selects nothing."""
    if m.matches(element, m.Name(variable)) and not tests:
        return cst.Call(cst.Name("list"), [cst.Arg(agents)])
    conditions = [cst.CompIf(_in_parentheses(each)) for each in tests]
    if len(conditions) == 2:
        both = cst.BooleanOperation(conditions[0].test, cst.And(), conditions[1].test)
        conditions = [cst.CompIf(both)]
    return cst.ListComp(
        elt=element,
        for_in=cst.CompFor(target=cst.Name(variable), iter=_in_parentheses(agents), ifs=conditions),
    )


def _in_parentheses(node: cst.BaseExpression) -> cst.BaseExpression:
    if not isinstance(node, cst.IfExp | cst.Lambda | cst.NamedExpr) or node.lpar:
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def loop(variable: str, agents: cst.BaseExpression, statement: cst.BaseSmallStatement) -> cst.For:
    """Give `for variable in agents: statement`."""
    body = cst.IndentedBlock([cst.SimpleStatementLine([statement])])
    return cst.For(target=cst.Name(variable), iter=agents, body=body)


def attribute_of(
    variable: str, name: cst.BaseExpression, default: cst.BaseExpression | None = None
) -> cst.BaseExpression:
    """Give an attribute of an agent whose name is an expression."""
    text = text_of(name)
    if text is not None and text.isidentifier() and default is None:
        return cst.Attribute(cst.Name(variable), cst.Name(text))
    arguments = [cst.Name(variable), name, *([default] if default is not None else [])]
    return cst.Call(cst.Name("getattr"), [cst.Arg(each) for each in arguments])


def applied(arguments: Sequence[cst.Arg], variable: str) -> tuple[cst.BaseExpression, str]:
    """Give what Mesa calls for each agent - a method's name or a function, then its arguments -
    as an expression over a variable, and that variable."""
    function, *others = arguments
    code = function.value
    if isinstance(code, cst.Lambda) and not others and len(code.params.params) == 1:
        return code.body, code.params.params[0].name.value
    name = text_of(code)
    if name is not None:
        return cst.Call(cst.Attribute(cst.Name(variable), cst.Name(name)), others), variable
    if isinstance(code, cst.Lambda):
        code = code.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.Call(code, [cst.Arg(cst.Name(variable)), *others]), variable

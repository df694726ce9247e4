"""Plain lines: one statement on each line, and each block indented below its head."""

import libcst as cst


class _PlainLines(cst.CSTTransformer):
    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.BaseSuite:
        return cst.IndentedBlock([_line(each, updated_node) for each in updated_node.body])

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> "cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]":
        if len(updated_node.body) == 1:
            return updated_node
        first, *others = (_alone(each) for each in updated_node.body)
        lines = [_line(each, updated_node) for each in others]
        return cst.FlattenSentinel([updated_node.with_changes(body=[first]), *lines])


def _line(
    statement: cst.BaseSmallStatement, owner: "cst.SimpleStatementLine | cst.SimpleStatementSuite"
) -> cst.SimpleStatementLine:
    end = cst.TrailingWhitespace(newline=owner.trailing_whitespace.newline)
    return cst.SimpleStatementLine([_alone(statement)], trailing_whitespace=end)


def _alone(statement: cst.BaseSmallStatement) -> cst.BaseSmallStatement:
    return statement.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)


def plain_lines(module: cst.Module) -> cst.Module:
    """Give the module with one statement on each line."""
    return module.visit(_PlainLines())


def left_out() -> cst.SimpleStatementLine:
    """Give a `pass` in the place of a statement, without the comments above it."""
    return cst.SimpleStatementLine([cst.Pass()])


def loop(
    line: cst.SimpleStatementLine,
    name: str,
    source: cst.BaseExpression,
    statement: cst.BaseSmallStatement,
) -> cst.For:
    """Give a loop in the place of a line, whose comments it keeps."""
    template = cst.parse_statement(f"for {name} in {text(source)}:\n    pass\n")
    assert isinstance(template, cst.For)
    body = cst.SimpleStatementLine([statement], trailing_whitespace=line.trailing_whitespace)
    header = cst.TrailingWhitespace(newline=line.trailing_whitespace.newline)
    block = cst.IndentedBlock([body], header=header)
    return template.with_changes(body=block, leading_lines=line.leading_lines)


def text(node: cst.CSTNode) -> str:
    """Give the code of a node."""
    return cst.Module([]).code_for_node(node)


def parsed(code: str) -> cst.BaseExpression:
    """Give the expression that a code writes."""
    return cst.parse_expression(code)

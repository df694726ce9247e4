"""The only place where text becomes code: makers of fragments that a template may print.

Whatever comes from a specification is hostile until one of these functions has turned it into a
`Code`. Templates cannot print anything else (see render.environment), so a description that holds
quotes, newlines, Jinja syntax or Python comes out as the text it is.
"""

import ast
import builtins
import keyword
import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst

LINE_LENGTH = 88
BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
JOINERS = "\u200c\u200d"
INDENT = "    "


@dataclass(frozen=True)
class Code:
    """Text that may stand in a generated file. Made in this module only."""

    text: str


def identifier(name: str) -> Code:
    """Give a name as Python reads it; ValueError when it is none."""
    return Code(_python_name(name))


def attribute_string(name: str) -> Code:
    """Give the string literal of an attribute's name, as getattr needs it."""
    return literal(_python_name(name))


def _python_name(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name)
    if not plain.isidentifier() or keyword.iskeyword(plain):
        raise ValueError(f"{name!r} is not a Python name.")
    return plain


def _string(value: str) -> str:
    """Give a string literal in the quotes that black prefers."""
    plain = repr(value + "\"'")[1:-4].replace("\\'", "'")
    single, double = value.count("'"), value.count('"')
    if double <= single:
        return '"' + plain.replace('"', '\\"') + '"'
    return "'" + plain.replace("'", "\\'") + "'"


def imported(module: str, names: Iterable[str]) -> Code:
    """Give the import of names, on lines of their own where one line is too short."""
    sorted_names = sorted({identifier(name).text for name in names}, key=_import_order)
    line = f"from {dotted_name(module).text} import {', '.join(sorted_names)}"
    if len(line) <= LINE_LENGTH:
        return Code(line)
    listed = "".join(f"{INDENT}{name},\n" for name in sorted_names)
    return Code(f"from {dotted_name(module).text} import (\n{listed})")


def _import_order(name: str) -> tuple[int, str]:
    """Sort constants before classes before functions, as isort does."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def subscript(path: str, key: Code) -> Code:
    """Give an item of what a dotted name holds; ValueError when `path` is no dotted name."""
    return Code(f"{dotted_name(path).text}[{key.text}]")


def call(path: str, *arguments: Code) -> Code:
    """Give a call of what a dotted name holds; ValueError when `path` is no dotted name."""
    return Code(f"{dotted_name(path).text}({join(arguments).text})")


def dotted_name(path: str) -> Code:
    """Give a dotted name as Python reads it; ValueError when it is none."""
    return join([identifier(part) for part in path.split(".")], ".")


def literal(value: Any) -> Code:
    """Give the Python literal of a JSON value; what does not print comes out escaped."""
    if isinstance(value, float) and not math.isfinite(value):
        return Code(f'float("{value}")')
    if isinstance(value, dict):
        pairs = [f"{literal(key).text}: {literal(item).text}" for key, item in value.items()]
        return Code("{" + ", ".join(pairs) + "}")
    if isinstance(value, list):
        return Code("[" + ", ".join(literal(item).text for item in value) + "]")
    if isinstance(value, str):
        return Code(_string(value))
    if value is None or isinstance(value, bool | int | float):
        return Code(repr(value))
    raise TypeError(f"A {type(value).__name__} has no literal.")


def join(codes: Iterable[Code], separator: str = ", ") -> Code:
    """Give fragments as one, with a fixed separator."""
    return Code(separator.join(code.text for code in codes))


def plain_lines(text: str) -> list[str]:
    """Give the lines of a text without anything that does not print.

    Every kind of line break ends a line; control and direction characters are dropped.
    """
    lines = [_printable(line).strip() for line in BREAKS.split(text)]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return [line for n, line in enumerate(lines) if line or lines[n - 1]]


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    kept = []
    for char in line:
        category = unicodedata.category(char)
        if category == "Cs":
            kept.append("\N{REPLACEMENT CHARACTER}")
        elif char == "\t" or category.startswith("Z"):
            kept.append(" ")
        elif char in JOINERS or category not in ("Cc", "Cf"):
            kept.append(char)
    return "".join(kept)


def one_line(text: str) -> str:
    """Give a text in one line, without anything that does not print."""
    return " ".join(" ".join(plain_lines(text)).split())


def sentence(text: str) -> str:
    """Give a text in one line that ends with a full stop; empty for an empty text."""
    line = one_line(text)
    return line + "." if line and (line[-1].isalnum() or line[-1] in ")]") else line


def docstring(text: str, depth: int = 0) -> Code:
    """Give a docstring for a body that is indented `depth` times; its first line is not indented.

    Lines are wrapped. A line that starts with two spaces or more keeps them, for sections.
    """
    indent = INDENT * depth
    lines = _wrapped(text, LINE_LENGTH - len(indent))
    quoted = [line.replace("\\", "\\\\") for line in lines]
    quoted = [line.replace('"', '\\"') if '"""' in line else line for line in quoted]
    body = "\n".join(f"{indent}{line}" if line else "" for line in quoted).removeprefix(indent)
    start = " " if body.startswith('"') else ""
    end = f"\n{indent}" if len(quoted) > 1 else " " if body.endswith('"') else ""
    return Code(f'"""{start}{body}{end}"""')


def _wrapped(text: str, width: int) -> list[str]:
    """Give the wrapped lines of a docstring, with room for the quotes."""
    lines: list[str] = []
    for raw in BREAKS.split(text):
        margin = " " * min(8, len(raw) - len(raw.lstrip(" "))) if lines else ""
        clean = one_line(raw)
        if not clean:
            lines.extend([""] if lines and lines[-1] else [])
            continue
        item = ITEM.match(clean)
        hanging = margin + (INDENT if margin else " " * item.end() if item else "")
        only = len(clean) <= width - 6
        used = textwrap.wrap(
            clean,
            width - (0 if lines else 6 if only else 3),
            initial_indent=margin,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines.extend(used)
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) < 2:
        return lines or ["Not described."]
    # Black takes away what all lines after the first are indented by.
    return [lines[0], *textwrap.dedent("\n".join(lines[1:])).split("\n")]


def comment(text: str, depth: int = 0) -> Code:
    """Give comment lines for code that is indented `depth` times; the first is not indented."""
    indent = INDENT * depth
    lines = []
    for line in plain_lines(text):
        lines += textwrap.wrap(line, LINE_LENGTH - len(indent) - 2, break_long_words=False) or [""]
    return Code(f"\n{indent}".join(f"# {line}".rstrip() for line in lines or [""]))


ATOMS = (
    *(cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.Integer, cst.Float),
    *(cst.SimpleString, cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp),
)
OPEN = (cst.Tuple, cst.NamedExpr, cst.Yield, cst.StarredElement)


def expression(node: cst.BaseExpression) -> Code:
    """Give a parsed expression, to be assigned or passed as an argument."""
    if isinstance(node, OPEN) and not node.lpar:
        node = _in_parentheses(node)
    return Code(cst.Module(body=[]).code_for_node(node))


def operand(node: cst.BaseExpression) -> Code:
    """Give a parsed expression, to stand beside any operator."""
    if not isinstance(node, ATOMS) and not node.lpar:
        node = _in_parentheses(node)
    return expression(node)


def coordinates(node: cst.BaseExpression) -> Code:
    """Give a parsed expression of a place as a tuple."""
    if isinstance(node, cst.List):
        node = cst.Tuple(elements=node.elements)
    code = expression(node)
    return code if isinstance(node, cst.Tuple) else Code(f"tuple({code.text})")


def _in_parentheses(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def is_literal(node: cst.BaseExpression) -> bool:
    """Whether an expression is a number, a text, True, False or None, which nobody can change."""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        node = node.expression
    if isinstance(node, cst.Name):
        return node.value in ("True", "False", "None")
    return isinstance(node, cst.Integer | cst.Float | cst.SimpleString)


def parsed(definition: cst.FunctionDef, depth: int = 0, description: str = "") -> Code:
    """Give a parsed function, indented `depth` times, with a docstring when it has none.

    The indentation is made by the parser's own tree, so that strings of many lines stay as they
    are.
    """
    node = definition.with_changes(
        leading_lines=[line for line in definition.leading_lines if line.comment]
    )
    if description.strip() and node.get_docstring() is None:
        node = _documented(node, docstring(sentence(description), depth + 1))
    if depth == 0:
        return Code(cst.Module(body=[node]).code.rstrip() + "\n")
    wrapper = cst.ClassDef(name=cst.Name("Wrapper"), body=cst.IndentedBlock(body=[node]))
    code = cst.Module(body=[wrapper]).code
    return Code(code.split("\n", 1)[1].rstrip() + "\n")


def _documented(node: cst.FunctionDef, text: Code) -> cst.FunctionDef:
    statement = cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString(text.text))])
    if isinstance(node.body, cst.IndentedBlock):
        body: Sequence[cst.BaseStatement] = node.body.body
        return node.with_changes(body=node.body.with_changes(body=[statement, *body]))
    suite = cst.ensure_type(node.body, cst.SimpleStatementSuite)
    line = cst.SimpleStatementLine(body=suite.body)
    return node.with_changes(body=cst.IndentedBlock(body=[statement, line]))


MARKDOWN = re.compile(r"([\\`*_\[\]<>|~&$])")
ESCAPED = r"\\\1"
ITEM = re.compile(r"(?:[*-]|(\d{1,3})[.)]) +(?=\S)")
HEADING = re.compile(r"^ *#{1,6} +(?=\S)", re.MULTILINE)
LINE_START = re.compile(r"^(\s*)([#+=:-]|\d+[.)])")


def markdown(text: str, otherwise: str = "") -> Code:
    """Give a text as one line of Markdown that shows it as it is, also in a table."""
    line = MARKDOWN.sub(ESCAPED, one_line(text) or otherwise)
    return Code(LINE_START.sub(_escape_start, line))


def _escape_start(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2][:-1]}\\{match[2][-1]}"


EMPHASIS = re.compile(r"(?<![\w*])(\*{1,2})(?=[^\s*])([^*]*[^\s*])\1(?![\w*])")


NAME_SPAN = re.compile(r"(?<!`)(`[^\W\d]\w*(?:\.\w+)*`)(?!`)")


def without_marks(text: str) -> str:
    """Give a text of Markdown without the marks of headings and stressed words."""
    return EMPHASIS.sub(r"\2", HEADING.sub("", text))


def paragraphs(text: str, otherwise: str = "") -> Code:
    """Give a text as paragraphs and lists of Markdown, with stressed words and names in code.

    Headings become stressed lines. Everything else shows as it is.
    """
    blocks: list[list[str]] = [[]]
    is_heading = False
    for line in plain_lines(text):
        was_heading, is_heading = is_heading, bool(HEADING.match(line))
        if ITEM.match(line) or not line or is_heading or was_heading:
            blocks.append([])
        blocks[-1] += [line] if line else []
    whole = ""
    before = ""
    for kind, printed in (_block(" ".join(block)) for block in blocks if block):
        gap = "\n" if kind and kind == before else "\n\n"
        whole += gap + printed if whole else printed
        before = kind
    return Code(whole) if whole else markdown(otherwise)


def _block(text: str) -> tuple[str, str]:
    """Give the kind of list that a block belongs to, "" for none, and the block in Markdown."""
    heading, item = HEADING.match(text), ITEM.match(text)
    if heading:
        words = without_marks(text)
        return "", f"**{MARKDOWN.sub(ESCAPED, words)}**"
    if item and item[1]:
        return "numbers", f"{int(item[1])}. {_stressed(text[item.end() :])}"
    if item:
        return "bullets", f"- {_stressed(text[item.end() :])}"
    return "", _stressed(text)


def _stressed(line: str) -> str:
    parts, end = [], 0
    for match in EMPHASIS.finditer(line):
        parts.append(_escaped(line[end : match.start()]))
        parts.append(f"{match[1]}{_escaped(match[2])}{match[1]}")
        end = match.end()
    parts.append(_escaped(line[end:]))
    return LINE_START.sub(_escape_start, "".join(parts))


def _escaped(text: str) -> str:
    """Give a text that shows as it is, names between backticks as code."""
    parts = NAME_SPAN.split(text)
    parts[::2] = [MARKDOWN.sub(ESCAPED, part) for part in parts[::2]]
    return "".join(parts)


def code_span(text: str) -> Code:
    """Give a text as inline code of Markdown, also in a table."""
    line = one_line(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if longest or not line else ""
    return Code(f"{fence}{padding}{line}{padding}{fence}")


def quoted(lines: Sequence[str]) -> Code:
    """Give lines of a generated file that was printed from Code, to be shown in a description."""
    return Code(textwrap.dedent("\n".join(lines)) + "\n")


def fenced(code: Code, language: str = "python") -> Code:
    """Give code as a block of Markdown that nothing in the code can end."""
    longest = max((len(run) for run in re.findall("`+", code.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Code(f"{fence}{language}\n{code.text.rstrip()}\n{fence}")


def import_block(lines: Iterable[str]) -> Code:
    """Give import statements, each parsed; ValueError for any text but "", an empty line."""
    kept = []
    for line in lines:
        if not line:
            kept.append("")
            continue
        body = ast.parse(line).body
        if len(body) != 1 or not isinstance(body[0], ast.Import | ast.ImportFrom):
            raise ValueError(f"{line!r} is not one import statement.")
        kept.append(ast.unparse(body[0]))
    return Code("\n".join(kept))


def requirement(line: str) -> Code:
    """Give a line of requirements.txt; ValueError for any other text."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?([<>=!~]=?[0-9a-z.*,<>=!~]+)?", line):
        raise ValueError(f"{line!r} is no requirement.")
    return Code(line)


def local_name(name: str, taken: Iterable[str]) -> Code:
    """Give a name for a local variable that hides nothing: not a builtin, not in `taken`."""
    hidden = {*taken, *dir(builtins), *keyword.kwlist}
    while name in hidden:
        name += "_"
    return identifier(name)

"""Finds the one function in a piece of an author's code and lifts its imports out of it.

Survives fences, Windows line ends, tabs, indentation, imports and prose-free wrappings such as a
class around the method, and a body without `def`.
"""

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.behaviors.author_lines import SIMPLE, AuthorLine, mark_of, marked
from abm_quant.compiling.dialects import idle
from abm_quant.compiling.dialects.bare_names import BareNames
from abm_quant.compiling.reading.parsing import parse_code

CODE_MARK = re.compile(r"^[^\S\n]*def\b|^[^#\n]*(\w\(|\bself\.|[^=<>!]=[^=]|:\s*$)", re.MULTILINE)
"""What tells code that cannot be parsed from words."""
IDLE = (cst.BaseNumber, cst.SimpleString, cst.ConcatenatedString, cst.Ellipsis)
"""Values that stand for nothing where a statement only says them."""
QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})


class Unreadable(Exception):
    """A piece of code is not Python; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Unwrapped:
    """One function, and what it needs from outside."""

    definition: cst.FunctionDef
    imports: dict[str, str]
    """Import statement by the name that it binds."""
    changed: bool
    """Whether the text had to be unwrapped."""
    import_lines: Mapping[str, AuthorLine]
    """Where the author wrote the import, by the name that it binds."""
    left_out: tuple[idle.LeftOut, ...]
    """Statements that could not change the model."""

    @cached_property
    def code(self) -> str:
        """The definition as text."""
        return cst.Module([self.definition]).code


def unwrap(text: str, name: str, parameters: tuple[str, ...]) -> Unwrapped:
    """Give the function of a name in a text; `parameters` are those of a body without `def`.

    Raises Unreadable, with line and column, when there is no Python in it.
    """
    plain, first_line = _plain(text)
    module, read = _parsed(plain, first_line)
    found, imports = _search(module.body, name)
    beside = [each for each in module.body if not isinstance(each, cst.FunctionDef)]
    changed = found is not None and any(map(_is_code, beside))
    changed = changed or read.strip() != text.strip()
    if found is None:
        if not any(_is_code(each) for each in module.body):
            raise Unreadable("There is no code in it.")
        classes = [each for each in module.body if isinstance(each, cst.ClassDef)]
        if classes:
            raise Unreadable(f"It holds the class {classes[0].name.value!r} and no function.")
        body = textwrap.indent(plain, "    ")
        function = f"def {name}({', '.join(parameters)}):\n{body}"
        module, _ = _parsed(function, first_line - 1)
        found, imports = _search(module.body, name)
        changed = True
    assert found is not None
    definition, inner = _without_imports(found)
    imports |= inner
    lines = dict(_import_lines(module)) if imports else {}
    definition = _with_plain_random(definition, imports)
    dropped: tuple[idle.LeftOut, ...] = ()
    if idle.MARK.search(text):
        definition, imports, dropped = idle.without_idle(definition, imports)
    return Unwrapped(
        definition=definition,
        imports=imports,
        changed=changed,
        import_lines=lines,
        left_out=dropped,
    )


@dataclass(frozen=True)
class PlainFunction:
    """A text that is one function, with nothing around it and no imports in it."""

    tree: ast.Module
    lines: list[str]
    first_line: int
    """The line of the author's text on which it begins, counted from 1."""


def plain_function(text: str) -> PlainFunction | None:
    """Give a text as one function; None for everything that is to be unwrapped."""
    if idle.MARK.search(text):
        return None
    plain, first_line = _plain(text)
    try:
        tree = parse_code(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    is_function = len(tree.body) == 1 and isinstance(tree.body[0], ast.FunctionDef)
    if not is_function or tree.body[0].lineno != 1:
        return None
    imports = any(isinstance(each, (ast.Import, ast.ImportFrom)) for each in ast.walk(tree))
    return None if imports else PlainFunction(tree, plain.split("\n"), first_line)


def is_prose(text: str) -> bool:
    """Tell whether a text that is no Python holds words only, and nothing that could be code."""
    return CODE_MARK.search(_plain(text)[0]) is None


def readable(text: str) -> str | None:
    """Give the Python in a text, without what is wrapped around it; None when there is none."""
    try:
        return _parsed(*_plain(text))[1]
    except Unreadable:
        return None


def is_empty(definition: cst.FunctionDef) -> bool:
    """Tell whether a function does nothing."""
    body = definition.body
    lines = [body] if isinstance(body, cst.SimpleStatementSuite) else body.body
    return all(
        isinstance(line, SIMPLE) and all(_is_idle(each) for each in line.body) for line in lines
    )


def _is_idle(statement: cst.BaseSmallStatement) -> bool:
    """Tell whether a statement only says a value, or nothing."""
    if not isinstance(statement, cst.Expr):
        return isinstance(statement, cst.Pass)
    value = statement.value
    is_word = isinstance(value, cst.Name) and value.value in ("None", "True", "False")
    return is_word or isinstance(value, IDLE)


def _plain(text: str) -> tuple[str, int]:
    """Give the code in a text, and the line of the text on which it begins, counted from 1."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    fence = re.search(r"```[\w+-]*\n(.*?)```", text, re.DOTALL)
    start, end = fence.span(1) if fence else (0, len(text))
    code = text[start:end]
    blank = len(code) - len(code.lstrip())
    return f"{textwrap.dedent(code).strip()}\n", 1 + text.count("\n", 0, start + blank)


def _parsed(text: str, first_line: int) -> tuple[cst.Module, str]:
    """Give the parsed text, and the text as it could be parsed."""
    for attempt in (text, text.translate(QUOTES), text.replace("\\n", "\n")):
        try:
            tree = parse_code(attempt)
            return marked(cst.parse_module(attempt), tree, attempt, first_line), attempt
        except (SyntaxError, ValueError, cst.ParserSyntaxError, RecursionError, MemoryError):
            continue
    try:
        parse_code(text)
    except SyntaxError as error:
        line = f" in {error.text.strip()!r}" if error.text else ""
        message = f"{error.msg} at line {error.lineno}, column {error.offset}{line}."
        raise Unreadable(message[0].upper() + message[1:]) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"It cannot be parsed: {error}.") from error
    raise Unreadable("It cannot be parsed.")


def _search(
    body: "list[cst.BaseStatement] | tuple[cst.BaseStatement, ...] | object",
    name: str,
    in_class: bool = False,
) -> tuple[cst.FunctionDef | None, dict[str, str]]:
    """Give the function of the name, else the only one; and the imports beside it.

    Functions beside it become helpers inside it; methods beside it are gathered on their own.
    """
    functions: list[cst.FunctionDef] = []
    imports: dict[str, str] = {}
    assert isinstance(body, (list, tuple))
    for statement in body:
        if isinstance(statement, cst.FunctionDef):
            functions.append(statement)
        elif isinstance(statement, cst.ClassDef):
            inner, more = _search(statement.body.body, name, in_class=True)
            functions += [inner] if inner else []
            imports |= more
        elif isinstance(statement, cst.SimpleStatementLine):
            imports |= _bindings(statement)
    named = [each for each in functions if each.name.value == name]
    chosen = next(iter(named or functions), None)
    if chosen is not None and len(functions) > 1 and not named:
        names = ", ".join(each.name.value for each in functions)
        raise Unreadable(f"It holds several functions ({names}) and none is called {name!r}.")
    if chosen is not None and len(functions) > 1 and not in_class:
        chosen = _with_helpers(chosen, [each for each in functions if each is not chosen])
    return chosen, imports


def _with_helpers(function: cst.FunctionDef, helpers: list[cst.FunctionDef]) -> cst.FunctionDef:
    """Give the function with the others defined inside it."""
    body = list(function.body.body)
    start = 1 if function.get_docstring() is not None else 0
    inner = [each.with_changes(leading_lines=[]) for each in helpers]
    return function.with_deep_changes(function.body, body=[*body[:start], *inner, *body[start:]])


def _is_code(statement: cst.CSTNode) -> bool:
    if isinstance(statement, cst.SimpleStatementLine):
        return not _bindings(statement)
    return True


def _bindings(statement: cst.BaseStatement) -> dict[str, str]:
    """Give the import statement for each name that a line of imports binds; {} for other lines."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return {}
    if not all(isinstance(each, (cst.Import, cst.ImportFrom)) for each in statement.body):
        return {}
    found: dict[str, str] = {}
    for each in ast.parse(cst.Module([statement]).code).body:
        assert isinstance(each, (ast.Import, ast.ImportFrom))
        for alias in each.names:
            bound = (alias.asname or alias.name).split(".")[0]
            tail = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
            if isinstance(each, ast.Import):
                found[bound] = f"import {tail}"
            elif each.module and not each.level:
                found[bound] = f"from {each.module} import {tail}"
    return found


def _import_lines(module: cst.Module) -> Iterator[tuple[str, AuthorLine]]:
    """Give the line of each name that a line of imports binds, wherever it stands."""
    for line in m.findall(module, m.SimpleStatementLine()):
        assert isinstance(line, cst.SimpleStatementLine)
        mark = mark_of(line.trailing_whitespace)
        if mark is not None:
            yield from ((bound, mark) for bound in _bindings(line))


def _without_imports(function: cst.FunctionDef) -> tuple[cst.FunctionDef, dict[str, str]]:
    """Give the function without the import lines of its body, and what they bind."""
    imports: dict[str, str] = {}
    if not isinstance(function.body, cst.IndentedBlock):
        return function, imports
    body: list[cst.BaseStatement] = []
    for statement in function.body.body:
        bindings = _bindings(statement)
        imports |= bindings
        if not bindings:
            body.append(statement)
    if not imports:
        return function, imports
    kept = body or [cst.SimpleStatementLine([cst.Pass()])]
    function = function.with_changes(body=function.body.with_changes(body=kept))
    return function, imports


def _with_plain_random(function: cst.FunctionDef, imports: dict[str, str]) -> cst.FunctionDef:
    """Write what was imported from `random` in full, so that it can be redirected."""
    written: dict[str, str] = {}
    for bound, statement in list(imports.items()):
        words = statement.split()
        if words[:3] == ["from", "random", "import"]:
            written[bound] = f"random.{words[3]}"
        elif words[:2] == ["import", "random"]:
            written |= {bound: "random"} if bound != "random" else {}
        else:
            continue
        del imports[bound]
    if not written:
        return function
    changed = function.visit(BareNames(written))
    assert isinstance(changed, cst.FunctionDef)
    return changed

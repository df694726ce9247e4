"""Verifies code before it is kept or run: Python compiles it, and it asks for nothing that a model
does not have. All is found at once, with the author's own line and with what to do instead.

This gives early, friendly errors. It is not the boundary: the sandbox is.
"""

import ast
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from abm_quant.compiling.availability import (
    CHARTS,
    ENDING,
    FUNCTIONS,
    IMPLIED,
    IN_MEMORY,
    INSIDE,
    ORDINARY_DUNDERS,
    READING,
    REFUSED_DUNDERS,
    UNAVAILABLE,
    WRITING,
    Advice,
    advice_on,
    method_advice,
    module_advice,
)
from abm_quant.compiling.behaviors.author_lines import author_lines, line_of, statements
from abm_quant.compiling.behaviors.uses import uses
from abm_quant.compiling.dialects.unwrap import Unwrapped
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.problems import Problem, errors, problem
from abm_quant.errors import UnsafeCode

LONGEST_LINE = 200
"""Most characters of a line that a message quotes."""


@dataclass(frozen=True)
class Place:
    """Where a line of code comes from."""

    path: str
    """JSON pointer into the specification."""
    shown: str = ""
    """The line as a message quotes it; empty where the place says it all."""

    @classmethod
    def of_author(cls, path: str, number: int, text: str) -> "Place":
        """Give the place of a line of the author's own code."""
        return cls(path, f" Line {number} of its code: `{text[:LONGEST_LINE]}`.")


PlaceOf = Callable[[int], Place]
"""Gives the place of a line of the code that is looked at."""


@dataclass(frozen=True)
class _Finding:
    line: int
    subject: str
    advice: Advice
    code: str = "forbidden-code"

    def problem(self, place: Place) -> Problem:
        """Give the finding as a problem of the specification."""
        verdict = "is not available" if self.code == "forbidden-code" else "is rarely needed"
        message = f"{self.subject} {verdict}: {self.advice.reason}.{place.shown}"
        return problem(self.code, place.path, message, self.advice.instead)


def verify(bundle: CodeBundle) -> CodeBundle:
    """Give the same bundle; raises UnsafeCode with what is wrong in its model."""
    source = bundle.files["model.py"]
    try:
        tree = ast.parse(source)
        compile(tree, "model.py", "exec")
    except (SyntaxError, ValueError) as error:
        path = _place_in(bundle, getattr(error, "lineno", None) or 0).path
        message = f"The generated code is not Python: {error}."
        hint = "Look at the code of this behavior." if path else ""
        raise UnsafeCode([problem("code-unreadable", path, message, hint)]) from error
    found = errors(forbidden(tree, lambda line: _place_in(bundle, line)))
    if found:
        raise UnsafeCode(found)
    return bundle


def _place_in(bundle: CodeBundle, line: int) -> Place:
    origin = bundle.origin(line)
    if origin is not None and origin.code_line is not None:
        return Place.of_author(origin.path, origin.code_line, origin.code_text)
    lines = bundle.files["model.py"].splitlines()
    text = lines[line - 1].strip() if 1 <= line <= len(lines) else ""
    shown = f" Line {line} of model.py: `{text[:LONGEST_LINE]}`."
    return Place(origin.path if origin else "", shown)


def missing_in_text(
    tree: ast.Module, lines: list[str], path: str, *, first_line: int, own: Set[str]
) -> list[Problem]:
    """Give what `forbidden` finds in a text that is one function and begins at `first_line`."""
    inner = [tree.body[0], *statements(_function(tree))]

    def place(line: int) -> Place:
        mark = line_of(_innermost(inner, line), lines, first_line)
        return Place.of_author(path, mark.number, mark.text)

    return forbidden(tree, place, own)


def missing_in(code: Unwrapped, path: str, own: Set[str]) -> list[Problem]:
    """Give what `forbidden` finds in an unwrapped function and in its imports, and what was left out.

    Libraries for a script around the model are left out where the function does not use them.
    """
    used = uses(code.code).names
    imports = [each for each in code.imports.items() if each[0] in used or not _draws(each[1])]
    tree = ast.parse("\n".join([*(line for _, line in imports), code.code]))
    inner = [tree.body[-1], *statements(_function(tree))]
    marks = [None, *author_lines(code.definition)]

    def place(line: int) -> Place:
        if line <= len(imports):
            mark = code.import_lines.get(imports[line - 1][0])
        else:
            mark = marks[inner.index(_innermost(inner, line))]
        return Place.of_author(path, mark.number, mark.text) if mark else Place(path)

    left_out = (f"`{each.written}` was left out: {each.reason}." for each in code.left_out)
    return [*forbidden(tree, place, own), *(problem("left-out", path, each) for each in left_out)]


def _draws(statement: str) -> bool:
    return advice_on(statement.split()[1]) is CHARTS


def _function(tree: ast.Module) -> ast.FunctionDef:
    function = tree.body[-1]
    assert isinstance(function, ast.FunctionDef)
    return function


def _innermost(inner: list[ast.stmt], line: int) -> ast.stmt:
    """Give the last of the statements, which stand in order, that begins by a line."""
    return [inner[0], *(each for each in inner if each.lineno <= line)][-1]


def forbidden(tree: ast.AST, place_of: PlaceOf, own: Set[str] = frozenset()) -> list[Problem]:
    """Give a problem for each thing in a syntax tree that models do not have, in order of lines.

    Each thing is named once for a line. `own` are names that the author declares: they mean what
    is declared, whatever else is called so.
    """
    look = _Look(tree, own)
    found = sorted(look.findings(), key=lambda each: each.line)
    return list(dict.fromkeys(each.problem(place_of(each.line)) for each in found))


class _Look:
    """One look at a syntax tree: its nodes by kind, and the names that it binds."""

    def __init__(self, tree: ast.AST, own: Set[str]) -> None:
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.names: list[ast.Name] = []
        self.calls: list[ast.Call] = []
        self.attributes: list[ast.Attribute] = []
        self.bound = set(own)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Load):
                    self.names.append(node)
                else:
                    self.bound.add(node.id)
            elif isinstance(node, ast.Attribute):
                self.attributes.append(node)
            elif isinstance(node, ast.Call):
                self.calls.append(node)
            elif isinstance(node, ast.arg):
                self.bound.add(node.arg)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.bound.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                self.imports.append(node)
        self.outer = {id(each.value): each for each in self.attributes}
        """The attribute that is taken from a node, by that node."""
        self.words = {each.attr for each in self.attributes} | {each.id for each in self.names}
        self.is_in_memory = bool(IN_MEMORY & self.words)

    def findings(self) -> Iterator[_Finding]:
        """Give all findings."""
        meant = IMPLIED | dict.fromkeys(self.bound, "")
        for node in self.imports:
            for each in _imported(node):
                advice = module_advice(each.name)
                meant[each.bound] = "" if advice else each.meaning
                if advice:
                    is_module = module_advice(each.module) is not None
                    subject = f"The module {each.module!r}" if is_module else f"`{each.name}`"
                    yield _Finding(node.lineno, subject, advice)
        yield from self._uses(meant)
        yield from self._functions()
        yield from self._methods()
        yield from self._dunders()

    def _uses(self, meant: dict[str, str]) -> Iterator[_Finding]:
        """Give what is taken from modules; a module that nothing imports is named once."""
        named: set[str] = set()
        for node in self.names:
            name = meant.get(node.id, "")
            at: ast.expr = node
            while name and (above := self.outer.get(id(at))) is not None:
                at, name = above, f"{name}.{above.attr}"
            advice = advice_on(name) if name else None
            if advice is None or node.id in named or self._stands_for_text(advice):
                continue
            if advice_on(meant[node.id]):
                named.add(node.id)
            yield _Finding(node.lineno, f"`{ast.unparse(at)}`", advice)

    def _functions(self) -> Iterator[_Finding]:
        """Give calls of Python's own functions, and what ends the program."""
        for call in self.calls:
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            if name in FUNCTIONS and name not in self.bound:
                yield _Finding(call.lineno, f"`{name}`", UNAVAILABLE[name])
        for node in self.names:
            if node.id == "SystemExit":
                yield _Finding(node.lineno, "`SystemExit`", ENDING)
            elif node.id == "__builtins__":
                yield _Finding(node.lineno, "`__builtins__`", INSIDE)

    def _methods(self) -> Iterator[_Finding]:
        """Give calls of methods that write a file which they are told, or draw a table."""
        for call in self.calls:
            if not isinstance(call.func, ast.Attribute) or call.func.attr in self.bound:
                continue
            name, told = call.func.attr, bool(call.args or call.keywords)
            advice = method_advice(name, told, self.words)
            if advice and not self._is_own(call.func) and not self._stands_for_text(advice):
                yield _Finding(call.lineno, f"`{name}`", advice)

    @staticmethod
    def _is_own(method: ast.Attribute) -> bool:
        """Tell whether a method is asked of the agent or the model itself."""
        return getattr(method.value, "attr", getattr(method.value, "id", "")) in ("self", "model")

    def _stands_for_text(self, advice: Advice) -> bool:
        return self.is_in_memory and advice in (READING, WRITING)

    def _dunders(self) -> Iterator[_Finding]:
        for node in self.attributes:
            name = node.attr
            if not (name.startswith("__") and name.endswith("__")) or name in ORDINARY_DUNDERS:
                continue
            code = "forbidden-code" if name in REFUSED_DUNDERS else "unusual-attribute"
            yield _Finding(node.lineno, f"`{name}`", INSIDE, code)


@dataclass(frozen=True)
class _Imported:
    """One name that an import binds."""

    bound: str
    name: str
    """The full name of what is imported."""
    module: str
    """The module that it is, or that it comes from."""
    meaning: str
    """The full name that the bound name stands for."""


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[_Imported]:
    """Give each name that an import binds."""
    for alias in node.names:
        bound = alias.asname or alias.name.split(".")[0]
        if isinstance(node, ast.ImportFrom):
            module = node.module or "."
            name = f"{module}.{alias.name}"
            yield _Imported(alias.asname or alias.name, name, module, name)
        else:
            meaning = alias.name if alias.asname else bound
            yield _Imported(bound, alias.name, alias.name, meaning)

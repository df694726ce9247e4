"""Leaves out idle statements: what only waits, draws or writes files changes nothing in a model.

`time.sleep(1)`, `plt.plot(xs)` and `df.to_csv("a.csv")` go where they stand alone and their
arguments only read; so do the figures and axes that only such statements use. What such a library
gives to the model stays, and is refused like all that models do not have.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import libcst as cst

from abm_quant.compiling.availability import (
    CHARTS,
    IMPLIED,
    IN_MEMORY,
    METHODS,
    PROGRESS,
    TABLE_CHARTS,
    WRITING,
    idle,
    method_advice,
)
from abm_quant.compiling.dialects.plain import left_out, text
from abm_quant.compiling.dialects.scope import bound_names, chain, free_names

MARK = re.compile(
    r"\b(?:sleep|gc|plt|sns|tqdm|draw\w*|write_\w+|save\w*|display|clear_output|show|dump|"
    rf"{'|'.join([*METHODS, *TABLE_CHARTS])})\b|\b(?:matplotlib|seaborn|plotly|IPython|altair|visualization)\b"
)
"""What a text with such a statement holds."""
READING = frozenset(
    {
        *("abs", "all", "any", "dict", "enumerate", "float", "int", "isinstance", "len", "list"),
        *("max", "min", "range", "round", "set", "sorted", "str", "sum", "tuple", "type", "zip"),
        *("copy", "count", "format", "get", "index", "items", "join", "keys", "mean", "std"),
        *("tolist", "values", "Counter", "DataFrame", "Series", "array", "arange", "linspace"),
        *("get_agent_vars_dataframe", "get_model_vars_dataframe", "spring_layout"),
    }
)
"""Functions and methods that change nothing that they are given."""
WORD = re.compile(r"\w+")
_LONGEST = 80


@dataclass(frozen=True)
class LeftOut:
    """One statement or call that was left out."""

    written: str
    """How it begins."""
    reason: str


def without_idle(
    definition: cst.FunctionDef, imports: Mapping[str, str]
) -> tuple[cst.FunctionDef, dict[str, str], tuple[LeftOut, ...]]:
    """Give a function without its idle statements, the imports that it needs then, and these."""
    module = cst.Module([definition])
    finder = _Idle(_meanings(module.code, imports), frozenset(WORD.findall(module.code)))
    changed = module.visit(finder)
    code = changed.code
    if not finder.found or finder.drawn & (free_names(code) | bound_names(code)):
        return definition, dict(imports), ()
    result = changed.body[0]
    assert isinstance(result, cst.FunctionDef)
    gone = free_names(module.code) - free_names(code)
    kept = {name: line for name, line in imports.items() if name not in gone}
    return result, kept, tuple(dict.fromkeys(finder.found))


def _meanings(code: str, imports: Mapping[str, str]) -> dict[str, str]:
    """Give the full name that each name of a module or of what is in it stands for."""
    found = {name: full for name, full in IMPLIED.items() if name not in bound_names(code)}
    for bound, line in imports.items():
        words = line.split()
        if words[0] == "from":
            found[bound] = f"{words[1]}.{words[3]}"
        else:
            found[bound] = words[1] if len(words) > 2 else bound
    return found


class _Idle(cst.CSTTransformer):
    """Finds and drops idle statements, in the order of the text."""

    def __init__(self, meanings: Mapping[str, str], words: frozenset[str]) -> None:
        super().__init__()
        self.meanings = meanings
        self.words = words
        self.drawn: set[str] = set()
        """Names of figures and axes."""
        self.found: list[LeftOut] = []
        self.emptied: list[cst.BaseStatement] = []
        """What stands in the place of what was dropped."""

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement:
        """Drop a line, or keep it."""
        if len(original_node.body) != 1 or (why := self._why(original_node.body[0])) is None:
            return updated_node
        self.found.append(LeftOut(text(original_node.body[0])[:_LONGEST], why))
        return self._nothing()

    def leave_If(self, original_node: cst.If, updated_node: cst.If) -> cst.BaseStatement:
        """Drop a condition of nothing."""
        is_idle = updated_node.orelse is None and self._is_emptied(updated_node.body)
        return self._nothing() if is_idle and _only_reads(original_node.test) else updated_node

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.BaseStatement:
        """Drop a loop of nothing."""
        is_idle = updated_node.orelse is None and self._is_emptied(updated_node.body)
        return self._nothing() if is_idle and _only_reads(original_node.iter) else updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Give what a progress bar goes through."""
        name = self._full_name(original_node.func)
        given = updated_node.args
        if name not in PROGRESS or not given or given[0].keyword or given[0].star:
            return updated_node
        self.found.append(LeftOut(text(original_node.func)[:_LONGEST], PROGRESS[name]))
        return given[0].value

    def _nothing(self) -> cst.SimpleStatementLine:
        line = left_out()
        self.emptied.append(line)
        return line

    def _is_emptied(self, body: cst.BaseSuite) -> bool:
        lines = body.body if isinstance(body, cst.IndentedBlock) else ()
        return bool(lines) and all(any(line is each for each in self.emptied) for line in lines)

    def _why(self, statement: cst.BaseSmallStatement) -> str | None:
        """Give why a statement changes nothing in the model, None where it may."""
        if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call):
            return self._why_call(statement.value)
        if not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
            return None
        names = _plain_names(statement.targets[0].target)
        is_drawing = self._root(statement.value) == CHARTS.reason
        if not names or not is_drawing or not _only_reads(statement.value, called=True):
            return None
        self.drawn |= names
        return CHARTS.reason

    def _why_call(self, call: cst.Call) -> str | None:
        why = self._root(call)
        if why is None and isinstance(call.func, cst.Attribute):
            owner = chain(call.func.value)
            advice = method_advice(call.func.attr.value, bool(call.args), self.words)
            is_own = owner is not None and owner[-1] in ("self", "model")
            why = advice.reason if advice and not is_own and _only_reads(call.func.value) else None
        if why == WRITING.reason and IN_MEMORY & self.words:
            return None
        return why if why and _only_reads(call, called=True) else None

    def _root(self, node: cst.BaseExpression) -> str | None:
        """Give why what a chain of calls begins with changes nothing in the model."""
        name = self._full_name(node)
        while name is None and isinstance(node, cst.Call | cst.Attribute | cst.Subscript):
            node = node.func if isinstance(node, cst.Call) else node.value
            name = self._full_name(node)
        if name is None:
            return None
        return CHARTS.reason if name.split(".")[0] in self.drawn else idle(name)

    def _full_name(self, node: cst.BaseExpression) -> str | None:
        names = chain(node)
        if names is None:
            return None
        return ".".join((self.meanings.get(names[0], names[0]), *names[1:]))


def _plain_names(target: cst.BaseExpression) -> set[str]:
    """Give the names that a target binds; none where it sets anything else."""
    parts = [each.value for each in target.elements] if isinstance(target, cst.Tuple) else [target]
    names = {each.value for each in parts if isinstance(each, cst.Name)}
    return names if len(names) == len(parts) else set()


def _only_reads(node: cst.BaseExpression, *, called: bool = False) -> bool:
    """Tell whether an expression changes nothing; `called`: its own calls are known to."""
    own: list[cst.Call] = []
    while called and isinstance(node, cst.Call | cst.Attribute | cst.Subscript):
        if isinstance(node, cst.Call):
            own.append(node)
        node = node.func if isinstance(node, cst.Call) else node.value
    parts: list[cst.CSTNode] = [node, *(arg.value for call in own for arg in call.args)]
    finder = _Changes()
    for each in parts:
        each.visit(finder)
    return not finder.found


class _Changes(cst.CSTVisitor):
    """Finds calls that may change something, and what binds or waits inside of an expression."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def visit_Call(self, node: cst.Call) -> None:
        """See what is called."""
        name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
        self.found |= not isinstance(name, cst.Name) or name.value not in READING

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        """See a name bound."""
        self.found = True

    def visit_Yield(self, node: cst.Yield) -> None:
        """See a wait."""
        self.found = True

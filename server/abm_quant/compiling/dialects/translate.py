"""Brings a piece of an author's code to the one dialect, plain current Mesa.

The order of the dialects matters. SourceNames come first, because they are unambiguous and their
dots would be taken for attributes by the others. Mesa 2 follows, while `self.model.schedule` still
has its old shape. AgentPy comes next, and within it parameters before all that may be computed from
them; records, which are statements and would be taken for calls of lists; spaces before lists,
because asking a space gives a list. Then calls are completed, before the names in front of them change, and random
numbers redirected, while `random` is still a bare name, and graphs seeded. Paths through the environment are shortened
next; bare names come last, when everything that has a better reading is gone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.dialects import (
    agentpy_lists,
    agentpy_parameters,
    agentpy_recording,
    agentpy_spaces,
    bare_names,
    calls,
    common_functions,
    graphs,
    kinds,
    mesa_2,
    model_paths,
    randomness,
    source_names,
    spelling,
    unique_ids,
)
from abm_quant.compiling.dialects.plain import left_out
from abm_quant.compiling.dialects.scope import Scope, chain, free_names
from abm_quant.compiling.dialects.unwrap import Unreadable, Unwrapped, unwrap
from abm_quant.compiling.reading.parsing import parse_expression


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One habit of authors, and its cure."""

    applies: Callable[[str, Scope], bool]
    rewrite: Callable[[cst.Module, str, Scope], cst.Module]
    note: str


def _marked(mark: "re.Pattern[str]") -> Callable[[str, Scope], bool]:
    return lambda text, scope: mark.search(text) is not None


DIALECTS = (
    Dialect(
        applies=_marked(source_names.MARK), rewrite=source_names.rewrite, note=source_names.NOTE
    ),
    Dialect(applies=unique_ids.applies, rewrite=unique_ids.rewrite, note=unique_ids.NOTE),
    Dialect(applies=_marked(mesa_2.MARK), rewrite=mesa_2.rewrite, note=mesa_2.NOTE),
    Dialect(
        applies=_marked(agentpy_parameters.MARK),
        rewrite=agentpy_parameters.rewrite,
        note=agentpy_parameters.NOTE,
    ),
    Dialect(
        applies=_marked(agentpy_recording.MARK),
        rewrite=agentpy_recording.rewrite,
        note=agentpy_recording.NOTE,
    ),
    Dialect(
        applies=agentpy_spaces.applies, rewrite=agentpy_spaces.rewrite, note=agentpy_spaces.NOTE
    ),
    Dialect(applies=agentpy_lists.applies, rewrite=agentpy_lists.rewrite, note=agentpy_lists.NOTE),
    Dialect(
        applies=common_functions.applies,
        rewrite=common_functions.rewrite,
        note=common_functions.NOTE,
    ),
    Dialect(applies=kinds.applies, rewrite=kinds.rewrite, note=kinds.NOTE),
    Dialect(applies=calls.applies, rewrite=calls.rewrite, note=calls.NOTE),
    Dialect(applies=_marked(randomness.MARK), rewrite=randomness.rewrite, note=randomness.NOTE),
    Dialect(applies=_marked(graphs.MARK), rewrite=graphs.rewrite, note=graphs.NOTE),
    Dialect(applies=spelling.applies, rewrite=spelling.rewrite, note=spelling.NOTE),
    Dialect(applies=model_paths.applies, rewrite=model_paths.rewrite, note=model_paths.NOTE),
    Dialect(applies=lambda text, scope: True, rewrite=bare_names.rewrite, note=bare_names.NOTE),
)


@dataclass(frozen=True, kw_only=True)
class Translated:
    """A function in the one dialect."""

    definition: cst.FunctionDef
    code: str
    """The definition as text."""
    imports: dict[str, str]
    """Import statement by the name that it binds, as the author wrote them."""
    free: frozenset[str]
    """Names that the code takes from its module."""
    notes: tuple[str, ...]
    """What was changed."""


def translate(piece: Unwrapped, name: str, scope: Scope) -> Translated:
    """Give a function in the one dialect under the given name."""
    own = piece.definition
    if own.name.value == name and not own.decorators and not own.leading_lines:
        module, code = cst.Module([own]), piece.code
    else:
        named = own.with_changes(name=cst.Name(name), decorators=_properties(own), leading_lines=())
        module = cst.Module([named])
        code = module.code
    notes = ["The code was unwrapped."] if piece.changed else []
    for dialect in DIALECTS:
        if not dialect.applies(code, scope):
            continue
        changed = dialect.rewrite(module, code, scope)
        if changed is not module and changed.code != code:
            notes.append(dialect.note)
            module, code = changed, changed.code
    if re.search(r"^\s+pass\b", code, re.MULTILINE):
        module = module.visit(_IdlePass())
        code = module.code
    result = module.body[0]
    assert isinstance(result, cst.FunctionDef)
    return Translated(
        definition=result,
        code=code,
        imports=piece.imports,
        free=frozenset(free_names(code)),
        notes=tuple(notes),
    )


def _properties(function: cst.FunctionDef) -> list[cst.Decorator]:
    """Give the decorator by which callers read a method as an attribute, where it has it."""
    return [each for each in function.decorators if m.matches(each.decorator, m.Name("property"))]


def translate_expression(text: str, scope: Scope) -> tuple[cst.BaseExpression, Translated]:
    """Give an expression in the one dialect; raises Unreadable when it is none."""
    try:
        parse_expression(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"{text!r} is not an expression.") from error
    piece = unwrap(f"def value(self):\n    return ({text.strip()}\n)", "value", ())
    result = translate(piece, "value", scope)
    block = result.definition.body
    line = block.body[-1]
    assert isinstance(line, cst.SimpleStatementLine)
    statement = line.body[0]
    assert isinstance(statement, cst.Return) and statement.value is not None
    return _without_parentheses(statement.value), result


def _without_parentheses(node: cst.BaseExpression) -> cst.BaseExpression:
    """Give the expression without the pair of parentheses that was put around it."""
    return node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1]) if node.lpar else node


class _IdlePass(cst.CSTTransformer):
    """Drops a `pass` beside other statements; the dialects leave one where they drop a line."""

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        kept = [each for each in updated_node.body if not _is_pass(each)]
        if len(kept) == len(updated_node.body):
            return updated_node
        return updated_node.with_changes(body=kept or updated_node.body[:1])


def _is_pass(statement: cst.BaseStatement) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    return isinstance(statement.body[0], cst.Pass) and not statement.leading_lines


def idle_calls_left_out(definition: cst.FunctionDef, names: set[str]) -> cst.FunctionDef:
    """Give a function without the statements that only call functions of these names."""
    module = cst.Module([definition]).visit(_IdleCalls(names)).visit(_IdlePass())
    result = module.body[0]
    assert isinstance(result, cst.FunctionDef)
    return result


class _IdleCalls(cst.CSTTransformer):
    """Drops calls of functions that do nothing: `f(x)`, `self.f()` and `agents.do("f")`."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement:
        statement = updated_node.body[0]
        if not isinstance(statement, cst.Expr) or not isinstance(statement.value, cst.Call):
            return updated_node
        call = statement.value
        called = {(chain(call.func) or ("",))[-1]}
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in ("do", "shuffle_do"):
            told = call.args[0].value if call.args else None
            called = {str(told.evaluated_value)} if isinstance(told, cst.SimpleString) else called
        return left_out() if called & self.names else updated_node

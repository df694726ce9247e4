"""Values: the initial values, counts, arguments and targets of a specification, as expressions.

A string is, in this order: a reference when it resolves; an expression when it parses and names
something that exists; a literal of the declared type; otherwise text (specification, section 2.7).
"""

import ast
import re
from dataclasses import dataclass, field, replace
from typing import Any

import libcst as cst

from abm_quant.compiling.behaviors.pieces import Piece, Pieces
from abm_quant.compiling.behaviors.uses import Uses, uses
from abm_quant.compiling.dialects.common_functions import (
    chance_meant,
    common_function,
    variable_meant,
)
from abm_quant.compiling.dialects.scope import BUILTINS, Scope
from abm_quant.compiling.dialects.translate import translate_expression
from abm_quant.compiling.dialects.unwrap import Unreadable
from abm_quant.compiling.naming.known import KNOWN_IMPORTS
from abm_quant.compiling.reading.parsing import parse_expression
from abm_quant.compiling.resolve import (
    MODEL_STATE,
    Declared,
    Names,
)
from abm_quant.compiling.values.literals import (
    as_type,
    calls,
    computes,
    is_computed,
    is_number,
    own_names,
    quoted,
    start_without_value,
    typed_literal,
    zero_divisor,
)
from abm_quant.compiling.values.supplying import Supply
from abm_quant.compiling.values.wording import NUMERIC, chance_in, number_in
from abm_quant.compiling.verify import Place, forbidden
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import Call, Input, Value, ValueType, Variable

SOURCE_NAME = re.compile(
    r"(globalVariables?|environment\.environmentAttributes?|agents?\.[^.\s]+\.agentAttributes?)"
    r"\.[^.\s()\[\]]+"
)
"""A text of this form refers to a variable and can mean nothing else."""


@dataclass(frozen=True, kw_only=True)
class Lowered:
    """A value as an expression."""

    expression: cst.BaseExpression
    uses: Uses = Uses()
    literal: bool | int | float | str | None = None
    """The plain value, where it is one."""
    imports: dict[str, str] = field(default_factory=dict)
    free: frozenset[str] = frozenset()

    @property
    def is_literal(self) -> bool:
        """Whether this is a plain number, boolean or text."""
        return self.literal is not None


@dataclass
class Values:
    """Lowers values; collects problems and the imports that they need."""

    names: Names
    pieces: Pieces
    counts: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    imports: dict[str, str] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.supply = Supply(self.names, self.problems, self._expression)

    def scope(self, agent_type: str | None = None) -> Scope:
        """Give the scope of a method of the model, or of the `__init__` of an agent type."""
        return Scope(
            owner="agent" if agent_type else "model",
            model="model" if agent_type else "self",
            me="self" if agent_type else None,
            agent_type=agent_type,
            names=self.names,
            functions=self.pieces.functions,
            counts=self.counts,
            ids_from_zero=self.pieces.ids_from_zero,
            numbered=self._numbered(agent_type),
            agentpy=self.pieces.agentpy,
            is_start=True,
        )

    def _numbered(self, agent_type: str | None) -> str | None:
        """Give the class whose agents are numbered apart from those of other types."""
        class_name = self.names.type_names.get(agent_type or "")
        is_born = any(name == class_name for name, _ in self.pieces.all_uses().created)
        several = len(self.names.type_names) > 1
        return class_name if self.pieces.numbers_agents and several and not is_born else None

    def lower(self, value: Value, kind: ValueType | None, scope: Scope, path: str) -> Lowered:
        """Give the expression of a value that stands at a path of the specification."""
        lowered = self._lower(value, kind, scope, path)
        self.imports |= lowered.imports
        self.free |= lowered.free
        return lowered

    def in_model(self, text: str) -> Lowered | None:
        """Give an expression of the author's code as it stands in a method of the model."""
        lowered = self.expression(text, None, self.scope())
        if lowered is not None:
            self.imports |= lowered.imports
            self.free |= lowered.free
        return lowered

    def _lower(self, value: Any, kind: ValueType | None, scope: Scope, path: str) -> Lowered:
        if isinstance(value, Call):
            return self._call(value.function, value.args or [], scope, path)
        if isinstance(value, dict) and isinstance(value.get("function"), str):
            arguments = value.get("args")
            return self._call(
                value["function"], arguments if isinstance(arguments, list) else [], scope, path
            )
        if isinstance(value, str):
            return self._text(value, kind, scope, path)
        return _literal(as_type(value, kind))

    def _expression(
        self, value: Value, kind: ValueType | None, scope: Scope, path: str
    ) -> cst.BaseExpression:
        return self._lower(value, kind, scope, path).expression

    def _text(self, text: str, kind: ValueType | None, scope: Scope, path: str) -> Lowered:
        if "/args/" in path and text in ("self", "agent", "model", "self.model"):
            me = scope.me if text in ("self", "agent") else None
            return _parsed(me or scope.model)
        if scope.me and text.strip() == "unique_id" and kind != "string":
            text = "self.unique_id"
        declared = self.names.find(text, agent_type=scope.agent_type)
        if declared is not None and self._is_meant(declared, text, kind, scope):
            return self._reference(declared, text, scope, path)
        if declared is None and SOURCE_NAME.fullmatch(text.strip()):
            self._undefined("undefined-reference", path, f"Nothing is called {text!r}.", text)
            return _literal(0)
        inner = quoted(text)
        if inner is not None and kind in ("string", None):
            self.note(path, f"The text {text!r} was read without its quotes.")
            return _literal(inner)
        chance = chance_in(text, kind) if kind in (*NUMERIC, "boolean") else None
        if chance is not None:
            self.note(path, f"The text {text!r} was read as `{chance}`.")
            text = chance
        expression = self.expression(text, kind, scope)
        if expression is None:
            return self._plain(text, kind, path)
        code = cst.Module([]).code_for_node(expression.expression)
        zero = zero_divisor(code, self._zeros())
        if zero is not None:
            self.note(path, f"{text!r} divides by {zero}, which starts at 0; it starts at 0.")
            return _literal(as_type(0, kind))
        if chance is None:
            self.note(path, f"The text {text!r} was read as an expression.")
        self._look(code, path)
        found = list(dict.fromkeys(scope.assumptions))
        self.problems += [problem(code, path, message) for code, message in found]
        return expression

    def _plain(self, text: str, kind: ValueType | None, path: str) -> Lowered:
        """Give the value that a text stands for which computes nothing; else the text itself."""
        number = number_in(text) if kind in NUMERIC and not is_number(text) else None
        parsed = typed_literal(text, kind) if number is None else ast.Constant(number)
        if parsed is not None:
            self.note(path, f"The text {text!r} was read as the value {parsed.value!r}.")
            return _literal(as_type(parsed.value, kind))
        if kind in ("string", "object", None):
            return _literal(text)
        if not path.endswith("/initialValue"):
            self.note(path, f"{text!r} is no {kind} and names nothing; it was kept as text.")
            return _literal(text)
        start = start_without_value(text, kind)
        self.note(path, f"{text!r} is no {kind} and names nothing; it starts as {start!r}.")
        return _literal(as_type(start, kind))

    def _is_meant(
        self, declared: Declared, text: str, kind: ValueType | None, scope: Scope
    ) -> bool:
        """Tell whether a text that equals a name refers to it; a word in a text field is text."""
        if scope.written(declared) is None:
            return False
        if declared.kind in ("global-function", "environment-behavior", "agent-behavior"):
            return "." in text
        if kind == "string" and "." not in text:
            item = declared.item
            return isinstance(item, Variable) and item.type == "string" and text == declared.name
        return "." in text or text == declared.name or kind not in ("string", None)

    def _reference(self, declared: Declared, text: str, scope: Scope, path: str) -> Lowered:
        written = scope.written(declared)
        assert written is not None
        if declared.kind in ("global-function", "environment-behavior", "agent-behavior"):
            return self._call(declared.source_name, [], scope, path)
        if text != declared.source_name:
            self.note(path, f"The text {text!r} was read as {declared.source_name}.")
        item = declared.item
        if path.endswith("/initialValue") and isinstance(item, Variable) and item.type == "array":
            self.note(path, f"It starts as a copy of {declared.source_name}, and is its own.")
            copied = _parsed(f"copy.deepcopy({written})")
            return replace(copied, imports={"copy": "import copy"}, free=frozenset({"copy"}))
        return _parsed(written)

    def expression(self, text: str, kind: ValueType | None, scope: Scope) -> Lowered | None:
        """Give the expression that a text is, None when it names nothing that exists."""
        try:
            tree = parse_expression(text)
            if isinstance(tree.body, ast.Lambda) and not tree.body.args.args:
                return self.expression(ast.unparse(tree.body.body), kind, scope)
            if isinstance(tree.body, ast.Name) or (kind == "string" and not computes(tree)):
                return None
            expression, translated = translate_expression(text, scope)
        except (Unreadable, SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        roots = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        named = {name for name in roots if self._exists(name, scope)}
        unknown = roots - named - BUILTINS - own_names(tree)
        computed = kind not in ("string", None) and is_computed(tree)
        if not named and not (roots and calls(tree)) and not computed or unknown:
            return None
        code = cst.Module([]).code_for_node(expression)
        return Lowered(
            expression=expression,
            uses=uses(code),
            imports=translated.imports,
            free=translated.free,
        )

    def _look(self, code: str, path: str) -> None:
        """Say what in an expression models do not have."""
        place = Place(path)
        tree = ast.parse(f"({code}\n)")
        self.problems += forbidden(tree, lambda line: place, self.names.known)

    def _zeros(self) -> dict[str, str]:
        """Give the sourceName of each variable that starts at 0, by Python name."""
        return {
            each.python: each.source_name
            for each in self.names.of(*MODEL_STATE)
            if isinstance(each.item, Variable) and each.item.initial_value in (0, "0", "0.0")
        }

    def _exists(self, name: str, scope: Scope) -> bool:
        if name in KNOWN_IMPORTS or name in ("self", "model", "random", "rng", "environment"):
            return True
        if name in ("globalVariable", "globalFunction", "agent") or name in self.pieces.functions:
            return True
        if common_function(name) is not None:
            return True
        return scope.bare(name) is not None or name in self.names.type_names

    def _call(self, function: str, arguments: list[Any], scope: Scope, path: str) -> Lowered:
        declared = self.names.find(function, "global-function", "environment-behavior")
        facts = self.pieces.functions.get(function)
        name = declared.python if declared else facts.python if facts else None
        piece = self._piece(declared) if declared else self.pieces.function(name or "")
        if piece is None or name is None:
            return self._foreign_call(function, arguments, scope, path)
        given = [
            self._lower(each, _input_type(piece, index), scope, f"{path}/args/{index}")
            for index, each in enumerate(arguments)
        ]
        supplied = self.supply.give(piece, [each.expression for each in given], scope, path)
        target = f"{scope.model}.{name}" if piece.owner == "model" else name
        call = cst.Call(cst.parse_expression(target), [cst.Arg(each) for each in supplied])
        total = Uses(called=frozenset({name}))
        imports: dict[str, str] = {}
        for each in given:
            total, imports = total | each.uses, imports | each.imports
        free = frozenset().union(*(each.free for each in given))
        code = cst.Module([]).code_for_node(call)
        return Lowered(expression=call, uses=total | uses(code), imports=imports, free=free)

    def _foreign_call(
        self, function: str, arguments: list[Any], scope: Scope, path: str
    ) -> Lowered:
        """Give the call of a library's function, such as `random.uniform`; else a problem."""
        root = function.split(".")[0]
        if root in ("random", "rng") or root in KNOWN_IMPORTS or function in BUILTINS:
            codes = self._written(arguments, scope, path)
            expression = self.expression(f"{function}({', '.join(codes)})", None, scope)
            if expression is not None:
                self._look(function + "()", path)
                return expression
        meant = self._meant_by(function, arguments, scope, path)
        if meant is not None:
            return meant
        message = f"The function {function!r} is not declared."
        self._undefined("undefined-function", path, message, function)
        return _literal(0)

    def _written(self, arguments: list[Any], scope: Scope, path: str) -> list[str]:
        """Give arguments as text."""
        given = [
            self._lower(each, "number" if is_number(each) else None, scope, path)
            for each in arguments
        ]
        return [cst.Module([]).code_for_node(each.expression) for each in given]

    def _meant_by(
        self, function: str, arguments: list[Any], scope: Scope, path: str
    ) -> Lowered | None:
        """Give what an undeclared function evidently means, with a warning."""
        declared = variable_meant(function, self.names)
        common = common_function(function)
        if declared is not None:
            written = scope.written(declared)
            lowered, meant = _parsed(written or "None"), declared.source_name
        elif common is not None and common != function:
            lowered, meant = self._foreign_call(common, arguments, scope, path), common
        elif (chance := chance_meant(function, self._written(arguments, scope, path))) is not None:
            found = self.expression(chance, "boolean", scope)
            if found is None:
                return None
            lowered, meant = found, chance
        else:
            return None
        message = f"The function {function!r} is not declared; it was read as {meant}."
        hint = "Declare the function, or use what is named here."
        self.problems.append(problem("function-assumed", path, message, hint))
        return lowered

    def _piece(self, declared: Declared) -> Piece | None:
        return self.pieces.by_path.get(declared.path)

    def _undefined(self, code: str, path: str, message: str, reference: str) -> None:
        close = ", ".join(self.names.close_to(reference))
        hint = f"Did you mean {close}?" if close else "Declare it."
        hint += " Or write a number." if path.endswith("/initialCount") else ""
        self.problems.append(problem(code, path, message, hint))

    def note(self, path: str, message: str) -> None:
        """Add the note that a value was read otherwise than it was written."""
        self.problems.append(problem("value-assumed", path, message))


def _input_type(piece: Piece, index: int) -> ValueType | None:
    inputs: tuple[Input, ...] = piece.inputs
    return inputs[index].type if index < len(inputs) else None


def _literal(value: Any) -> Lowered:
    plain = value if isinstance(value, (bool, int, float, str)) else None
    return Lowered(expression=cst.parse_expression(repr(value)), literal=plain)


def _parsed(written: str) -> Lowered:
    return Lowered(expression=cst.parse_expression(written), uses=uses(written))

"""What is known of a model's parameters before it runs: names, kinds, and whether steps read them."""

import ast
import math
from collections.abc import Iterator
from functools import cached_property

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.jobs import ParameterValue
from abm_quant.errors import BadRequest

_WORDS = {bool: "true or false", int: "a number", float: "a number", str: "a text"}
_MAX_TEXT = 10_000
_IN_EVERY_STEP = ("step", "update")
"""The methods of a model that run in every step."""
_MAX_BITS = 1_000
_MAKERS = ("__init__", "setup")
"""The methods that run when something is made of a class."""
_BY_ANY_NAME = ("getattr", "vars")
"""Functions that read attributes whose names may be made anywhere."""


class Parameters:
    """The parameters of a bundle, as its code tells of them."""

    def __init__(self, bundle: CodeBundle) -> None:
        self._bundle = bundle

    def check(self, name: str, value: ParameterValue) -> None:
        """Raise BadRequest when the model has no such parameter, or one of another kind."""
        if name not in self._bundle.parameters:
            names = ", ".join(sorted(self._bundle.parameters)) or "none"
            raise BadRequest(f"The model has no parameter {name!r}. Its parameters: {names}.")
        if not isinstance(value, bool | int | float | str):
            raise BadRequest(f"The parameter {name!r} must be a number, a text, true or false.")
        if isinstance(value, float) and not math.isfinite(value):
            raise BadRequest(f"The parameter {name!r} must be a finite number, not {value}.")
        if isinstance(value, int) and value.bit_length() > _MAX_BITS:
            raise BadRequest(f"The parameter {name!r} is a number of too many digits.")
        if isinstance(value, str) and len(value) > _MAX_TEXT:
            raise BadRequest(
                f"The parameter {name!r} is a text of {len(value):,} characters; "
                f"it may have {_MAX_TEXT:,}."
            )
        default = self.defaults.get(name)
        if default is None:
            return
        wanted, given = _WORDS[type(default)], _WORDS[type(value)]
        if wanted != given:
            raise BadRequest(
                f"The parameter {name!r} is {wanted} ({default!r} by default), not {value!r}."
            )

    def check_change(self, name: str, value: ParameterValue) -> None:
        """Raise BadRequest when a parameter cannot be changed to a value while the model runs."""
        self.check(name, value)
        if name not in self.live:
            raise BadRequest(
                f"The parameter {name!r} is read only while the model is set up; "
                "start a new run to give it another value."
            )

    @cached_property
    def defaults(self) -> dict[str, ParameterValue]:
        """The literal defaults: of the model class's keyword arguments, or in PARAMETERS."""
        found = {}
        for name, default in _default_nodes(self._tree, self._bundle.entry_point):
            try:
                value = ast.literal_eval(default)
            except ValueError:
                continue
            if isinstance(value, bool | int | float | str):
                found[name] = value
        return found

    @cached_property
    def live(self) -> frozenset[str]:
        """The parameters that steps may read; a change of the others would change nothing.

        A function may be called by a step when its name stands in what a step calls, also as text.
        """
        known = frozenset(self._bundle.parameters)
        code = _code_of_steps(self._tree, self._bundle.entry_point)
        nodes = [node for each in code for node in ast.walk(each)]
        if not nodes or any(isinstance(n, ast.Name) and n.id in _BY_ANY_NAME for n in nodes):
            return known
        texts = {n.value for n in nodes if isinstance(n, ast.Constant)}
        return known & (texts | {n.attr for n in nodes if isinstance(n, ast.Attribute)})

    @cached_property
    def _tree(self) -> ast.Module:
        try:
            return ast.parse(self._bundle.files["model.py"])
        except (SyntaxError, ValueError, RecursionError):
            return ast.Module([], [])  # The run itself reports code that cannot be read.


def _default_nodes(tree: ast.Module, entry_point: str) -> Iterator[tuple[str, ast.expr]]:
    """Give the names of parameters with what stands as their default."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PARAMETERS":
            if isinstance(node.value, ast.Dict):
                pairs = zip(node.value.keys, node.value.values, strict=True)
                yield from (
                    (str(key.value), each) for key, each in pairs if isinstance(key, ast.Constant)
                )
        elif isinstance(node, ast.ClassDef) and node.name == entry_point:
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    yield from _argument_defaults(method.args)


def _argument_defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    plain = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(plain), reversed(arguments.defaults), strict=False):
        yield argument.arg, default
    for argument, only in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if only is not None:
            yield argument.arg, only


def _code_of_steps(tree: ast.Module, entry_point: str) -> list[ast.AST]:
    """Give the functions and other code that steps may run."""
    called: dict[str, list[ast.AST]] = {}
    waiting: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name not in _MAKERS:
            called.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            makers = [each for each in methods if each.name in _MAKERS]
            called[node.name] = [*makers, ast.Tuple(elts=node.bases)]
            if node.name == entry_point:
                waiting += [each for each in methods if each.name in _IN_EVERY_STEP]
        elif isinstance(node, ast.Lambda) or _is_collector(node):
            waiting.append(node)
    found: list[ast.AST] = []
    while waiting:
        found += waiting
        names = {name for each in waiting for name in _names(each)}
        waiting = [node for name in names & called.keys() for node in called.pop(name)]
    return found


def _is_collector(node: ast.AST) -> bool:
    """Tell whether it makes Mesa's record of what is tracked, which reads in every step."""
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("DataCollector")


def _names(node: ast.AST) -> Iterator[str]:
    """Give the names in some code, without classes that only say whose agents are meant."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Subscript) and child is node.slice and isinstance(child, ast.Name):
            continue
        match child:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.Constant(value=str(text)):
                yield text
        yield from _names(child)

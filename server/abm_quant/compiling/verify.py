"""Verifies generated code before it is kept or run: Python compiles it, and it asks for nothing
that a model does not need.

This gives early, friendly errors. It is not the boundary: the sandbox is.
"""

import ast
from collections.abc import Callable

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.problems import Problem, problem
from abm_quant.errors import UnsafeCode

ALLOWED_IMPORTS = {
    *("__future__", "abc", "bisect", "cmath", "collections", "copy", "dataclasses", "datetime"),
    *("decimal", "enum", "fractions", "functools", "heapq", "itertools", "json", "logging"),
    *("math", "numbers", "operator", "random", "re", "statistics", "string", "textwrap", "time"),
    *("typing", "warnings", "mesa", "agentpy", "networkx", "numpy", "pandas", "scipy"),
}
FORBIDDEN_CALLS = {
    "open": "read or write files; keep data in variables and track them",
    "exec": "run text as code",
    "eval": "run text as code",
    "compile": "run text as code",
    "__import__": "import by name; write an import statement",
    "input": "ask a person while it runs; make it a global variable",
    "breakpoint": "stop in a debugger",
    "exit": "end the process; use a termination rule",
    "quit": "end the process; use a termination rule",
    "globals": "reach into the interpreter",
    "vars": "reach into the interpreter",
}
ALLOWED_DUNDERS = {
    *("__init__", "__name__", "__class__", "__doc__", "__dict__", "__len__", "__iter__"),
    *("__eq__", "__hash__", "__lt__", "__repr__", "__str__", "__getitem__", "__contains__"),
}


def forbidden(tree: ast.AST, path_of: Callable[[int], str]) -> list[Problem]:
    """Give a problem for each thing in a syntax tree that a model must not do.

    `path_of` gives the JSON pointer into the specification for a line of the code.
    """
    found: list[Problem] = []

    def refuse(node: ast.AST, message: str, hint: str) -> None:
        line = getattr(node, "lineno", 1)
        found.append(problem("forbidden-code", path_of(line), f"Line {line}: {message}", hint))

    for node in ast.walk(tree):
        for module in _imported(node):
            if module.split(".")[0] not in ALLOWED_IMPORTS:
                hint = "A model runs without files, network and processes."
                refuse(node, f"the module {module!r} is not available.", hint)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            reason = FORBIDDEN_CALLS.get(node.func.id)
            if reason:
                refuse(node, f"`{node.func.id}` is not available.", f"A model cannot {reason}.")
        if isinstance(node, ast.Attribute) and _is_dunder(node.attr):
            hint = "Use a plain attribute."
            refuse(node, f"`{node.attr}` reaches into the interpreter.", hint)
    return found


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "."]
    return []


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in ALLOWED_DUNDERS


def verify(bundle: CodeBundle) -> CodeBundle:
    """Give the same bundle; raises UnsafeCode with what is wrong in its model."""
    source = bundle.files["model.py"]
    try:
        tree = ast.parse(source)
        compile(tree, "model.py", "exec")
    except (SyntaxError, ValueError) as error:
        path = _origin(bundle, getattr(error, "lineno", None) or 0)
        message = f"The generated code is not Python: {error}."
        hint = "Look at the code of this behavior." if path else ""
        raise UnsafeCode([problem("code-unreadable", path, message, hint)]) from error
    found = forbidden(tree, lambda line: _origin(bundle, line))
    if found:
        raise UnsafeCode(found)
    return bundle


def _origin(bundle: CodeBundle, line: int) -> str:
    origin = bundle.origin(line)
    return origin.path if origin else ""

"""Checks a specification on its own: names, references and code, before anything is compiled."""

import ast

import libcst as cst

from abm_quant.compiling.dialects.unwrap import Unreadable, unwrap
from abm_quant.compiling.resolve import Names, names_of
from abm_quant.compiling.languages import foreign_code
from abm_quant.compiling.verify import forbidden
from abm_quant.contracts.problems import Problem, pointer, problem
from abm_quant.contracts.spec import Behavior, GlobalFunction, ModelSpec


def check(spec: ModelSpec) -> list[Problem]:
    """Give everything that can be said of a specification without compiling it. Never raises."""
    foreign = foreign_code(spec)
    if foreign:
        return foreign
    names = names_of(spec)
    problems = list(names.problems)
    problems += _unknown_items(spec, names)
    for declared in names.declared:
        if isinstance(declared.item, (Behavior, GlobalFunction)):
            problems += _code_problems(declared.item, f"{declared.path}/code", declared.name)
    return list(dict.fromkeys(problems))


def _code_problems(item: "Behavior | GlobalFunction", path: str, name: str) -> list[Problem]:
    inputs = item.inputs if isinstance(item, Behavior) else item.function_inputs
    try:
        unwrapped = unwrap(item.code, name, tuple(each.name for each in inputs or ()))
    except Unreadable as error:
        hint = "Write one whole Python function, starting with `def`."
        return [problem("code-unreadable", path, str(error), hint)]
    code = cst.Module([unwrapped.definition]).code
    lines = [*unwrapped.imports.values(), code]
    return forbidden(ast.parse("\n".join(lines)), lambda line: path)


def _unknown_items(spec: ModelSpec, names: Names) -> list[Problem]:
    """Give a problem for each entry of the initialization plan that names nothing."""
    initialization = spec.scheduler.initialization
    found: list[Problem] = []
    for index, item in enumerate(
        (initialization.initialization_order if initialization else None) or ()
    ):
        if names.find(item.source_name) is None:
            path = pointer(
                "scheduler", "initialization", "initializationOrder", index, "sourceName"
            )
            close = ", ".join(names.close_to(item.source_name))
            hint = f"Did you mean {close}?" if close else "Declare it, or remove the entry."
            message = f"Nothing is called {item.source_name!r}."
            found.append(problem("undefined-reference", path, message, hint))
    return found

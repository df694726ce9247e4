"""Checks a specification on its own: names, references and code, before anything is compiled."""

from collections.abc import Set

from abm_quant.compiling.dialects.unwrap import Unreadable, is_prose, plain_function, unwrap
from abm_quant.compiling.naming.declaring import names_of
from abm_quant.compiling.reading.languages import foreign_code
from abm_quant.compiling.resolve import Declared
from abm_quant.compiling.verify import missing_in, missing_in_text
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import Behavior, GlobalFunction, ModelSpec


def check(spec: ModelSpec) -> list[Problem]:
    """Give everything that can be said of a specification without compiling it. Never raises."""
    foreign = foreign_code(spec)
    if foreign:
        return foreign
    names = names_of(spec)
    problems = list(names.problems)
    for declared in names.declared:
        if isinstance(declared.item, (Behavior, GlobalFunction)):
            problems += _code_problems(declared.item, declared, names.known)
    return list(dict.fromkeys(problems))


def no_code(declared: Declared) -> Problem:
    """Give the warning that a function or behavior holds words only."""
    message = f"{declared.source_name} holds no code; nothing happens in its place."
    return problem("dropped", f"{declared.path}/code", message, "Write it as a Python function.")


def _code_problems(
    item: "Behavior | GlobalFunction", declared: Declared, own: Set[str]
) -> list[Problem]:
    path = f"{declared.path}/code"
    plain = plain_function(item.code)
    if plain is not None:
        return missing_in_text(plain.tree, plain.lines, path, first_line=plain.first_line, own=own)
    inputs = item.inputs if isinstance(item, Behavior) else item.function_inputs
    try:
        code = unwrap(item.code, declared.name, tuple(each.name for each in inputs or ()))
    except Unreadable as error:
        if is_prose(item.code):
            return [no_code(declared)]
        hint = "Write one whole Python function, starting with `def`."
        return [problem("code-unreadable", path, str(error), hint)]
    return missing_in(code, path, own)

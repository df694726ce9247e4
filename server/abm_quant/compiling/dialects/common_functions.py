"""Dialect: calls of functions that nobody declares and everybody means the same by.

`randomUniform(a, b)` is `random.uniform(a, b)`; `getTotalPopulation()` is the declared variable
`total_population`.
"""

import re
from collections.abc import Sequence

import libcst as cst

from abm_quant.compiling.dialects.scope import Scope, bound_names, free_names
from abm_quant.compiling.resolve import MODEL_STATE, Declared, Names, spelling

NOTE = "Calls of functions that are not declared were replaced."
COMMON = {
    "random.uniform": ("uniform", "randomuniform", "randomfloat", "randfloat", "randomreal"),
    "random.randint": ("randint", "randomint", "randominteger", "uniformint"),
    "random.choice": ("choice", "randomchoice", "chooserandom", "randomelement", "pickrandom"),
    "random.sample": ("sample", "randomsample"),
    "random.gauss": ("gauss", "randomnormal", "randomgauss", "randomgaussian", "normal"),
    "random.random": ("random", "rand", "randomnumber", "randomprobability"),
    "random.expovariate": ("expovariate", "randomexpovariate"),
    "random.shuffle": ("shuffle", "randomshuffle"),
    "math.sqrt": ("squareroot",),
    "min": ("minimum",),
    "max": ("maximum",),
}
BY_SPELLING = {word: function for function, words in COMMON.items() for word in words}
CHANCES = ("randomboolean", "randombool", "randbool", "bernoulli", "coinflip", "flipcoin")
LIMITING = ("clamp", "clip", "bound", "limit", "constrain")
DISTANCE = ("distance", "getdistance", "calculatedistance", "euclideandistance", "dist")
WRITTEN = (*CHANCES, *LIMITING, *DISTANCE)
POINT = re.compile(r"pos|point|loc|coord|cell|place|[\[(,]")
"""What marks a place; anything else that distances are asked of is an agent."""
VERBS = re.compile(r"^(get|calculate|calc|compute|count|fetch|current)_?(?=[A-Z_a-z])")


def common_function(name: str) -> str | None:
    """Give the function of Python that a name evidently means."""
    plain = spelling(name.rsplit(".", 1)[-1])
    return BY_SPELLING.get(plain) or BY_SPELLING.get(plain.removeprefix("get"))


def chance_meant(name: str, given: Sequence[str]) -> str | None:
    """Give the test that is true by chance which a call evidently means, such as bernoulli(0.1)."""
    plain = spelling(name.rsplit(".", 1)[-1]).removeprefix("get")
    if plain not in CHANCES or len(given) > 1:
        return None
    return f"random.random() < {given[0] if given else '0.5'}"


def variable_meant(name: str, names: Names) -> Declared | None:
    """Give the variable of the model whose value a function evidently gives, such as getPrice."""
    bare = name.rsplit(".", 1)[-1]
    wanted = VERBS.sub("", bare).strip("_")
    return names.spelled(wanted, *MODEL_STATE) if wanted != bare and wanted else None


class CommonFunctions(cst.CSTTransformer):
    """Replaces calls of names that nothing defines."""

    def __init__(self, scope: Scope, free: set[str]) -> None:
        super().__init__()
        self.scope = scope
        self.free = free

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Replace one call."""
        function = original_node.func
        if not isinstance(function, cst.Name) or function.value not in self.free:
            return updated_node
        name = function.value
        declared = variable_meant(name, self.scope.names)
        if declared is not None and len(updated_node.args) <= 1:
            self._assume(name, declared.source_name)
            return cst.parse_expression(f"{self.scope.model}.{declared.python}")
        written = self._written(name, updated_node)
        if written is not None:
            self._assume(name, written)
            return cst.parse_expression(written)
        common = common_function(name)
        if common is None or common == name:
            return updated_node
        self._assume(name, common)
        return updated_node.with_changes(func=cst.parse_expression(common))

    def _written(self, name: str, call: cst.Call) -> str | None:
        """Give the expression of a small helper that everybody means the same by."""
        if any(each.keyword or each.star for each in call.args):
            return None
        given = [cst.Module([]).code_for_node(each.value) for each in call.args]
        plain = spelling(name)
        chance = chance_meant(name, given)
        if chance is not None:
            return f"({chance})"
        if plain in LIMITING and len(given) == 3:
            return f"max({given[1]}, min({given[2]}, {given[0]}))"
        if plain in DISTANCE and len(given) == 4:
            return f"math.hypot({given[0]} - {given[2]}, {given[1]} - {given[3]})"
        if plain in DISTANCE and len(given) == 2:
            own = {each.name for each in self.scope.names.of("agent-attribute")}
            place = "({0}.x, {0}.y)" if {"x", "y"} <= own else "{0}.pos"
            ends = [each if POINT.search(each) else place.format(each) for each in given]
            return f"math.dist({ends[0]}, {ends[1]})"
        return None

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        """Drop `self.price = get_price()` where it would only say `self.price = self.price`."""
        match updated_node.body:
            case [cst.Assign(targets=[cst.AssignTarget(target=target)], value=value)]:
                is_own = updated_node is not original_node and value.deep_equals(target)
                return updated_node.with_changes(body=[cst.Pass()]) if is_own else updated_node
        return updated_node

    def _assume(self, name: str, meant: str) -> None:
        self.scope.assume(
            "function-assumed", f"The function {name!r} is not declared; it was read as {meant}."
        )


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module with functions that exist."""
    free = free_names(code) - bound_names(code) - scope.functions.keys()
    free = {name for name in free if scope.bare(name) is None}
    return module.visit(CommonFunctions(scope, free)) if free else module


def applies(text: str, scope: Scope) -> bool:
    """Tell whether the code may hold such a call."""
    return any(
        name not in scope.functions
        and (common_function(name) or VERBS.match(name) or spelling(name) in WRITTEN)
        for name in re.findall(r"(?<![.\w])([A-Za-z_]\w*)\s*\(", text)
    )

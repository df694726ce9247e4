"""Dialect: random numbers from module-level generators come from the model's seeded ones.

`random.x(...)` becomes `self.random.x(...)` (a random.Random), `np.random.x(...)` becomes
`self.model.rng.x(...)` (a numpy Generator, with the Generator's names for the old functions). An
author's own generator, `random.Random(42)` or `np.random.default_rng()`, is the model's, too.
"""

import re

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.dialects.scope import Scope, bound_names, chain

MARK = re.compile(r"(?<![.\w])random\b|\b(np|numpy)\.random\b|(?<![.\w])rng\b")
NOTE = "Random numbers come from the model's own seeded generators."
GENERATOR_NAMES = {
    "rand": "random",
    "random_sample": "random",
    "ranf": "random",
    "randn": "standard_normal",
    "randint": "integers",
    "random_integers": "integers",
}
NEW_STDLIB = (("random", "Random"), ("random", "SystemRandom"))
NEW_NUMPY = (("random", "default_rng"), ("random", "Generator"))
SHAPE_BY_ARGUMENTS = ("rand", "randn")


class Randomness(cst.CSTTransformer):
    """Redirects calls of the modules `random` and `numpy.random`."""

    def __init__(self, scope: Scope, bound: set[str]) -> None:
        super().__init__()
        self.scope = scope
        self.bound = bound
        self.has_free_rng = "rng" not in bound and scope.bare("rng") is None
        self.stdlib = "self.random" if scope.owner == "agent" else f"{scope.model}.random"

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Give the model's generator for a new one, and arguments of `np.random.rand` as one."""
        names = chain(original_node.func)
        if names in NEW_STDLIB and "random" not in self.bound:
            return cst.parse_expression(self.stdlib)
        if names is not None and names[0] in ("np", "numpy") and names[1:] in NEW_NUMPY:
            return cst.parse_expression(f"{self.scope.model}.rng")
        if names is not None and names[1:] == ("random", "RandomState"):
            seed = cst.parse_expression(f"{self.scope.model}.random.randrange(2**32)")
            return updated_node.with_changes(args=[cst.Arg(seed)])
        if names is None or self._numpy_name(names) not in SHAPE_BY_ARGUMENTS:
            return updated_node
        if len(updated_node.args) < 2:
            return updated_node
        shape = cst.Tuple([cst.Element(each.value) for each in updated_node.args])
        return updated_node.with_changes(args=[cst.Arg(shape)])

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Replace the module by the generator."""
        updated_node = updated_node.with_changes(attr=original_node.attr)
        names = chain(original_node)
        if names is None or names[0] in self.bound:
            return updated_node
        if len(names) == 2 and names[0] == "random":
            return cst.parse_expression(f"{self.stdlib}.{names[1]}")
        name = self._numpy_name(names)
        if name is not None:
            generator = GENERATOR_NAMES.get(name, name)
            return cst.parse_expression(f"{self.scope.model}.rng.{generator}")
        return updated_node

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Replace `rng`, where nothing else is called so."""
        if original_node.value != "rng" or not self.has_free_rng:
            return updated_node
        return cst.parse_expression(f"{self.scope.model}.rng")

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement:
        """Drop `random.seed(...)`: the model's seed holds."""
        seed = m.Expr(m.Call(func=m.Attribute(attr=m.Name("seed"))))
        if len(original_node.body) == 1 and m.matches(original_node.body[0], seed):
            call = original_node.body[0]
            assert isinstance(call, cst.Expr) and isinstance(call.value, cst.Call)
            names = chain(call.value.func)
            if names and (names[0] == "random" or self._numpy_name(names)):
                return updated_node.with_changes(body=[cst.Pass()])
        return updated_node

    def _numpy_name(self, names: tuple[str, ...]) -> str | None:
        is_numpy = len(names) == 3 and names[0] in ("np", "numpy") and names[1] == "random"
        return names[2] if is_numpy and names[2] != "RandomState" else None


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module with seeded random numbers."""
    return module.visit(Randomness(scope, bound_names(code)))

"""Dialect: detours to the model's things become the straight way.

`self.model.environment.x`, `environment.x` and, where `self` is the model, `self.model.x` become
the model's attribute `x`; attributes that had to be renamed get their new name.
"""

import re

import libcst as cst

from abm_quant.compiling.dialects.scope import Scope, chain
from abm_quant.compiling.resolve import MODEL_STATE

NOTE = "Paths to the environment were shortened: the model is the environment."
ENVIRONMENT = ("environment", "env", "world")


class ModelPaths(cst.CSTTransformer):
    """Shortens the chains that lead through the environment or through `self.model` of the model."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope
        self.root = tuple(scope.model.split("."))
        self.renamed = {
            each.name: each.python
            for each in scope.names.of(*MODEL_STATE, "environment-behavior")
            if each.name != each.python
        }

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Replace one chain."""
        names = chain(updated_node)
        if names is None:
            return updated_node
        if self._is_detour(names):
            return cst.parse_expression(self.scope.model)
        rest = self._behind_the_model(names)
        if rest is None:
            return updated_node
        written = ".".join((*self.root, *(self.renamed.get(name, name) for name in rest)))
        return cst.parse_expression(written) if written != ".".join(names) else updated_node

    def _is_detour(self, names: tuple[str, ...]) -> bool:
        """Tell whether this is `self.model` where `self` is not an agent."""
        if self.scope.owner == "model":
            return names == (*self.root, "model")
        return self.scope.owner == "function" and names == ("self", "model") != self.root

    def _behind_the_model(self, names: tuple[str, ...]) -> tuple[str, ...] | None:
        """Give what follows the model in a chain of names; None when it does not lead there."""
        for prefix in (self.root, ("model",), ("self", "model")):
            if names[: len(prefix)] == prefix and len(names) > len(prefix):
                rest = names[len(prefix) :]
                if rest[0] in ENVIRONMENT and len(rest) > 1 and self._is_state(rest[1]):
                    return rest[1:]
                return rest if rest[0] in self.renamed and len(rest) == 1 else None
        if names[0] in ENVIRONMENT and len(names) == 2 and self._is_state(names[1]):
            return names[1:]
        if names[:2] == ("self", "environment") and len(names) == 3 and self._is_state(names[2]):
            return names[2:]
        return None

    def _is_state(self, name: str) -> bool:
        declared = self.scope.bare(name)
        return declared is not None and declared.agent_type is None


def applies(text: str, scope: Scope) -> bool:
    """Tell whether the code may hold such a path."""
    if re.search(r"\b(environment|env|world)\.", text):
        return True
    if scope.owner != "agent" and re.search(r"\.model\b", text):
        return True
    return any(
        each.python != each.name and each.name in text
        for each in scope.names.of(*MODEL_STATE, "environment-behavior")
    )


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module with straight paths."""
    return module.visit(ModelPaths(scope))

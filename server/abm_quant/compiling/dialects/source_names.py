"""Dialect: sourceNames written as Python, such as `globalVariable.price` or
`agent.Wolf.agentAttribute.energy`, become the attribute or function that they name."""

import re

import libcst as cst

from abm_quant.compiling.dialects.scope import Scope, chain

MARK = re.compile(
    r"\b(globalVariables?|globalFunctions?|environment\.environment(Attribute|Behavior)s?"
    r"|agents?\.\w+\.(agent(Attribute|Behavior)s?\.|initialCount))"
)
NOTE = "SourceNames in the code became Python names."


class SourceNames(cst.CSTTransformer):
    """Replaces each sourceName by what it stands for; leaves what it cannot resolve."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Replace `globalVariable.x` and its like."""
        names = chain(updated_node)
        if names is None or not MARK.match(".".join(names)):
            return updated_node
        declared = self.scope.names.find(".".join(names), agent_type=self.scope.agent_type)
        written = self.scope.written(declared) if declared else None
        return cst.parse_expression(written) if written else updated_node


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module without sourceNames."""
    return module.visit(SourceNames(scope))

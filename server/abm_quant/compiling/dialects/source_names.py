"""Dialect: sourceNames written as Python, such as `globalVariable.price` or
`agent.Wolf.agentAttribute.energy`, become the attribute or function that they name."""

import re

import libcst as cst

from abm_quant.compiling.dialects.scope import Scope, chain
from abm_quant.compiling.resolve import MODEL_STATE

MARK = re.compile(
    r"\b(globalVariables?|globalFunctions?|environment\.environment(Attribute|Behavior)s?"
    r"|agents?\.\w+\.(agent(Attribute|Behavior)s?\.|initialCount)"
    r"|(global_variables|environmentAttributes?|environment_attributes|parameters|params)\[)"
)
HOLDERS = {
    *("globalVariables", "globalVariable", "global_variables", "environmentAttributes"),
    *("environmentAttribute", "environment_attributes", "parameters", "params", "globals"),
}
"""Dictionaries in which some look for the variables of the model."""
UNDECLARED = re.compile(
    r"(?:globalVariables?|environment\.environmentAttributes?"
    r"|agents?\.(?P<type>\w+)\.agentAttributes?)\.(?P<name>\w+)"
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
        reference = ".".join(names)
        declared = self.scope.names.find(reference, agent_type=self.scope.agent_type)
        if declared is None:
            return self._undeclared(reference, updated_node)
        if declared.name != names[-1]:
            message = f"`{reference}` was read as {declared.source_name}."
            self.scope.assume("name-assumed", message)
        written = self.scope.written(declared)
        return cst.parse_expression(written) if written else updated_node

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        """Replace `globalVariables["x"]` and `model.parameters["x"]`."""
        names = chain(original_node.value)
        if names is None or names[-1] not in HOLDERS or len(original_node.slice) != 1:
            return updated_node
        index = original_node.slice[0].slice
        key = index.value if isinstance(index, cst.Index) else None
        if not isinstance(key, cst.SimpleString):
            return updated_node
        declared = self.scope.names.find(str(key.evaluated_value), *MODEL_STATE)
        written = self.scope.written(declared) if declared else None
        return cst.parse_expression(written) if written else updated_node

    def _undeclared(self, reference: str, node: cst.Attribute) -> cst.BaseExpression:
        """Give a plain attribute for a variable that is declared nowhere."""
        found = self.scope.names.candidates(reference, agent_type=self.scope.agent_type)
        if found:
            listed = ", ".join(each.source_name for each in found)
            message = f"`{reference}` may mean any of these: {listed}."
            self.scope.assume("ambiguous-reference", message)
            return node
        match = UNDECLARED.fullmatch(reference)
        if match is None:
            return node
        if match["type"] is None:
            return cst.parse_expression(f"{self.scope.model}.{match['name']}")
        is_own = match["type"].casefold() == (self.scope.agent_type or "").casefold()
        return cst.parse_expression(f"{self.scope.me}.{match['name']}") if is_own else node


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module without sourceNames."""
    return module.visit(SourceNames(scope))

"""Dialect: calls of global functions.

`self.model.f(...)` becomes `f(...)`; a function that needs the model and does not get it from the
call is given it as the argument `model`; a function that is called under the name of its `def`
instead of its sourceName gets its declared name.
"""

import re

import libcst as cst

from abm_quant.compiling.dialects.scope import FunctionFacts, Scope, bound_names, chain

NOTE = "Calls of global functions were completed."


class FunctionCalls(cst.CSTTransformer):
    """Completes the calls of global functions."""

    def __init__(self, scope: Scope, bound: set[str]) -> None:
        super().__init__()
        self.scope = scope
        self.bound = bound

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Complete one call."""
        facts = self._function(original_node.func)
        if facts is None:
            return updated_node
        arguments = list(updated_node.args)
        if self._lacks_model(facts, arguments):
            model = cst.Arg(cst.parse_expression(self.scope.model))
            place = 0 if facts.takes_model else facts.parameters.index("model")
            if place == 0:
                arguments.insert(0, model)
            else:
                arguments.append(model.with_changes(keyword=cst.Name("model")))
        return updated_node.with_changes(func=cst.Name(facts.python), args=arguments)

    def _function(self, node: cst.BaseExpression) -> FunctionFacts | None:
        names = chain(node)
        if names is None or names[-1] not in self.scope.functions:
            return None
        root = names[:-1]
        through_model = root in ((), ("model",), ("self", "model"), ("self",))
        through_model = through_model or root == tuple(self.scope.model.split("."))
        if not through_model or (not root and names[0] in self.bound):
            return None
        declared = self.scope.bare(names[-1]) if root else None
        if declared is not None and declared.kind.endswith("behavior"):
            return None
        return self.scope.functions[names[-1]]

    def _lacks_model(self, facts: FunctionFacts, arguments: list[cst.Arg]) -> bool:
        if any(each.star or (each.keyword and each.keyword.value == "model") for each in arguments):
            return False
        if facts.takes_model:
            return True
        return "model" in facts.parameters and len(arguments) < facts.required


def applies(text: str, scope: Scope) -> bool:
    """Tell whether the code may hold a call that is to be completed."""
    found = re.findall(r"(?<!\bdef )(\.\s*)?\b([^\W\d]\w*)\s*\)*\s*\(", text)
    return any(
        name in scope.functions and (dot or _is_incomplete(name, scope.functions[name]))
        for dot, name in found
    )


def _is_incomplete(name: str, facts: FunctionFacts) -> bool:
    """Tell whether a plain call of a function may have to be changed."""
    return facts.python != name or facts.takes_model or "model" in facts.parameters


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module with complete calls."""
    return module.visit(FunctionCalls(scope, bound_names(code)))

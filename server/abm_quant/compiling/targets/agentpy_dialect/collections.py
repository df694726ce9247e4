"""Collections: Mesa's sets of agents by type become the model's lists."""

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.targets.agentpy_dialect.code import (
    Place,
    Renaming,
    called_method,
    visited,
)
from abm_quant.compiling.targets.agentpy_dialect.lists import AgentLists
from abm_quant.contracts.program import Program

BY_TYPE = m.Attribute(attr=m.Name("agents_by_type"))


def rewrite_collections(program: Program, lists: AgentLists) -> Program:
    """Give the Program that reads agents from the model's lists."""
    return visited(program, _Collections, lists)


class _Collections(Renaming):
    """Replaces `agents_by_type[Wolf]`."""

    def __init__(self, node: cst.CSTNode, place: Place, lists: AgentLists) -> None:
        super().__init__(node, place)
        self.lists = lists

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        """Bring `model.agents_by_type[Wolf]` to `model.wolves`."""
        index = original_node.slice[0].slice
        if not m.matches(original_node.value, BY_TYPE) or not isinstance(index, cst.Index):
            return updated_node
        return self._list(updated_node.value, index.value) or updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Bring `model.agents_by_type.get(Wolf, [])` to `model.wolves`."""
        function = updated_node.func
        if called_method(original_node) != "get" or not isinstance(function, cst.Attribute):
            return updated_node
        if not m.matches(function.value, BY_TYPE) or not original_node.args:
            return updated_node
        return self._list(function.value, original_node.args[0].value) or updated_node

    def _list(
        self, by_type: cst.BaseExpression, key: cst.BaseExpression
    ) -> cst.BaseExpression | None:
        name = self.lists.names.get(key.value) if isinstance(key, cst.Name) else None
        model = cst.ensure_type(by_type, cst.Attribute).value
        return cst.Attribute(model, cst.Name(name)) if name else None

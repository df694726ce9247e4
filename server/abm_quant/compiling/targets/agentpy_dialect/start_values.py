"""Start values of agents: they stand in `setup`, where the model is `self.model`."""

from dataclasses import replace

import libcst as cst

from abm_quant.compiling.dialects.lone_names import LoneNames
from abm_quant.contracts.program import Attribute, Program


def rewrite_start_values(program: Program) -> Program:
    """Give the Program whose agents' start values name the model `self.model`."""
    return replace(
        program,
        agent_types=tuple(
            replace(each, attributes=tuple(map(_attribute, each.attributes)))
            for each in program.agent_types
        ),
    )


def _attribute(attribute: Attribute) -> Attribute:
    changed = attribute.initial.visit(_Model())
    assert isinstance(changed, cst.BaseExpression)
    return replace(attribute, initial=changed)


class _Model(LoneNames):
    """Replaces the bare name `model`."""

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Bring `model` to `self.model`."""
        if original_node.value != "model":
            return updated_node
        return cst.Attribute(cst.Name("self"), cst.Name("model"))

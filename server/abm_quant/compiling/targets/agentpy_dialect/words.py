"""Single words of the one dialect that AgentPy has another word for: time, chance, the end."""

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.rendering.imports import bound_names
from abm_quant.compiling.targets.agentpy_dialect.code import Place, Renaming, visited
from abm_quant.contracts.program import Program

TIME = ("tick", "steps")
GENERATORS = {"random": "random", "rng": "nprandom"}
GENERATOR = m.Attribute(attr=m.OneOf(*map(m.Name, GENERATORS))) | m.Name("rng")

STOPPING = m.SimpleStatementLine(
    body=[
        m.Assign(
            targets=[m.AssignTarget(target=m.Attribute(attr=m.Name("running")))],
            value=m.Name("False"),
        )
    ]
)


def rewrite_words(program: Program) -> Program:
    """Give the Program with AgentPy's words."""
    return visited(program, _Words, bound_names(program.imports))


class _Words(Renaming):
    """Replaces words that follow a dot."""

    def __init__(self, node: cst.CSTNode, place: Place, foreign: set[str]) -> None:
        super().__init__(node, place)
        self.foreign = foreign

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        """Bring `model.tick`, `agent.random` and `model.rng` to AgentPy."""
        holder, word = original_node.value, original_node.attr.value
        if isinstance(holder, cst.Name) and holder.value in self.foreign:
            return updated_node
        is_model = self.names.is_model(holder)
        if word in TIME and is_model:
            return updated_node.with_changes(attr=cst.Name("t"))
        if word not in GENERATORS or m.matches(holder, GENERATOR):
            return updated_node
        model = updated_node.value if is_model else _model_of(updated_node.value)
        return cst.Attribute(model, cst.Name(GENERATORS[word]))

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        """Bring `self.model.running = False` to `self.model.stop()`."""
        if not m.matches(original_node, STOPPING):
            return updated_node
        target = cst.ensure_type(updated_node.body[0], cst.Assign).targets[0].target
        model = cst.ensure_type(target, cst.Attribute).value
        if not self.names.is_model(model):
            return updated_node
        stop = cst.Expr(cst.Call(cst.Attribute(model, cst.Name("stop"))))
        return updated_node.with_changes(body=[stop])


def _model_of(agent: cst.BaseExpression) -> cst.BaseExpression:
    return cst.Attribute(agent, cst.Name("model"))

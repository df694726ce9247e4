"""Brings the space of a Program, and all that its code does with it, to AgentPy.

The model holds its space as `self.grid` (ap.Grid), `self.network` (ap.Network) or `self.space`
(ap.Space). An agent has the property `pos`: its coordinates, or the label of its node; None while
it is nowhere. Where the code needs what AgentPy's class does not have, the module holds a class of
its own, such as `class Grid(ap.Grid)`, with just those methods.
"""

from typing import Any, cast

import libcst as cst

from abm_quant.compiling.rendering.placing import creations
from abm_quant.compiling.rendering.views import functions_of
from abm_quant.compiling.targets.agentpy_dialect.cells import Cells
from abm_quant.compiling.targets.agentpy_dialect.code import Place, changed
from abm_quant.compiling.targets.agentpy_dialect.continuous import Continuous
from abm_quant.compiling.targets.agentpy_dialect.makers import Makers
from abm_quant.compiling.targets.agentpy_dialect.places import Known, follow, learn
from abm_quant.compiling.targets.agentpy_dialect.positions import Positions
from abm_quant.compiling.targets.agentpy_dialect.setting import Scope, Setting, scope_of
from abm_quant.compiling.targets.agentpy_dialect.surveying import setting_of
from abm_quant.compiling.targets.agentpy_dialect.usage import Usage, usage_of
from abm_quant.compiling.targets.agentpy_dialect.writing import SpaceRewriter
from abm_quant.contracts.program import Program

REWRITERS: dict[tuple[str, str], type[SpaceRewriter]] = {
    ("grid", "cell"): Cells,
    ("grid", "pos"): Positions,
    ("network", "cell"): Cells,
    ("network", "pos"): Positions,
    ("continuous", "pos"): Continuous,
}


def rewrite_spaces(program: Program) -> tuple[Program, Usage | None]:
    """Give the Program with its space in AgentPy's terms, and what its code asks of the space.

    Raises TargetLacks, naming the code, for what AgentPy cannot express.
    """
    setting = setting_of(program)
    if setting is None:
        return program, None
    known = learn((each.definition for each in functions_of(program)), setting)

    def change(node: cst.CSTNode, place: Place) -> cst.CSTNode:
        return _rewritten(node, scope_of(node, place), setting, known)

    program = changed(program, change)
    usage = usage_of(program, setting)

    def make(node: cst.CSTNode, place: Place) -> cst.CSTNode:
        return cast(cst.CSTNode, node.visit(Makers(setting, scope_of(node, place), usage)))

    return changed(program, make), usage


def space_context(program: Program, usage: Usage | None) -> dict[str, Any]:
    """Give what the templates of AgentPy need to know of the space."""
    placements = {each.placement for each in creations(program).values()}
    return {"spatial": usage, "uses_free_places": "room" in placements}


def _rewritten(node: cst.CSTNode, scope: Scope, setting: Setting, known: Known) -> cst.CSTNode:
    kinds, _, _ = follow(node, setting, known)
    rewriter = REWRITERS[setting.kind, setting.api](setting, scope, kinds)
    done = cast(cst.CSTNode, node.visit(rewriter))
    rewriter.refuse_the_rest(done)
    return done

"""Author's code that makes the space itself: what it makes, and the same made for AgentPy."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import libcst as cst

from abm_quant.compiling.targets.agentpy_dialect.places import called_name
from abm_quant.compiling.targets.agentpy_dialect.setting import Scope, Setting
from abm_quant.compiling.targets.agentpy_dialect.usage import Usage
from abm_quant.compiling.targets.agentpy_dialect.writing import arguments, lacking, made

PARAMETERS: dict[str, tuple[str, ...]] = {
    "SingleGrid": ("width", "height", "torus"),
    "MultiGrid": ("width", "height", "torus"),
    "OrthogonalMooreGrid": ("dimensions", "torus", "capacity", "random"),
    "OrthogonalVonNeumannGrid": ("dimensions", "torus", "capacity", "random"),
    "NetworkGrid": ("g",),
    "Network": ("G", "capacity", "random"),
    "ContinuousSpace": ("x_max", "y_max", "torus"),
}
"""Mesa's spaces and the parameters that are understood."""
FOREIGN = {"HexSingleGrid", "HexMultiGrid", "HexGrid", "VoronoiGrid"}


@dataclass(frozen=True, kw_only=True)
class Making:
    """The call that makes the space."""

    name: str
    """The class of Mesa."""
    attribute: str
    """The attribute of the model that takes it."""
    given: dict[str, cst.BaseExpression] = field(default_factory=dict)


class _Finder(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Making] = []

    def visit_Assign(self, node: cst.Assign) -> None:
        """Note the space that a statement makes."""
        name = called_name(node.value) if isinstance(node.value, cst.Call) else None
        target = node.targets[0].target
        if name in PARAMETERS and isinstance(target, cst.Attribute):
            given = arguments(cst.ensure_type(node.value, cst.Call), PARAMETERS[name])
            self.found.append(Making(name=name, attribute=target.attr.value, given=given))

    def visit_Call(self, node: cst.Call) -> None:
        """Refuse spaces without counterpart."""
        if called_name(node) in FOREIGN:
            raise lacking(node, "Use a grid of square cells.")


def makings(definitions: Iterable[cst.FunctionDef]) -> list[Making]:
    """Give the spaces that the author's code makes."""
    finder = _Finder()
    for each in definitions:
        each.visit(finder)
    return finder.found


class Makers(cst.CSTTransformer):
    """Makes AgentPy's space where the author's code makes Mesa's."""

    def __init__(self, setting: Setting, scope: Scope, usage: Usage) -> None:
        super().__init__()
        self.setting = setting
        self.scope = scope
        self.usage = usage

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Replace one call of a class of Mesa."""
        name = called_name(original_node)
        if name not in PARAMETERS:
            return updated_node
        given = arguments(updated_node, PARAMETERS[name], original_node)
        model = self.scope.model
        if model is None or any(each not in PARAMETERS[name] for each in given):
            raise lacking(original_node)
        made_by = cst.parse_expression(self.usage.class_name or f"ap.{self.usage.parent}")
        parts = {"c": made_by, "m": cst.parse_expression(model)}
        if self.setting.kind == "network":
            return made("{c}({m}, {g})", **parts, g=next(iter(given.values())))
        shape = given.get("dimensions")
        if shape is None:
            sides = [given.get(each) for each in PARAMETERS[name][:2]]
            shape = cst.Tuple([cst.Element(each) for each in sides if each is not None])
        parts |= {"s": shape, "t": given.get("torus", cst.Name("False"))}
        empty = ", track_empty=True" if self.usage.tracks_empty else ""
        return made(f"{{c}}({{m}}, {{s}}, torus={{t}}{empty})", **parts)

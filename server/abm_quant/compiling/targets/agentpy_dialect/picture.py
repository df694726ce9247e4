"""What the page of an AgentPy project needs to draw the agents in their space."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from abm_quant.compiling.fragments import Code, dotted_name
from abm_quant.compiling.rendering.project import COLORS, MARKERS, Look, looks
from abm_quant.compiling.targets.agentpy_dialect.usage import Usage
from abm_quant.contracts.program import Program


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How agents that share a label of the legend are drawn."""

    label: str
    color: str
    marker: str


@dataclass(frozen=True, kw_only=True)
class Label:
    """How the page finds the label of an agent."""

    type: str
    attribute: str = ""
    """What tells agents of the type apart; "" when nothing does."""
    names_type: bool = False
    """Whether the label says the type, as there are several."""
    names_attribute: bool = False
    """Whether the label says the attribute, as its values say little by themselves."""

    def of(self, value: str | bool) -> str:
        """Give the label of agents with a value of the attribute."""
        words = f"{self.attribute}: {value}" if self.names_attribute else str(value)
        return f"{self.type}, {words}" if self.names_type else words


def picture_context(before: Program, program: Program, spatial: Usage | None) -> dict[str, Any]:
    """Give what app.py draws in the space; `before` is the Program in the one dialect."""
    shown = looks(program) if spatial else ()
    labels = {each.type: _label(each, is_alone=len(shown) == 1) for each in shown}
    markers = [_marker(program, index, each) for index, each in enumerate(looks(before))]
    below_first = sorted(zip(shown, markers, looks(before), strict=False), key=_height)
    return {
        "colors": COLORS[:6],
        "graph_of_app": _graph(spatial),
        "marks": [mark for look, marker, _ in below_first for mark in _marks(look, marker, labels)],
        "labels": [each for each in labels.values() if each.attribute],
        "names_types": len(labels) > 1,
    }


def _graph(spatial: Usage | None) -> Code | None:
    """Give the links of a network as app.py reads them: those of now, where they change."""
    if spatial is None or spatial.setting.kind != "network":
        return None
    setting = spatial.setting
    return dotted_name(
        f"model.{setting.graph}" if setting.rewired else f"model.{setting.name}.graph"
    )


def _height(drawn: tuple[Look, str, Look]) -> int:
    return drawn[2].zorder


def _marker(program: Program, index: int, look: Look) -> str:
    """Give the marker of a type: only on a grid does what stays in its place fill its cell."""
    return look.marker if program.space.kind == "grid" else MARKERS[index % len(MARKERS)]


def _label(look: Look, *, is_alone: bool) -> Label:
    return Label(
        type=look.type,
        attribute=look.attribute,
        names_type=not is_alone,
        names_attribute=any(isinstance(value, bool) for value, _ in look.colors),
    )


def _marks(look: Look, marker: str, labels: dict[str, Label]) -> Iterator[Mark]:
    if not look.attribute:
        yield Mark(label=look.type, color=look.color, marker=marker)
    for value, color in look.colors:
        yield Mark(label=labels[look.type].of(value), color=color, marker=marker)

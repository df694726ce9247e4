"""What the templates of a project's other files get: run.py, app.py and README.md."""

import keyword
import math
from dataclasses import dataclass
from typing import Any

import libcst as cst

from abm_quant.compiling.fragments import imported, one_line, parsed, sentence
from abm_quant.compiling.rendering.description import description_context
from abm_quant.compiling.rendering.series import agent_series, model_series
from abm_quant.compiling.rendering.views import Mentions, changing_types
from abm_quant.contracts.jobs import ParameterValue
from abm_quant.contracts.program import AgentType, Expression, Parameter, Program
from abm_quant.contracts.spec import ModelSpec

OWN_OPTIONS = ("steps", "seed", "csv", "agents_csv", "help", "h")
COLORS = ("tab:blue", "tab:red", "tab:green", "tab:orange", "tab:purple", "tab:brown", "tab:pink")
MOVING = ("move_agent", "move_agent_to_one_of", "move_to_empty", "swap_pos")
TYPE_WORDS = {"bool": "boolean", "int": "integer", "str": "string"}
MARKERS = ("o", "^", "s", "D", "v", "P", "X")


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of the command line."""

    name: str
    flag: str
    destination: str
    """The name under which argparse keeps it; it finds that name in the flag."""
    kind: str
    """bool, int, float or str."""
    default: ParameterValue
    help: str


@dataclass(frozen=True, kw_only=True)
class Control:
    """A control of the page in the browser."""

    name: str
    kind: str
    """slider, Checkbox or InputText."""
    label: str
    value: ParameterValue
    low: float = 0
    high: float = 1
    step: float = 1

    @property
    def number(self) -> str:
        """The kind of numbers on a slider: Int or Float."""
        return "Int" if isinstance(self.step, int) else "Float"


@dataclass(frozen=True, kw_only=True)
class Look:
    """How agents of a type are drawn."""

    type: str
    color: str
    marker: str
    size: int
    zorder: int
    attribute: str = ""
    constant: str = ""
    colors: tuple[tuple[str | bool, str], ...] = ()
    """The color of each value of the attribute."""


def project_context(
    program: Program, spec: ModelSpec, mentioned: Mentions, requirements: tuple[str, ...]
) -> dict[str, Any]:
    """Give what the files besides model.py are printed with."""
    title = sentence(program.title)
    per_agent = agent_series(program)
    document = spec.wire()
    kinds = {each.name: kind_of(each, document) for each in program.parameters}
    tracked_types = tuple(dict.fromkeys(each.agent_type for each in per_agent))
    has_space = program.space.kind != "none" and not program.space.made_by_author
    shown = looks(program)
    drawn = plots(program, mentioned)
    numbers = [each for each in model_series(program) if each.is_number]
    told_apart = [each.name for each in program.agent_types[:-1]] if has_space else []
    return description_context(program, mentioned) | {
        "program": program,
        "requirement_lines": requirements,
        "series": model_series(program),
        "shows_numbers_only": not all(each.is_number for each in model_series(program)),
        "agent_series": per_agent,
        "tracked_types": tracked_types,
        "types": {name: TYPE_WORDS.get(kind, kind) for name, kind in kinds.items()},
        "options": _options(program, kinds),
        "number_options": "number" in kinds.values(),
        "title": title,
        "run_documentation": f"{title}\n\nUsage: python run.py --steps 100 --seed 1 --csv out.csv",
        "run_imports": imported("model", ["MAX_STEPS", program.class_name, *tracked_types]),
        "app_imports": imported("model", [program.class_name, *told_apart]),
        "controls": tuple(
            _control(each, kinds[each.name]) for each in program.parameters if not each.is_state
        ),
        "has_space": has_space,
        "looks": shown,
        "has_colors": any(each.colors for each in shown),
        "plots": drawn,
        "drawn_plots": drawn or [[each.name for each in numbers]],
    }


def kind_of(parameter: Parameter, document: dict[str, Any]) -> str:
    """Give how a parameter is read from text; the specification knows more than the default."""
    kind = type(parameter.default).__name__
    if kind != "int":
        return kind
    declared = _declared_type(parameter.path, document)
    return declared if declared in ("float", "number") else kind


def _declared_type(path: str, document: Any) -> str:
    """Give the type that is declared beside a value in the specification; "" when there is none."""
    found = ""
    for step in path.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        elif isinstance(document, dict) and key in document:
            document = document[key]
        else:
            break
        if isinstance(document, dict) and isinstance(document.get("type"), str):
            found = document["type"]
    return found


def _options(program: Program, kinds: dict[str, str]) -> tuple[Option, ...]:
    taken = {*OWN_OPTIONS, *keyword.kwlist, ""}
    options = []
    for each in program.parameters:
        destination = each.name.strip("_")
        while destination in taken:
            destination = f"parameter_{destination}"
        taken.add(destination)
        text = one_line(each.description).replace("%", "%%").rstrip(".")
        options.append(
            Option(
                name=each.name,
                flag="--" + destination.replace("_", "-"),
                destination=destination,
                kind=kinds[each.name],
                default=each.default,
                help=f"{text} (default: %(default)s)".strip(),
            )
        )
    return tuple(options)


def _control(parameter: Parameter, kind: str) -> Control:
    value = parameter.default
    words = parameter.name.replace("_", " ").strip()
    label = words[:1].upper() + words[1:]
    if isinstance(value, bool | str):
        widget = "Checkbox" if isinstance(value, bool) else "InputText"
        return Control(name=parameter.name, kind=widget, label=label, value=value)
    if isinstance(value, int) and kind != "float":
        ends: tuple[float, float, float] = _whole_range(value)
    else:
        value = float(value)
        ends = _real_range(value)
    low, high, step = ends
    return Control(
        name=parameter.name, kind="slider", label=label, value=value, low=low, high=high, step=step
    )


def _whole_range(value: int) -> tuple[int, int, int]:
    """Give the ends and the step of a slider for whole numbers."""
    size = max(10, 2 * abs(value))
    step = int(10 ** max(0, len(str(size)) - 4))
    if value < 0:
        return -size, size, step
    return (1 if value and step == 1 else 0), size, step


def _real_range(value: float) -> tuple[float, float, float]:
    """Give the ends and the step of a slider: shares get 0 to 1, others up to twice the value."""
    high = 1.0 if abs(value) <= 1 else 2 * abs(value)
    step = 0.01 if high == 1 else 10.0 ** (math.floor(math.log10(high)) - 2)
    while value and abs(value / step - round(value / step)) > 1e-6 and step > abs(value) / 1e6:
        step /= 10
    step = float(f"{step:.1g}")
    return (-high if value < 0 else 0.0), high, step


def looks(program: Program) -> tuple[Look, ...]:
    """Give how each type of agent is drawn; what stays in its place is drawn below."""
    found = []
    size = _marker_size(program)
    for index, each in enumerate(program.agent_types):
        moves = each.moves or _moves(each)
        attribute, values = _telling_attribute(program, each)
        constant = f"{each.name}_{attribute}_colors".upper() if attribute else ""
        found.append(
            Look(
                type=each.name,
                color=COLORS[index % len(COLORS)],
                marker=MARKERS[index % len(MARKERS)] if moves else "s",
                size=size,
                zorder=2 if moves else 1,
                attribute=attribute,
                constant=constant,
                colors=tuple(
                    (value, COLORS[(index + place) % len(COLORS)])
                    for place, value in enumerate(values)
                ),
            )
        )
    return tuple(found)


def _moves(agent_type: AgentType) -> bool:
    """Whether behaviors of a type move agents in a space of the older kind."""
    code = "".join(parsed(each.definition).text for each in agent_type.behaviors)
    return any(f".{name}(" in code for name in MOVING)


def _marker_size(program: Program) -> int:
    """Give an area for markers, in square points, with which they fit into the cells of a grid."""
    space = program.space
    sides = [_usual_value(program, side) for side in (space.width, space.height)]
    if space.kind != "grid" or None in sides:
        return 30
    longest = max(1, *(side for side in sides if side is not None))
    return max(8, min(100, round((180 / longest) ** 2)))


def _usual_value(program: Program, node: Expression | None) -> int | None:
    """Give a whole number that stands in an expression or is the default of its parameter."""
    if isinstance(node, cst.Integer):
        return node.evaluated_value
    parameter = program.parameter(node.attr.value) if isinstance(node, cst.Attribute) else None
    return parameter.default if parameter and isinstance(parameter.default, int) else None


def _telling_attribute(
    program: Program, agent_type: AgentType
) -> tuple[str, tuple[str | bool, ...]]:
    """Give the attribute that tells agents of a type apart at a glance, with its values.

    A recorded one comes first; "" when there is none.
    """
    recorded = {
        each.attribute: each for each in program.trackers if each.agent_type == agent_type.name
    }
    found = []
    for each in agent_type.attributes:
        values = each.categories
        if not values and each.name in recorded:
            values = recorded[each.name].categories
        if not values and each.type == "boolean":
            values = (False, True)
        if values:
            found.append((each.name not in recorded, each.name, values))
    found.sort(key=lambda item: item[0])
    return found[0][1:] if found else ("", ())


def plots(program: Program, mentioned: Mentions) -> list[list[str]]:
    """Give the series of each plot: those that share an attribute, or the end of their name."""
    changing = changing_types(program, mentioned)
    groups: dict[str, list[str]] = {}
    for each in model_series(program):
        if not each.is_number or each.measure in ("frequencies", "values"):
            continue
        if each.measure == "count":
            key = "count" if each.agent_type in changing else ""
        elif each.measure == "variable":
            key = f"variable {each.attribute.rsplit('_', 1)[-1]}"
        else:
            key = f"{each.agent_type} {each.attribute}"
        if key:
            groups.setdefault(key, []).append(each.name)
    return list(groups.values())

"""Why nothing happens: likely reasons, the surest first."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from abm_quant.contracts.program import Attribute, CallFunction
from abm_quant.verifying.finding import listed
from abm_quant.verifying.report import Report
from abm_quant.verifying.subject import Piece, Subject, code_of

NEAR = {"neighborhood", "get_neighbors", "get_neighborhood", "neighbors", "iter_neighbors"}


@dataclass(frozen=True)
class Stillness:
    """A model in which something that should change does not."""

    subject: Subject
    still: tuple[str, ...]
    """Names of the series or attributes that do not change."""
    reports: tuple[Report, ...]
    """What the instrument saw in each step; empty where there is none."""

    @property
    def names(self) -> set[str]:
        """What the still series are made of: attributes, and what the code computes them from."""
        series = self.subject.series
        names = {
            series[each].attribute if each in series else each.split(".")[1] for each in self.still
        }
        while True:
            writers = [each for each in self.subject.pieces if names & each.uses.writes]
            stored = _storing(self.subject, names)
            own = {attribute.name for _, attribute in self.subject.attributes}
            found = {name for each in (*writers, *stored) for name in each.uses.reads & own} - names
            if not found:
                return names - {""}
            names |= found

    @property
    def first(self) -> Report | None:
        """The report on the start."""
        return self.reports[0] if self.reports else None


@dataclass(frozen=True)
class Reason:
    """Why nothing happens, and what to change."""

    words: str
    hint: str
    path: str = ""


def likely_reason(case: Stillness) -> Reason:
    """Give the first reason that fits."""
    found = (finder(case) for finder in FINDERS)
    return next(filter(None, found), UNKNOWN)


UNKNOWN = Reason(
    "The conditions in the scheduled behaviors never held.",
    "Look at the conditions in the code of the behaviors, and at the start values that they ask for.",
)


def no_agents(case: Stillness) -> Reason | None:
    """There is nobody."""
    if case.first is None or case.first.born:
        return None
    types = case.subject.program.agent_types
    hint = "Set initialCount to a number above 0, or create agents in the set-up."
    return Reason("There are no agents at the start.", hint, types[0].path if types else "")


def nothing_assigned(case: Stillness) -> Reason | None:
    """No scheduled code assigns what is recorded; other code may, or none does."""
    subject = case.subject
    names = _own(case)
    if names & subject.written:
        return None
    idle = [
        each for each in subject.pieces if each not in subject.active and names & each.uses.writes
    ]
    idle = [each for each in idle if each not in subject.first]
    if idle:
        piece = idle[0]
        what = listed(sorted(names & piece.uses.writes), 3)
        words = f"{piece.label} would change {what}, and nothing schedules it."
        return Reason(words, "Add it to scheduler.schedule.scheduleOrder.", piece.function.path)
    elsewhere = _untracked(case)
    if elsewhere:
        return elsewhere
    attributes = [each for _, each in subject.attributes if each.name in names]
    path = _path_of(attributes)
    words = f"No scheduled code assigns {listed(sorted(names), 4)}."
    return Reason(words, "Assign it in a behavior that is scheduled.", path)


def _own(case: Stillness) -> set[str]:
    """Give the names without those that are computed from attributes of agents."""
    attributes = {each.name for _, each in case.subject.attributes}
    own = set()
    for name in case.names:
        makers = (*case.subject.writers(name), *_storing(case.subject, {name}))
        is_computed = name not in attributes and any(
            each.uses.reads & attributes for each in makers
        )
        if not is_computed:
            own.add(name)
    return own


def _untracked(case: Stillness) -> Reason | None:
    """What changes is not what is recorded."""
    changed = sorted({name for report in case.reports[1:] for name in report.changed})
    if not changed:
        return None
    words = f"Agents do change ({listed(changed)}), but nothing of that is recorded."
    return Reason(words, "Track one of these, or a variable that is computed from them.")


def nobody_starts(case: Stillness) -> Reason | None:
    """No agent starts in a category that the code asks for."""
    for kind, attribute in case.subject.attributes:
        tally = case.first.tallies.get(f"{kind}.{attribute.name}") if case.first else None
        if attribute.type != "string" or not tally:
            continue
        asked = {each for piece in case.subject.active for each in _asked(piece, attribute.name)}
        missing = [each for each in sorted(asked) if not tally.get(each)]
        if not missing:
            continue
        have = listed([f"{number} {name}" for name, number in tally.items()], 4)
        words = (
            f"No {kind} starts with {attribute.name} {_either(missing)}, which the behaviors ask for "
            f"(at the start: {have}{_zeros(case)})."
        )
        hint = (
            f"Let some agents start so: in the initial value of {attribute.name}, or in a function "
            "of the initialization order."
        )
        return Reason(words, hint, attribute.path)
    return None


def _either(values: list[str]) -> str:
    return " or ".join(repr(each) for each in values[:3])


def _zeros(case: Stillness) -> str:
    """Name the parameters of the set-up that are 0."""
    read = {name for piece in case.subject.first for name in piece.uses.reads}
    zeros = [each.name for each in case.subject.numbers if each.default == 0 and each.name in read]
    return f"; {listed(zeros)} is 0" if zeros else ""


def _asked(piece: Piece, attribute: str) -> Iterable[str]:
    """Give the categories that a piece compares an attribute with."""
    for node in ast.walk(piece.tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(isinstance(side, ast.Attribute) and side.attr == attribute for side in sides):
                for side in sides:
                    for each in ast.walk(side):
                        if isinstance(each, ast.Constant) and isinstance(each.value, str):
                            yield each.value


def chance_is_zero(case: Stillness) -> Reason | None:
    """A number that the code compares a random number with is 0."""
    drawing = [each for each in case.subject.active if each.draws]
    read = {name for piece in drawing for name in piece.uses.reads | piece.uses.names}
    for parameter in case.subject.numbers:
        if parameter.default == 0 and parameter.name in read:
            words = f"{parameter.name} is 0, so what happens with that chance never happens."
            return Reason(words, f"Set {parameter.name} above 0.", parameter.path)
    for kind, attribute in case.subject.attributes:
        if (
            code_of(attribute.initial) in ("0", "0.0")
            and attribute.name in read - case.subject.written
        ):
            words = f"{kind}.{attribute.name} is 0, so what happens with that chance never happens."
            return Reason(words, f"Set {attribute.name} above 0.", attribute.path)
    return None


def no_neighbors(case: Stillness) -> Reason | None:
    """Agents look at their neighbors, and have none."""
    looking = [each for each in case.subject.active if NEAR & (each.uses.reads | each.uses.called)]
    if not looking:
        return None
    path = case.subject.program.space.path or "/environment/topology"
    if case.first is not None and case.first.links == 0:
        words = f"{looking[0].label} looks at neighbors, and the network has no links."
        return Reason(words, "Give topology.graph an averageDegree above 0.", path)
    has_space = case.subject.program.space.kind != "none"
    if has_space and case.first is not None and not case.first.places:
        words = f"{looking[0].label} looks at neighbors, and no agent has a place."
        return Reason(words, "Place the agents in the set-up.", path)
    return None


def waiting_for_zero(case: Stillness) -> Reason | None:
    """A parameter that scheduled code reads is 0."""
    read = {name for piece in case.subject.active for name in piece.uses.reads | piece.uses.names}
    zeros = [each for each in case.subject.numbers if each.default == 0 and each.name in read]
    if not zeros:
        return None
    words = f"{listed([each.name for each in zeros])} is 0."
    return Reason(words, "Try a value above 0.", zeros[0].path)


def _storing(subject: Subject, names: set[str]) -> list[Piece]:
    """Give the functions whose results are stored in variables of some names."""
    plan = (*subject.program.steps, *subject.program.setup)
    called = {each.name for each in plan if isinstance(each, CallFunction) and each.stores in names}
    return [each for each in subject.pieces if each.function.name in called]


def _path_of(attributes: list[Attribute]) -> str:
    return attributes[0].path if attributes else ""


FINDERS: tuple[Callable[[Stillness], Reason | None], ...] = (
    no_agents,
    nothing_assigned,
    no_neighbors,
    nobody_starts,
    chance_is_zero,
    waiting_for_zero,
    _untracked,
)

"""Counting: watched variables of the model that no code updates.

A variable that is named like a count of agents - `sheep_count`, `num_wolves`, `infected_count` where
a state is "infected", `sick_sheep_count` where sheep have `is_sick` - is counted after each step.
Any other keeps its start value, with a warning that names the behavior that would change it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import libcst as cst

from abm_quant.compiling.behaviors.pieces import Pieces
from abm_quant.compiling.behaviors.uses import Uses
from abm_quant.compiling.resolve import MODEL_STATE, Declared, Names, plain_words, snake_case
from abm_quant.compiling.values.values import Values
from abm_quant.compiling.watching.categories import categories
from abm_quant.compiling.watching.populations import Populations
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import Activate, CallFunction, Function, StepAction
from abm_quant.contracts.spec import ModelSpec, Variable

COUNTING = {
    *("count", "num", "number", "total", "n", "population", "size", "alive", "amount"),
    "reported",
}
FILLING = {"of", "the", "current", "living", "agent", "is", "ha", "had", "wa", "are"}


@dataclass
class Counting:
    """Finds what is never updated; collects problems and the lines that count."""

    spec: ModelSpec
    populations: Populations
    pieces: Pieces
    counts: dict[str, str]
    values: Values
    problems: list[Problem] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    counted: list[Declared] = field(default_factory=list)

    @property
    def names(self) -> Names:
        """All names."""
        return self.populations.names

    def find(self, steps: tuple[StepAction, ...]) -> None:
        """Go through the watched variables, given the plan of a step."""
        written = self._written(steps)
        read = self.pieces.all_uses().reads | set(self.counts.values())
        for declared in self._watched():
            item = declared.item
            assert isinstance(item, Variable)
            start = item.initial_value
            is_text = isinstance(start, str) and item.type in ("string", "object")
            if declared.python in written or is_text or item.type in ("array", "object"):
                continue
            counted = None if declared.python in read else self._count(declared)
            counted = counted or self._derived(declared, written)
            if counted is None:
                self._report_constant(declared)
            else:
                self.lines.append(f"    self.{declared.python} = {counted}\n")
                self.counted.append(declared)

    def method(self) -> Function | None:
        """Give the method of the model that counts, None when there is nothing to count."""
        if not self.lines:
            return None
        taken = self.names.known | self.pieces.methods(None)
        name = "update_counts" if "update_counts" not in taken else "count_agents_of_each_kind"
        text = f"def {name}(self):\n{''.join(self.lines)}"
        definition = cst.parse_module(text).body[0]
        assert isinstance(definition, cst.FunctionDef)
        return Function(
            name=name,
            definition=definition,
            description="Compute the recorded variables that nothing else updates.",
            mode="model-once",
            path=self.counted[0].path,
        )

    def call(self) -> tuple[CallFunction, ...]:
        """Give the call of the method, none when there is nothing to count."""
        method = self.method()
        if method is None:
            return ()
        return (CallFunction(name=method.name, arguments=(), path=method.path, is_method=True),)

    def _watched(self) -> Iterator[Declared]:
        """Give the variables of the model that are tracked or end the run, each once."""
        analytics = self.spec.data_analytics
        tracked = (analytics.tracked_variables if analytics else None) or ()
        rules = self.spec.termination_criteria.termination_rules or ()
        seen: set[str] = set()
        for reference in (*(e.source_name for e in tracked), *(e.source_name for e in rules)):
            declared = self.populations.find(reference) or self.names.find(reference, *MODEL_STATE)
            if declared is not None and declared.python not in seen:
                seen.add(declared.python)
                yield declared

    def _written(self, steps: Iterable[StepAction]) -> set[str]:
        """Give what the code that a step runs assigns."""
        steps = tuple(steps)
        called = {each.behavior if isinstance(each, Activate) else each.name for each in steps}
        stored = {each.stores for each in steps if isinstance(each, CallFunction) and each.stores}
        return stored | self.pieces.deep_uses(Uses(called=frozenset(called))).writes

    def _count(self, declared: Declared) -> str | None:
        """Give the expression that counts what a variable is named after, None without one."""
        watched = self.populations.type_of(declared)
        if watched is not None:
            return f"len(self.agents_by_type[{self.names.type_names[watched]}])"
        words = plain_words(declared.name)
        if not words & COUNTING:
            return None
        words -= COUNTING | FILLING
        found = [text for name in self.names.type_names for text in self._matches(name, words)]
        return found[0] if len(found) == 1 else None

    def _derived(self, declared: Declared, written: set[str]) -> str | None:
        """Give the start value as an expression, where it computes with what a step changes."""
        item = declared.item
        start = item.initial_value if isinstance(item, Variable) else None
        if not isinstance(start, str) or not isinstance(item, Variable):
            return None
        lowered = self.values.expression(start, item.type, self.values.scope())
        if lowered is None or not lowered.uses.reads & (written - {declared.python}):
            return None
        if not isinstance(lowered.expression, cst.BinaryOperation):
            return None
        code = cst.Module([]).code_for_node(lowered.expression)
        divisors = re.findall(r"/ (self\.\w+)", code)
        return f"{code} if {' and '.join(divisors)} else 0" if divisors else code

    def _matches(self, type_name: str, words: set[str]) -> Iterator[str]:
        own = plain_words(type_name)
        class_name = self.names.type_names[type_name]
        agents = f"self.agents_by_type[{class_name}]"
        if words == own:
            yield f"len({agents})"
            return
        one = snake_case(class_name)
        alone = len(self.names.type_names) == 1
        rest = words - own
        if not rest or not (alone or own < words):
            return
        for attribute in self.names.of("agent-attribute", agent_type=type_name):
            assert isinstance(attribute.item, Variable)
            is_named = plain_words(attribute.name) - FILLING == rest
            if attribute.item.type == "boolean" and is_named:
                yield f"sum({one}.{attribute.python} for {one} in {agents})"
            for category in categories(attribute, self.names, self.pieces):
                if isinstance(category, str) and plain_words(category) == rest:
                    condition = f"{one}.{attribute.python} == {category!r}"
                    yield f"sum({condition} for {one} in {agents})"

    def _report_constant(self, declared: Declared) -> None:
        if any(self.counts.get(each) == declared.python for each in self.names.type_names):
            return
        writers = [
            piece.declared.source_name
            for piece in self.pieces.by_path.values()
            if declared.python in piece.uses.writes
        ]
        message = f"Nothing updates {declared.source_name}; it keeps its start value."
        hint = f"Schedule {writers[0]}." if writers else "Assign it in a scheduled behavior."
        self.problems.append(problem("never-updated", declared.path, message, hint))

    def report(self) -> None:
        """Add a problem for each variable that is counted, unless a rule asks for it as such."""
        for declared, line in zip(self.counted, self.lines, strict=True):
            if self.populations.type_of(declared) is not None:
                continue
            counted = line.split(" = ", 1)[1].strip()
            message = f"Nothing updates {declared.source_name}; each step sets it to `{counted}`."
            hint = "Assign it in a scheduled behavior, if this is not meant."
            self.problems.append(problem("never-updated", declared.path, message, hint))

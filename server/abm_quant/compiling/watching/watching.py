"""Watching: stop rules and tracked variables of a specification."""

import re
from dataclasses import dataclass, field

from abm_quant.compiling.behaviors.pieces import Pieces
from abm_quant.compiling.resolve import Declared, Names
from abm_quant.compiling.values.values import Values
from abm_quant.compiling.watching.categories import categories
from abm_quant.compiling.watching.populations import WATCHED, Populations
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import StopRule, Tracker
from abm_quant.contracts.spec import ModelSpec, TerminationRule, TrackedVariable, Value, Variable

CONDITION = re.compile(r"([\w.]*)\s*(<=|>=|==|<|>|=)\s*([^<>=]+)")
SIGNS = {
    "<": ("<", "lessthan", "lessthanorequal", "less", "below", "under", "atmost", "lt", "lte"),
    ">": (">", "greaterthan", "greaterthanorequal", "greater", "above", "atleast", "gt", "gte"),
}
"""Words for conditions in the type of a rule."""


@dataclass
class Watcher:
    """Lowers what is watched; what cannot be watched is left out with a warning."""

    populations: Populations
    pieces: Pieces
    values: Values
    problems: list[Problem] = field(default_factory=list)

    @property
    def names(self) -> Names:
        """All names."""
        return self.populations.names

    def stop_rules(self, spec: ModelSpec) -> tuple[StopRule, ...]:
        """Give the rules that end a run before its last step."""
        rules: list[StopRule] = []
        for index, rule in enumerate(spec.termination_criteria.termination_rules or ()):
            path = f"/terminationCriteria/terminationRules/{index}"
            population = self.populations.find(rule.source_name)
            declared = population or self._find(rule.source_name, path, "The rule")
            if declared is None:
                continue
            item = _variable(declared)
            sign, value = self._condition(rule, declared, f"{path}/value")
            target = self.values.lower(value, item.type, self.values.scope(), f"{path}/value")
            numeric = isinstance(target.literal, (int, float)) or not target.is_literal
            rules.append(
                StopRule(
                    source_name=rule.source_name if population else declared.source_name,
                    attribute=declared.python,
                    agent_type=self._class_of(declared),
                    value=target.expression,
                    crossing=(item.type in ("float", "number") or sign in ("<", ">"))
                    and numeric
                    and not isinstance(target.literal, bool)
                    and declared.agent_type is None,
                    description=rule.description,
                    path=path,
                )
            )
        return tuple(rules)

    def _condition(self, rule: TerminationRule, declared: Declared, path: str) -> tuple[str, Value]:
        """Give the sign of a rule's condition and its value: `>= 90` ends where 90 is reached."""
        word = re.sub(r"[^a-z<>]", "", (rule.type or "").lower())
        stated = next((sign for sign, words in SIGNS.items() if word in words), "=")
        match = CONDITION.fullmatch(rule.value.strip()) if isinstance(rule.value, str) else None
        if match is None:
            return stated, rule.value
        left, sign, value = match.groups()
        meant = self.populations.find(left) or self.names.find(left, *WATCHED)
        if left and meant != declared:
            return stated, rule.value
        message = f"The rule {rule.value!r} was read as: {declared.source_name} reaches {value}."
        self.problems.append(problem("value-assumed", path, message))
        return sign[0], value

    def trackers(self, spec: ModelSpec) -> tuple[Tracker, ...]:
        """Give the recorded variables."""
        analytics = spec.data_analytics
        trackers: list[Tracker] = []
        seen: set[tuple[str, str, bool]] = set()
        for index, tracked in enumerate((analytics.tracked_variables if analytics else None) or ()):
            path = f"/dataAnalytics/trackedVariables/{index}"
            if self._is_population(tracked.source_name, path):
                continue
            declared = self._find(tracked.source_name, path, "The tracked variable")
            if declared is None:
                continue
            tracker = self._tracker(declared, tracked, path)
            key = (tracker.source_name, tracker.level, tracker.at_start)
            if key in seen:
                message = f"{tracker.source_name} is tracked twice; once is enough."
                self.problems.append(problem("repaired", path, message))
                continue
            seen.add(key)
            trackers.append(tracker)
        return tuple(trackers)

    def _is_population(self, reference: str, path: str) -> bool:
        """Tell whether a tracker asks for a population, which every run records; note it."""
        agent_type = self.populations.asked_for(reference)
        if agent_type is None:
            return False
        series = f"{self.names.type_names[agent_type]}.count"
        message = f"{reference!r} is not declared; it is recorded as {series!r}, as in every run."
        self.problems.append(problem("value-assumed", f"{path}/sourceName", message))
        return True

    def _tracker(self, declared: Declared, tracked: TrackedVariable, path: str) -> Tracker:
        item = _variable(declared)
        level = tracked.collection_level
        if declared.agent_type is None and level == "agent":
            level = "model"
            message = f"{declared.source_name} belongs to the model and is tracked once a step."
            self.problems.append(problem("repaired", f"{path}/collectionLevel", message))
        return Tracker(
            source_name=declared.source_name,
            attribute=declared.python,
            type=item.type,
            agent_type=self._class_of(declared),
            level=level,
            at_start=tracked.check_time == "start-of-step",
            description=tracked.description or item.description,
            path=path,
            categories=categories(declared, self.names, self.pieces) if declared.agent_type else (),
        )

    def _find(self, reference: str, path: str, what: str) -> Declared | None:
        declared = self.names.find(reference, *WATCHED)
        if declared is not None:
            assumed = self.names.assumed(reference, declared, f"{path}/sourceName")
            self.problems += [assumed] if assumed else []
            return declared
        ambiguous = self.names.ambiguous(reference, *WATCHED, path=f"{path}/sourceName")
        if ambiguous is not None:
            self.problems.append(ambiguous)
            return None
        close = ", ".join(self.names.close_to(reference))
        hint = f"Did you mean {close}?" if close else "Name a declared variable."
        message = f"{what} {reference!r} is not declared; it was left out."
        self.problems.append(problem("dropped", f"{path}/sourceName", message, hint))
        return None

    def _class_of(self, declared: Declared) -> str | None:
        return self.names.type_names[declared.agent_type] if declared.agent_type else None


def _variable(declared: Declared) -> Variable:
    assert isinstance(declared.item, Variable)
    return declared.item

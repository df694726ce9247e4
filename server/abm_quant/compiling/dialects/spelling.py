"""Dialect: names that are spelled otherwise than they are declared.

`agent.isInfected` for a declared `is_infected`, `self.find_flower()` where the behavior's sourceName
is findNearestFlower, `self.price` for what belongs to the model, `self.model.move()` for what
belongs to the agent, `infectedCount` for a declared `infected_count`: where no declaration has the
name that the code writes and a single one is meant, the declared name is written.
"""

import re

import libcst as cst

from abm_quant.compiling.dialects.scope import (
    BUILTINS,
    Scope,
    assigned_outside,
    bound_names,
    chain,
    free_names,
    own_locals,
)
from abm_quant.compiling.naming.known import FRAMEWORK_NAMES, KNOWN_IMPORTS, TIME
from abm_quant.compiling.resolve import MODEL_STATE, Kind, python_name, spelling

NOTE = "Names got the spelling of their declaration."
OF_AGENTS: tuple[Kind, ...] = ("agent-attribute", "agent-behavior")
OF_MODEL: tuple[Kind, ...] = (*MODEL_STATE, "environment-behavior")

NAMED: tuple[Kind, ...] = (*OF_AGENTS, *OF_MODEL)


class Spelling(cst.CSTTransformer):
    """Replaces attributes and bare names by those that are declared."""

    def __init__(self, scope: Scope, free: set[str]) -> None:
        super().__init__()
        self.scope = scope
        self.free = free
        self.known = scope.names.known | FRAMEWORK_NAMES

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Mend one attribute."""
        name = updated_node.attr.value
        if name.startswith("__"):
            return updated_node
        names = chain(updated_node)
        if names is not None and self._is_elsewhere(names):
            return cst.Attribute(self._owner(), updated_node.attr)
        if name in self.known or (names is not None and names[0] in KNOWN_IMPORTS):
            return updated_node
        written = self.scope.aliases.get(name) or self._spelled(name, names)
        if written is None and names is not None and self._is_time(names):
            written = "steps"
        if written is None or written == name:
            return updated_node
        self.scope.assume("name-assumed", f"`.{name}` was read as `.{written}`.")
        return updated_node.with_changes(attr=cst.Name(written))

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        """Mend one bare name, where nothing else gives it a meaning."""
        name = original_node.value
        if name not in self.free or self.scope.constant(name) is not None:
            return updated_node
        kinds = (*OF_MODEL, *OF_AGENTS) if self.scope.agent_type else OF_MODEL
        found = self.scope.names.spelled(name, *kinds, agent_type=self.scope.agent_type)
        if found is None or found.name == name:
            return updated_node
        self.scope.assume("name-assumed", f"`{name}` was read as {found.source_name}.")
        return updated_node.with_changes(value=python_name(found.name))

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        """Keep the keyword of an argument."""
        return updated_node.with_changes(keyword=original_node.keyword)

    def _spelled(self, name: str, names: tuple[str, ...] | None) -> str | None:
        own = self.scope.agent_type if names and names[:-1] == (self.scope.me,) else None
        kinds = OF_MODEL if names and self._leads_to_model(names) else (*OF_AGENTS, *OF_MODEL)
        found = self.scope.names.spelled(name, *kinds, agent_type=own)
        if found is not None:
            return found.python
        spelled = self.scope.names.by_spelling(name, *OF_AGENTS)
        written = {each.python for each in spelled}
        return written.pop() if len(written) == 1 else None

    def _is_time(self, names: tuple[str, ...]) -> bool:
        """Tell whether this asks the model for the number of the step, by another word."""
        is_assigned = names[-1] in self.scope.assigned
        return self._leads_to_model(names) and spelling(names[-1]) in TIME and not is_assigned

    def _leads_to_model(self, names: tuple[str, ...]) -> bool:
        return ".".join(names[:-1]) == self.scope.model

    def _is_elsewhere(self, names: tuple[str, ...]) -> bool:
        """Tell whether the agent's code reaches for the model's own thing on the agent itself."""
        scope = self.scope
        if scope.owner != "agent" or len(names) != 2 or names[0] != scope.me:
            return False
        name = names[1]
        if name in FRAMEWORK_NAMES or name in scope.own_assigned:
            return False
        own = scope.names.of(*OF_AGENTS, agent_type=scope.agent_type)
        if any(name in (each.python, each.name) for each in own):
            return False
        if not any(each.name == name for each in scope.names.of(*OF_MODEL)):
            return False
        message = f"`{'.'.join(names)}` was read as `{scope.model}.{name}`."
        scope.assume("name-assumed", message)
        return True

    def _owner(self) -> cst.BaseExpression:
        return cst.parse_expression(self.scope.model)


def applies(text: str, scope: Scope) -> bool:
    """Tell whether the code may hold such a name."""
    words = set(re.findall(r"[A-Za-z_]\w*", text)) - scope.names.known - FRAMEWORK_NAMES
    if any(word in scope.aliases or scope.names.by_spelling(word, *NAMED) for word in words):
        return True
    if any(spelling(word) in TIME for word in words):
        return True
    if scope.owner != "agent":
        return False
    own = scope.names.of_owner(scope.agent_type) | scope.own_assigned | FRAMEWORK_NAMES
    return bool(set(re.findall(r"\bself\.(\w+)", text)) & scope.names.of_owner(None) - own)


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module with the declared names."""
    meant_outside = assigned_outside(code, own_locals(code))
    free = free_names(code) - bound_names(code) - BUILTINS - KNOWN_IMPORTS.keys() | meant_outside
    free -= {*scope.functions, *scope.names.type_names, *scope.names.type_names.values()}
    free -= {"model", "self", "agents", "environment", "random"}
    free = {name for name in free if scope.bare(name) is None}
    return module.visit(Spelling(scope, free))

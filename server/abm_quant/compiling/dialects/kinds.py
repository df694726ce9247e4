"""Dialect: agent types that the code says by a word instead of the class.

`agent.breed == "Wolf"` and `isinstance(agent, "Wolf")` ask for the class, `agents_by_type["Wolf"]`,
`model.get_agents("Wolf")`, `model.wolves` and a bare `wolves` mean the agents of a type.
"""

import re

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.dialects.scope import Scope, bound_names, chain, free_names
from abm_quant.compiling.naming.known import FRAMEWORK_NAMES
from abm_quant.compiling.resolve import singulars, snake_case

NOTE = "Agent types that were said in words became classes."
WORDS = ("type", "breed", "kind", "species", "agent_type", "agentType", "type_name", "agent_kind")
GETTERS = ("get_agents", "get_agents_by_type", "agents_of_type", "getAgents", "getAgentsByType")


class Kinds(cst.CSTTransformer):
    """Replaces words for agent types by their classes."""

    def __init__(self, scope: Scope, free: set[str]) -> None:
        super().__init__()
        self.scope = scope
        self.free = free
        self.words = {word for word in WORDS if word not in scope.names.known | scope.assigned}

    def leave_Comparison(
        self, original_node: cst.Comparison, updated_node: cst.Comparison
    ) -> cst.BaseExpression:
        """`agent.breed == "Wolf"` -> `isinstance(agent, Wolf)`."""
        match updated_node:
            case cst.Comparison(
                left=cst.Attribute(value=agent, attr=cst.Name(value=word)),
                comparisons=[cst.ComparisonTarget(operator=operator, comparator=text)],
            ) if (
                word in self.words
            ):
                class_name = self._class_of(text)
                if class_name is None or not m.matches(operator, m.Equal() | m.NotEqual()):
                    return updated_node
                call = _call("isinstance", agent, cst.Name(class_name))
                if m.matches(operator, m.Equal()):
                    return call
                return cst.UnaryOperation(cst.Not(), call)
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """`isinstance(agent, "Wolf")`, `model.get_agents("Wolf")`."""
        names, given = chain(original_node.func), updated_node.args
        class_name = self._class_of(given[-1].value) if given else None
        if names is None or class_name is None:
            return updated_node
        if names == ("isinstance",):
            return _call("isinstance", given[0].value, cst.Name(class_name))
        if names[-1] in GETTERS and names[-1] not in self.scope.names.known and len(given) == 1:
            return self._agents_of(class_name)
        return updated_node

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        """`agents_by_type["Wolf"]` -> `agents_by_type[Wolf]`."""
        match updated_node:
            case cst.Subscript(
                value=cst.Attribute(attr=cst.Name(value="agents_by_type")),
                slice=[cst.SubscriptElement(slice=cst.Index(value=text))],
            ) if (class_name := self._class_of(text)) is not None:
                element = cst.SubscriptElement(cst.Index(cst.Name(class_name)))
                return updated_node.with_changes(slice=[element])
        return updated_node

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """`model.wolves` -> `model.agents_by_type[Wolf]`."""
        names = chain(original_node)
        if names is None or ".".join(names[:-1]) not in (self.scope.model, "self.model", "model"):
            return updated_node
        class_name = self._plural(names[-1])
        return self._agents_of(class_name) if class_name else updated_node

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """`wolves` -> `model.agents_by_type[Wolf]`."""
        class_name = self._plural(original_node.value) if original_node.value in self.free else None
        return self._agents_of(class_name) if class_name else updated_node

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        """Keep the keyword of an argument."""
        return updated_node.with_changes(keyword=original_node.keyword)

    def _class_of(self, text: cst.BaseExpression) -> str | None:
        names = self.scope.names
        if isinstance(text, cst.Name) and text.value in names.type_names:
            return names.type_names[text.value]
        if not isinstance(text, cst.SimpleString) or not isinstance(text.evaluated_value, str):
            return None
        return names.type_names.get(names.type_called(text.evaluated_value) or "")

    def _plural(self, name: str) -> str | None:
        return plural_of(name, self.scope)

    def _agents_of(self, class_name: str) -> cst.BaseExpression:
        written = f"{self.scope.model}.agents_by_type[{class_name}]"
        self.scope.assume("name-assumed", f"The agents of a type were read as `{written}`.")
        return cst.parse_expression(written)


def plural_of(name: str, scope: Scope) -> str | None:
    """Give the class whose agents an undeclared plural means: `Wolf` for `wolves`."""
    if name in scope.names.known | scope.assigned | FRAMEWORK_NAMES:
        return None
    types = {snake_case(each): each for each in scope.names.type_names.values()}
    return next((types[each] for each in singulars(name) if each in types), None)


def _call(function: str, *arguments: cst.BaseExpression) -> cst.Call:
    return cst.Call(cst.Name(function), [cst.Arg(each) for each in arguments])


def applies(text: str, scope: Scope) -> bool:
    """Tell whether the code may say an agent type by a word."""
    words = set(re.findall(r"[^\W\d]\w*", text))
    if words & {*WORDS, *GETTERS} or re.search(r"(isinstance\(.*|agents_by_type\[)['\"]", text):
        return True
    return any(plural_of(word, scope) for word in words if word.islower())


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module with classes."""
    free = free_names(code) - bound_names(code) - scope.functions.keys()
    return module.visit(Kinds(scope, free))

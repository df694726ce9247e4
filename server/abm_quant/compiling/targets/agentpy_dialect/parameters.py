"""Parameters: what never changes is read as `self.p.name`, the rest is copied to the model.

A parameter is copied when the code changes it, when it is recorded or watched, and where it is not
plain who has the attribute that the code reads.
"""

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.targets.agentpy_dialect.code import (
    Names,
    Place,
    Renaming,
    pieces,
    text_of,
    visited,
)
from abm_quant.compiling.targets.agentpy_dialect.names import DICT_NAMES, agent_member_names
from abm_quant.contracts.program import Parameter, Program, SetVariable, Variable

BY_NAME = ("getattr", "setattr", "hasattr", "delattr")


def copy_state(program: Program) -> Program:
    """Give the Program whose model has a variable for each parameter that must be copied.

    Their initial values are bare names until `read_parameters`.
    """
    copied = _copied(program)
    state = [each for each in program.parameters if each.name in copied]
    return replace(
        program,
        variables=(*map(_variable, state), *program.variables),
        setup=(*(SetVariable(name=each.name) for each in state), *program.setup),
    )


def read_parameters(program: Program) -> Program:
    """Give the Program that reads its parameters from `self.p`."""
    names = {each.name for each in program.parameters}
    copied = {
        each.initial.value for each in program.variables if isinstance(each.initial, cst.Name)
    }
    program = visited(program, _Reads, frozenset(names - copied))
    variables = tuple(
        (
            replace(each, initial=parameter_of(cst.Name("self"), each.initial.value))
            if isinstance(each.initial, cst.Name) and each.initial.value in names
            else each
        )
        for each in program.variables
    )
    return replace(program, variables=variables)


def parameter_of(model: cst.BaseExpression, name: str) -> cst.BaseExpression:
    """Give the code that reads a parameter of a model: `self.p.name` for `self.model`."""
    holder = model.value if isinstance(model, cst.Attribute) else model
    parameters = cst.Attribute(holder, cst.Name("p"))
    if name not in DICT_NAMES:
        return cst.Attribute(parameters, cst.Name(name))
    key = cst.Index(cst.SimpleString(f'"{name}"'))
    return cst.Subscript(parameters, [cst.SubscriptElement(key)])


def _variable(parameter: Parameter) -> Variable:
    kind = {bool: "boolean", int: "integer", float: "float", str: "string"}
    return Variable(
        name=parameter.name,
        initial=cst.Name(parameter.name),
        type=kind[type(parameter.default)],  # type: ignore[arg-type]
        description=parameter.description,
        path=parameter.path,
    )


def _copied(program: Program) -> set[str]:
    """Give the parameters that the model holds itself."""
    names = {each.name for each in program.parameters}
    copied = {each.name for each in program.parameters if each.is_state}
    copied |= {each.attribute for each in program.trackers if each.agent_type is None}
    copied |= {each.attribute for each in program.stop_rules if each.agent_type is None}
    members = {name for each in program.agent_types for name in agent_member_names(each)}
    for node, place in pieces(program):
        copied |= set(_unclear(node, Names(node, place), names, members))
    return copied & names


def _unclear(
    code: cst.CSTNode, names: Names, parameters: set[str], members: set[str]
) -> Iterator[str]:
    """Give the parameters that code may read without saying that the model has them.

    Where it names attributes by texts, these are the texts that stand in it.
    """
    for node in m.findall(code, m.Attribute(value=m.Name())):
        assert isinstance(node, cst.Attribute)
        name = node.attr.value
        known = names.is_model(node.value) or names.is_own_agent(node.value)
        if not known and name not in members:
            yield name
    by_name = m.findall(code, m.Call(func=m.OneOf(*map(m.Name, BY_NAME))))
    if by_name:
        texts = {text_of(each) for each in m.findall(code, m.SimpleString())}
        yield from parameters & texts or parameters


class _Reads(Renaming):
    """Reads parameters from `p`."""

    def __init__(self, node: cst.CSTNode, place: Place, constant: frozenset[str]) -> None:
        super().__init__(node, place)
        self.constant = constant

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Bring `self.model.name` to `self.p.name`."""
        name = original_node.attr.value
        if name not in self.constant or not self.names.is_model(original_node.value):
            return updated_node
        return parameter_of(updated_node.value, name)

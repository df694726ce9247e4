"""What the ODD description says that can be derived from a Program, in words."""

from collections.abc import Iterator
from typing import Any

from abm_quant.compiling.fragments import Code, code_span, join, markdown
from abm_quant.compiling.rendering.placing import creations
from abm_quant.compiling.rendering.series import model_series
from abm_quant.compiling.rendering.views import Mentions, changing_types
from abm_quant.contracts.program import Function, Program

SENSES = {"neighborhood", "get_neighborhood", "get_neighbors", "iter_neighbors", "connections"}
CHANCE = {"random", "rng"}
NOT_STATED = markdown("The specification does not state this.")


def description_context(program: Program, mentioned: Mentions) -> dict[str, Any]:
    """Give what ODD.md is printed with besides the Program."""
    return {
        "parameters": [each for each in program.parameters if not each.is_state],
        "start_values": [each for each in program.parameters if each.is_state],
        "concepts": tuple(concepts(program, mentioned)),
        "space_sentence": _space_sentence(program),
        "placement_sentence": _placement_sentence(program),
        "submodels": tuple(submodels(program)),
    }


def concepts(program: Program, mentioned: Mentions) -> Iterator[tuple[str, Code]]:
    """Give the eleven design concepts of ODD, each with what the Program tells about it."""
    used = mentioned.names
    yield "Basic principles", NOT_STATED
    yield "Emergence", _emergence(program, mentioned)
    yield "Adaptation", NOT_STATED
    yield "Objectives", NOT_STATED
    yield "Learning", NOT_STATED
    yield "Prediction", NOT_STATED
    yield "Sensing", markdown(_sensing(program, used))
    yield "Interaction", markdown(_interaction(program, used))
    yield "Stochasticity", markdown(_stochasticity(used))
    yield "Collectives", markdown("There are no collectives besides the types of agents.")
    yield "Observation", _observation(program)


def _emergence(program: Program, mentioned: Mentions) -> Code:
    changing = changing_types(program, mentioned)
    found = [
        each.name
        for each in model_series(program)
        if each.measure != "count" or each.agent_type in changing
    ]
    if not found:
        return markdown("Nothing is recorded in which it would show.")
    return _listed("What the agents do together shows in", found)


def _listed(text: str, names: list[str]) -> Code:
    """Give a sentence that ends with names in the style of code."""
    listed = join([code_span(name) for name in names], ", ")
    return join([join([markdown(f"{text}:"), listed], " "), markdown(".")], "")


def _sensing(program: Program, used: frozenset[str]) -> str:
    if program.space.kind != "none" and used & SENSES:
        return "Agents perceive their neighborhood in the space, without error."
    if used & {"agents", "agents_by_type"}:
        return "Agents can perceive any other agent, without error."
    return "Agents perceive the state of the model and their own state, without error."


def _interaction(program: Program, used: frozenset[str]) -> str:
    if program.space.kind != "none" and used & SENSES:
        return "Agents meet those near them in the space."
    if used & {"agents", "agents_by_type"}:
        return "Any two agents can meet."
    return "Agents interact through the state of the model only."


def _stochasticity(used: frozenset[str]) -> str:
    order = "The order in which agents act is drawn anew for each behavior in each step"
    if used & CHANCE:
        return f"{order}, and the submodels draw random numbers. One seed fixes all of them."
    return f"{order}. One seed fixes it."


def _observation(program: Program) -> Code:
    names = [each.name for each in model_series(program)]
    return _listed("Recorded before the first step and in each step", names)


def _space_sentence(program: Program) -> str:
    space = program.space
    if space.made_by_author:
        return "The model builds its space in its own code."
    if space.kind == "none":
        return "The model has no space: distance plays no role."
    if space.kind == "network":
        return "Agents stand on the nodes of a network, one on each."
    edges = "whose edges are joined" if space.torus else "with edges"
    if space.kind == "continuous":
        return f"Space is a continuous plane {edges}."
    near = "four" if space.neighborhood == "von_neumann" else "eight"
    room = "any number of agents"
    if space.capacity is not None:
        room = "at most one agent" if space.capacity == 1 else f"at most {space.capacity} agents"
    return f"Space is a grid of cells {edges}; a cell touches {near} others and holds {room}."


def _placement_sentence(program: Program) -> str:
    placed = {each.placement for each in creations(program).values()} - {"none"}
    if not placed:
        return ""
    if placed == {"given"}:
        return "Every agent has a given place."
    given = " unless the specification gives one" if "given" in placed else ""
    return f"Agents get random places{given}."


def submodels(program: Program) -> Iterator[tuple[str, Function]]:
    """Give each behavior and function with its name: of agents, of the model, then the others."""
    for agent_type in program.agent_types:
        for behavior in agent_type.behaviors:
            yield f"{agent_type.name}.{behavior.name}", behavior
    for behavior in program.behaviors:
        yield f"{program.class_name}.{behavior.name}", behavior
    for function in program.functions:
        yield function.name, function

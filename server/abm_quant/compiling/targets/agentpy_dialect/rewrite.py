"""Brings a Program from the one dialect to AgentPy."""

from abm_quant.compiling.targets.agentpy_dialect.births import rewrite_births
from abm_quant.compiling.targets.agentpy_dialect.clashes import rename_clashes
from abm_quant.compiling.targets.agentpy_dialect.collections import rewrite_collections
from abm_quant.compiling.targets.agentpy_dialect.context import agentpy_context
from abm_quant.compiling.targets.agentpy_dialect.framework import rewrite_framework
from abm_quant.compiling.targets.agentpy_dialect.ids import rewrite_ids
from abm_quant.compiling.targets.agentpy_dialect.lists import AgentLists, agent_lists
from abm_quant.compiling.targets.agentpy_dialect.parameters import copy_state, read_parameters
from abm_quant.compiling.targets.agentpy_dialect.picture import picture_context
from abm_quant.compiling.targets.agentpy_dialect.sets import rewrite_sets
from abm_quant.compiling.targets.agentpy_dialect.spaces import rewrite_spaces, space_context
from abm_quant.compiling.targets.agentpy_dialect.start_values import rewrite_start_values
from abm_quant.compiling.targets.agentpy_dialect.words import rewrite_words
from abm_quant.compiling.targets.target import Rewritten
from abm_quant.contracts.program import Program


def rewrite_to_agentpy(program: Program) -> Rewritten:
    """Give the Program in AgentPy's words, with what its templates need.

    The order matters: what is recognized by Mesa's words comes before what replaces them.
    """
    before = program
    program, spatial = rewrite_spaces(program)
    program, lists = rewrite_agents(program)
    program, are_numbered = rewrite_ids(program)
    context = agentpy_context(program, lists) | space_context(program, spatial)
    context |= picture_context(before, program, spatial)
    return program, context | {"are_numbered": are_numbered}


def rewrite_agents(program: Program) -> tuple[Program, AgentLists]:
    """Give the Program without Mesa's parameters, sets, words and classes; space is left."""
    program = copy_state(rewrite_start_values(program))
    lists = agent_lists(program)
    program = read_parameters(rename_clashes(rewrite_sets(program, lists)))
    program = rewrite_collections(rewrite_births(program, lists), lists)
    return rewrite_framework(rewrite_words(program)), lists

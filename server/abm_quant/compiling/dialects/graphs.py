"""Dialect: random graphs that networkx generates without a seed get one from the model.

Without it networkx draws from the generators of the process, and a model does not repeat itself
under its own seed.
"""

import re

import libcst as cst

from abm_quant.compiling.dialects.scope import Scope, chain

SEED_PLACE = {
    "erdos_renyi_graph": 2,
    "gnp_random_graph": 2,
    "fast_gnp_random_graph": 2,
    "binomial_graph": 2,
    "gnm_random_graph": 2,
    "dense_gnm_random_graph": 2,
    "watts_strogatz_graph": 3,
    "newman_watts_strogatz_graph": 3,
    "connected_watts_strogatz_graph": 4,
    "barabasi_albert_graph": 2,
    "powerlaw_cluster_graph": 3,
    "random_regular_graph": 2,
    "random_geometric_graph": 5,
    "stochastic_block_model": 4,
    "random_partition_graph": 3,
    "planted_partition_graph": 4,
    "relaxed_caveman_graph": 3,
    "configuration_model": 2,
    "spring_layout": 10,
}
"""Generators that take a seed, with the number of parameters before it."""
MARK = re.compile(rf"\b({'|'.join(SEED_PLACE)})\(")
NOTE = "Random graphs are drawn with the model's seed."


class Graphs(cst.CSTTransformer):
    """Adds the argument `seed` to calls that lack it."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        source = "self.random" if scope.owner == "agent" else f"{scope.model}.random"
        self.seed = cst.Arg(
            cst.parse_expression(f"{source}.randrange(2**32)"), keyword=cst.Name("seed")
        )

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Complete one call."""
        names = chain(original_node.func)
        place = SEED_PLACE.get(names[-1]) if names else None
        given = updated_node.args
        if place is None or any(each.star for each in given) or _has_seed(updated_node, place):
            return updated_node
        return updated_node.with_changes(args=[*given, self.seed])


def _has_seed(call: cst.Call, place: int) -> bool:
    named = any(each.keyword is not None and each.keyword.value == "seed" for each in call.args)
    return named or sum(each.keyword is None for each in call.args) > place


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module with seeded graphs."""
    return module.visit(Graphs(scope))

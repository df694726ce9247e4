"""What the code takes from AgentPy and no dialect could bring to plain Mesa."""

import ast
import re
from collections.abc import Iterator, Set

EXPERIMENTS = "Leave it out: parameters are varied by experiments around the model, not in it."
LISTS = "Use a list of agents, or `self.model.agents_by_type[T]` for all agents of a type."
PLOTS = "Leave it out: the service draws what trackedVariables name."
CLASSES = "Write each behavior as a plain function; the agent types declare the classes."
HINTS = {
    **dict.fromkeys(("AgentSet", "AgentIter", "AgentDListIter", "AgentGroupIter"), LISTS),
    **dict.fromkeys(("AgentList", "AgentDList", "AttrIter", "AttrList"), LISTS),
    **dict.fromkeys(("Experiment", "Sample", "Range", "IntRange", "Values"), EXPERIMENTS),
    **dict.fromkeys(("animate", "gridplot", "sensitivity_sobol"), PLOTS),
    **dict.fromkeys(("Agent", "Model"), CLASSES),
    "DataDict": "Leave it out: what trackedVariables name is recorded in every step.",
    "Grid": "Describe the grid in `environment.topology`; the model makes it.",
    "Network": "Describe the network in `environment.topology`; the model makes it.",
    "Space": "Describe the space in `environment.topology`; the model makes it.",
}
OTHERWISE = "Write it in terms of the agents and the space."


MASK = "Write `[agent for agent in self.model.agents if ...]`."
AGENTS = re.compile(r"(?:.+\.)?(?:self|model)\.agents|.+\.agents_by_type\[\w+\]")


def without_counterpart(code: str, modules: Set[str]) -> Iterator[tuple[str, str]]:
    """Give the message and the hint for each thing of AgentPy that is left in translated code.

    `modules` are the names under which the code says the module.
    """
    tree = ast.parse(code)
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in modules:
            found[ast.unparse(node)] = HINTS.get(node.attr, OTHERWISE)
        elif isinstance(node, ast.Call) and AGENTS.fullmatch(ast.unparse(node.func)):
            found[ast.unparse(node)] = MASK
    for written, hint in found.items():
        yield f"`{written}` is AgentPy's and has no counterpart.", hint

"""What language models are told, for the golden tests: one text of each kind."""

from collections.abc import Callable

from abm_quant.authoring import instructions
from abm_quant.authoring.changes import Change
from abm_quant.authoring.offline.gallery import entry_named
from abm_quant.contracts.problems import problem

SIR = entry_named("sir-network").model
PROBLEMS = [
    problem("no-agents", "/agents", "The model has no agents.", "Add an agent type."),
    problem("dropped", "/scheduler/schedule/scheduleOrder/0", "It was left out.", "Name it."),
]
TEXTS: dict[str, Callable[[], str]] = {
    "instructions": instructions.instructions,
    "new": lambda: instructions.request_text("wolves and rabbits, add a disease later"),
    "change": lambda: instructions.request_text("add vaccination", SIR),
    "repair": lambda: instructions.repair_text(PROBLEMS, SIR.wire(), ran=False),
    "removals": lambda: instructions.removals_text(
        [Change(kind="removed", path="/x", description="", name="globalVariable.x")]
    ),
}
"""Each text by its name."""

"""What is left of AgentPy in code is refused with what to write instead."""

import pytest

from abm_quant.compiling.lower import lower
from abm_quant.errors import CannotCompile
from small_specs import behavior, spec


@pytest.mark.parametrize(
    ("line", "written", "advice"),
    [
        ("chance = ap.Range(0, 1)", "ap.Range", "experiments"),
        ("ap.animate(self.model)", "ap.animate", "draws"),
        ("rich = self.model.agents(self.mask)", "self.model.agents(self.mask)", "if ..."),
        ("x = ap.something", "ap.something", "in terms of"),
    ],
)
@pytest.mark.parametrize("head", ["", "import agentpy as ap\n    "])
def test_it_is_named_with_what_to_write(line: str, written: str, advice: str, head: str) -> None:
    walk = behavior(f"def walk(self):\n    self.mask = [True]\n    {head}{line}")
    with pytest.raises(CannotCompile) as refusal:
        lower(spec(behaviors=[walk], schedule=["agent.Walker.agentBehavior.walk"]))
    found = [each for each in refusal.value.problems if each.severity == "error"]
    assert [(each.code, each.path) for each in found] == [
        ("no-counterpart", "/agents/0/0/agentBehaviors/0/code")
    ]
    assert written in found[0].message and advice in found[0].hint

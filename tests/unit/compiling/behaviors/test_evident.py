"""Evident names: what nobody supplies, and what must stay an error."""

from typing import Any

import pytest

from abm_quant.compiling.fragments import parsed
from abm_quant.compiling.lower import lower
from abm_quant.contracts.program import Program
from abm_quant.contracts.spec import ModelSpec
from abm_quant.errors import CannotCompile
from small_specs import behavior, spec


def walking(code: str, topology: dict[str, Any], *others: dict[str, Any]) -> Program:
    raw = spec(
        behaviors=[behavior(code), *others], schedule=["agent.Walker.agentBehavior.walk"]
    ).wire()
    raw["environment"]["topology"] |= topology
    return lower(ModelSpec.model_validate(raw))


GRID = {"type": "grid", "width": 3, "height": 3}


@pytest.mark.parametrize("name", ["neighbors", "neighbor_agents", "nearby", "neighbours"])
def test_the_agents_around_are_found_by_the_behavior(name: str) -> None:
    program = walking(f"def walk(self, {name}):\n    return len({name})", GRID)
    code = parsed(program.agent_types[0].behaviors[0].definition).text
    assert f"{name} = list(self.cell.neighborhood.agents)" in code
    assert [each.code for each in program.problems] == ["name-assumed"]


def test_they_are_asked_of_the_grid_that_the_code_uses() -> None:
    code = "def walk(self):\n    here = self.pos\n    return here, self.neighbors()"
    program = walking(code, GRID | {"neighborhood": "von_neumann"})
    code = parsed(program.agent_types[0].behaviors[0].definition).text
    assert "get_neighbors(self.pos, moore=False, include_center=False)" in code


def test_a_declared_getter_stays() -> None:
    own = behavior("def get_neighbors(self):\n    return []")
    program = walking("def walk(self):\n    return self.get_neighbors()", GRID, own)
    code = parsed(program.agent_types[0].behaviors[0].definition).text
    assert "self.get_neighbors()" in code


def test_a_parameter_that_other_code_passes_stays() -> None:
    greet = behavior("def greet(self, partner):\n    return partner")
    program = walking("def walk(self):\n    return self.greet(self)", {}, greet)
    assert "def greet(self, partner)" in parsed(program.agent_types[0].behaviors[1].definition).text


def test_without_a_space_there_are_no_neighbors() -> None:
    with pytest.raises(CannotCompile) as refusal:
        walking("def walk(self, neighbors):\n    return neighbors", {})
    (found,) = refusal.value.problems
    assert found.code == "missing-argument" and "grid or a network" in found.hint

"""The kind of space is the one that the code uses, where the stated one cannot be meant."""

import copy

import pytest

from abm_quant.compiling.space.stated_space import with_used_space
from abm_quant.contracts.spec import ModelSpec
from small_specs import BASE, variable

MOVE = "def act(self):\n    self.model.{0}.move_agent(self, self.pos)"


def spec_with(kind: str, prose: str, code: str) -> ModelSpec:
    """Give a specification whose agents run some code in a stated space."""
    raw = copy.deepcopy(BASE)
    raw["environment"]["topology"] = {"description": prose, "type": kind}
    raw["agents"][0][0]["agentBehaviors"] = [
        {
            "name": "act",
            "description": "",
            "executionMode": "per-agent",
            "sourceName": "agent.Walker.agentBehavior.act",
            "code": code,
        }
    ]
    return ModelSpec.model_validate(raw)


@pytest.mark.parametrize(
    ("kind", "prose", "code", "meant"),
    [
        ("none", "", MOVE.format("space"), "continuous"),
        ("none", "", MOVE.format("grid"), "grid"),
        ("none", "A social network.", MOVE.format("grid"), "network"),
        ("none", "A continuous plane.", MOVE.format("grid"), "continuous"),
        ("grid", "A continuous plane.", MOVE.format("space"), "continuous"),
    ],
)
def test_a_contradicted_kind_gives_way_with_a_warning(
    kind: str, prose: str, code: str, meant: str
) -> None:
    spec, problems = with_used_space(spec_with(kind, prose, code))
    assert spec.environment.topology.type == meant
    assert [(each.code, each.severity) for each in problems] == [("space-assumed", "warning")]
    assert problems[0].path == "/environment/topology/type"


@pytest.mark.parametrize(
    ("kind", "prose", "code"),
    [
        ("none", "A continuous plane.", "def act(self):\n    self.x = 1"),
        ("none", "", "def act(self):\n    self.model.grid = []\n    self.model.grid.append(1)"),
        ("grid", "A grid.", MOVE.format("space")),
        ("grid", "A continuous supply of food.", MOVE.format("grid")),
        ("network", "A continuous plane.", MOVE.format("grid")),
    ],
)
def test_what_the_code_does_not_contradict_stays(kind: str, prose: str, code: str) -> None:
    spec = spec_with(kind, prose, code)
    assert with_used_space(spec) == (spec, [])


def test_a_declared_grid_of_the_author_is_no_space() -> None:
    raw = spec_with("none", "", "def act(self):\n    self.model.grid.append(1)").wire()
    raw["globalVariables"] = [variable("grid", [], "array")]
    spec = ModelSpec.model_validate(raw)
    assert with_used_space(spec) == (spec, [])

"""Populations: names of what is not declared and evidently counts living agents."""

from typing import Any

import pytest

from abm_quant.compiling.lower import lower
from abm_quant.contracts.program import Program
from abm_quant.contracts.spec import ModelSpec
from small_specs import BASE, variable


def watched(
    reference: str,
    *types: str,
    variables: tuple[dict[str, Any], ...] = (),
    value: Any = 0,
) -> Program:
    """Give the model with a rule and a tracker on a reference."""
    raw = {
        **BASE,
        "globalVariables": list(variables),
        "agents": [[{"name": name, "initialCount": 5, "agentAttributes": []} for name in types]],
        "terminationCriteria": {
            "maxSteps": 10,
            "terminationRules": [{"sourceName": reference, "value": value}],
        },
        "dataAnalytics": {"trackedVariables": [{"sourceName": reference}]},
    }
    return lower(ModelSpec.model_validate(raw))


@pytest.mark.parametrize(
    "reference",
    [
        *("agent.Wolf.count", "agent.Wolf.initialCount", "agent.Wolf.agentCount"),
        *("agents.wolves.count", "agent.Wolf.agentAttribute.population", "Wolf count"),
        *("wolfCount", "wolf_count", "num_wolves", "globalVariable.totalWolves", "Wolf.count"),
    ],
)
def test_it_is_the_number_of_living_agents(reference: str) -> None:
    program = watched(reference, "Wolf", "Sheep")
    (rule,) = program.stop_rules
    assert (rule.source_name, rule.attribute, rule.crossing) == (reference, "wolf_count", True)
    assert not program.trackers  # the population of each type is recorded anyway
    noted = [each.path for each in program.problems if each.code == "value-assumed"]
    assert noted == [
        "/terminationCriteria/terminationRules/0/sourceName",
        "/dataAnalytics/trackedVariables/0/sourceName",
    ]


def test_a_condition_on_a_population_is_read() -> None:
    program = watched("agent.Wolf.count", "Wolf", value="wolf_count <= 2")
    assert program.stop_rules[0].value.deep_equals(
        watched("agent.Wolf.count", "Wolf", value=2).stop_rules[0].value
    )


@pytest.mark.parametrize(
    "reference", ["agent.Wolf.size", "happyWolves", "wolf", "agent.Bear.count", "count", "total"]
)
def test_anything_else_is_left_out(reference: str) -> None:
    program = watched(reference, "Wolf", "Sheep")
    assert not program.stop_rules
    assert {each.code for each in program.problems} == {"dropped"}


def test_what_is_declared_is_meant_before() -> None:
    program = watched("wolfCount", "Wolf", variables=(variable("wolf_count", 7),))
    assert program.stop_rules[0].source_name == "globalVariable.wolf_count"
    assert len(program.trackers) == 1


def test_a_parameter_about_the_number_is_not_the_number() -> None:
    start = variable("initial_wolf_count", 7, "integer")
    program = watched("globalVariable.wolf_count", "Wolf", variables=(start,))
    assert program.stop_rules[0].attribute == "wolf_count"

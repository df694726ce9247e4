"""Types that start values contradict."""

from typing import Any

import pytest

from abm_quant.compiling.values.fitting import fitted
from abm_quant.contracts.spec import ModelSpec
from small_specs import attribute, variable, wire


@pytest.mark.parametrize(
    ("value", "declared", "taken"),
    [
        (0.5, "integer", "float"),
        (2.0, "integer", "integer"),
        (3, "string", "number"),
        (3, "array", "number"),
        (0.5, "object", "number"),
        (True, "string", "boolean"),
        (7, "boolean", "number"),
        ([1], "number", "array"),
        ([1], "object", "object"),
        ("5", "integer", "integer"),
        (None, "number", "number"),
    ],
)
def test_the_value_says_what_is_meant(value: Any, declared: str, taken: str) -> None:
    spec = ModelSpec.model_validate(wire(variables=[variable("rate", value, declared)]))
    found, problems = fitted(spec)
    assert found.global_variables is not None
    assert found.global_variables[0].type == taken
    assert [each.path for each in problems] == ["/globalVariables/0/type"] * (declared != taken)


def test_a_number_that_stands_for_a_boolean_is_spoken_of() -> None:
    spec = ModelSpec.model_validate(wire(variables=[variable("open", 1, "boolean")]))
    found, problems = fitted(spec)
    assert found.global_variables == spec.global_variables
    assert [each.message for each in problems] == ["1 is no boolean; it was read as True."]


def test_attributes_of_agents_are_fitted_too() -> None:
    spec = ModelSpec.model_validate(wire(attributes=[attribute("energy", 2.5, "string")]))
    found, problems = fitted(spec)
    assert [each.code for each in problems] == ["type-assumed"]
    assert found.agents[0][0].agent_attributes[0].type == "number"

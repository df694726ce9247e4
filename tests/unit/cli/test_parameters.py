"""Values of --set name=value."""

import pytest

from abm_quant.cli.parameters import read_parameters
from abm_quant.contracts.program import Parameter
from abm_quant.errors import BadRequest


def parameter(name, default):
    return Parameter(name=name, default=default, description="", path="/globalVariables/0")


KNOWN = [
    parameter("population", 500),
    parameter("density", 0.6),
    parameter("torus", True),
    parameter("strategy", "random"),
]


@pytest.mark.parametrize(
    ("assignment", "name", "value"),
    [
        ("population=1000", "population", 1000),
        ("population = 1000", "population", 1000),
        ("population=1e3", "population", 1000),
        ("population=12345678901234567", "population", 12345678901234567),
        ("density=1", "density", 1.0),
        ("density=.25", "density", 0.25),
        ("torus=no", "torus", False),
        ("torus=TRUE", "torus", True),
        ("strategy=tit for tat=x", "strategy", "tit for tat=x"),
        ("strategy=", "strategy", ""),
    ],
)
def test_values_take_the_type_of_their_parameter(assignment, name, value):
    read = read_parameters([assignment], KNOWN)
    assert read == {name: value}
    assert type(read[name]) is type(value)


@pytest.mark.parametrize(
    ("assignments", "sentence"),
    [
        (["population"], "must be written name=value"),
        (["=3"], "must be written name=value"),
        (["population=many"], "population must be a number, not 'many'"),
        (["population=2.5"], "population must be a whole number, not '2.5'"),
        (["density=nan"], "density must be a finite number"),
        (["density=1e999"], "density must be a finite number"),
        (["torus=maybe"], "torus must be true or false"),
        (["density=1", "density=2"], "density is set twice"),
        (["populaton=3"], "Did you mean population?"),
        (["wolves=3"], "population (500), density (0.6), torus (True), strategy ('random')"),
    ],
)
def test_what_cannot_be_set_is_refused(assignments, sentence):
    with pytest.raises(BadRequest) as refusal:
        read_parameters(assignments, KNOWN)
    assert sentence in str(refusal.value)


def test_a_model_without_parameters_says_so():
    with pytest.raises(BadRequest, match="it has no parameters at all"):
        read_parameters(["x=1"], [])

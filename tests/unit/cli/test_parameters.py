"""Values of --set name=value."""

import pytest

from abm_quant.cli.parameters import read_parameters
from abm_quant.contracts.program import Parameter, Program, Space
from abm_quant.contracts.spec import ModelSpec
from abm_quant.errors import BadRequest

TYPES = {"population": "integer", "density": "float", "rate": "number", "torus": "boolean"}
TYPES["strategy"] = "string"
DEFAULTS = {"population": 500, "density": 0.6, "rate": 1, "torus": True, "strategy": "random"}


def model(names):
    """Give a program and its specification with these global variables as parameters."""
    variables = [
        {"name": name, "type": TYPES[name], "initialValue": DEFAULTS[name]}
        | {"sourceName": f"globalVariable.{name}"}
        for name in names
    ]
    spec = ModelSpec.model_validate(
        {
            "codingLanguage": "python",
            "globalVariables": variables,
            "environment": {"topology": {"type": "none"}},
            "agents": [[{"initialCount": 1}]],
            "terminationCriteria": {"maxSteps": 1},
            "scheduler": {},
        }
    )
    parameters = [
        Parameter(name=name, default=DEFAULTS[name], description="", path=path)
        for name, path in [(n, f"/globalVariables/{i}/initialValue") for i, n in enumerate(names)]
    ]
    parameters.append(
        Parameter(name="crowd", default=1, description="", path="/agents/0/0/initialCount")
    )
    return program(tuple(parameters) if names else ()), spec


def program(parameters):
    """Give a program that has only parameters."""
    return Program(
        title="",
        class_name="Model",
        description="",
        parameters=parameters,
        variables=(),
        functions=(),
        behaviors=(),
        agent_types=(),
        space=Space(kind="none"),
        setup=(),
        steps=(),
        max_steps=1,
        stop_rules=(),
        trackers=(),
        imports=(),
    )


KNOWN = model(TYPES)


@pytest.mark.parametrize(
    ("assignment", "name", "value"),
    [
        ("population=1000", "population", 1000),
        ("population = 1000", "population", 1000),
        ("population=1e3", "population", 1000),
        ("population=12345678901234567", "population", 12345678901234567),
        ("crowd=7", "crowd", 7),
        ("rate=2", "rate", 2),
        ("rate=0.5", "rate", 0.5),
        ("density=1", "density", 1.0),
        ("density=.25", "density", 0.25),
        ("torus=no", "torus", False),
        ("torus=TRUE", "torus", True),
        ("strategy=tit for tat=x", "strategy", "tit for tat=x"),
        ("strategy=", "strategy", ""),
    ],
)
def test_values_take_the_type_of_their_parameter(assignment, name, value):
    read = read_parameters([assignment], *KNOWN)
    assert read == {name: value}
    assert type(read[name]) is type(value)


@pytest.mark.parametrize(
    ("assignments", "sentence"),
    [
        (["population"], "must be written name=value"),
        (["=3"], "must be written name=value"),
        (["population=many"], "population must be a number, not 'many'"),
        (["population=2.5"], "population must be a whole number, not '2.5'"),
        (["crowd=2.5"], "crowd must be a whole number, not '2.5'"),
        (["density=nan"], "density must be a finite number"),
        (["density=1e999"], "density must be a finite number"),
        (["torus=maybe"], "torus must be true or false"),
        (["density=1", "density=2"], "density is set twice"),
        (["populaton=3"], "Did you mean population?"),
        (
            ["wolves=3"],
            "population (500), density (0.6), rate (1), torus (True), strategy ('random')",
        ),
    ],
)
def test_what_cannot_be_set_is_refused(assignments, sentence):
    with pytest.raises(BadRequest) as refusal:
        read_parameters(assignments, *KNOWN)
    assert sentence in str(refusal.value)


def test_a_model_without_parameters_says_so():
    with pytest.raises(BadRequest, match="it has no parameters at all"):
        read_parameters(["x=1"], *model(()))

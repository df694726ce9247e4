"""Numbers and chances in words."""

import pytest

from abm_quant.compiling.values.wording import chance_in, number_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,000", 1000),
        ("1 000 000 trees", 1_000_000),
        ("10%", 0.1),
        ("$2.50", 2.5),
        ("3 days", 3),
        ("-4 °C", None),
        ("about 5", None),
        ("5 to 10", None),
        ("[1, 2]", None),
        ("globalVariable.x2", None),
    ],
)
def test_a_number_with_its_unit_is_a_number(text, number):
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("random between 0 and 1", "float", "random.uniform(0, 1)"),
        ("a random integer between 1 and 6", "number", "random.randint(1, 6)"),
        ("random value from 5 to 10", "integer", "random.randint(5, 10)"),
        ("random from 0.5 to 1.5", "integer", "random.uniform(0.5, 1.5)"),
        ("uniform(-1, 1)", "float", "random.uniform(-1, 1)"),
        ("U(0, 1)", "float", "random.uniform(0, 1)"),
        ("Normal(50, 10)", "float", "random.gauss(50, 10)"),
        ("normal distribution with mean 5 and sd 0.5", "float", "random.gauss(5, 0.5)"),
        ("random", "float", "random.random()"),
        ("random", "boolean", "random.random() < 0.5"),
        ("yes", "boolean", None),
        ("5-10", "integer", "random.randint(5, 10)"),
        ("between 0.5 and 1", "float", "random.uniform(0.5, 1)"),
        ("5, 10", "integer", None),
        ("random", "integer", None),
        ("random.uniform(0, 1)", "float", None),
        ("random.gauss(50, 10)", "float", None),
        ("np.random.normal(50, 10)", "float", None),
        ("uniform(0, energy)", "float", None),
        ("population / 2", "float", None),
        ("100", "integer", None),
    ],
)
def test_a_distribution_in_words_is_drawn(text, kind, written):
    assert chance_in(text, kind) == written

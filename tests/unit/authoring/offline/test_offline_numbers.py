"""Numbers are read in all the ways people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_quant.authoring.offline.numbers import Token, read_tokens


def numbers(prompt: str) -> list[Token]:
    return [token for token in read_tokens(prompt) if token.kind == "number"]


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("500 agents", 500),
        ("1,000 agents", 1000),
        ("12,345,678 agents", 12_345_678),
        ("1 000 agents", 1000),
        ("2k agents", 2000),
        ("1.5M agents", 1_500_000),
        ("1e4 agents", 10_000),
        ("N=500", 500),
        ("density 0,6", 0.6),
        ("density .5", 0.5),
        ("eps=0.2", 0.2),
        ("-5 agents", -5),
        ("infected = \u22123", -3),
        ("five hundred agents", 500),
        ("a thousand agents", 1000),
        ("two hundred and fifty agents", 250),
        ("three thousand four hundred agents", 3400),
        ("a dozen wolves", 12),
        ("twenty five wolves", 25),
        ("a third of them", 0.3333),
        ("two thirds of them", 0.6666),
        ("half of them", 0.5),
        ("60%", 0.6),
        ("60 percent", 0.6),
        ("60 percnt", 0.6),
        ("5 per cent", 0.05),
        ("100\uff05", 1),
        ("change it from 0.5 to 0.7", 0.7),
        ("500\u4eba", 500),
    ],
)
def test_one_number_is_read(prompt: str, value: float) -> None:
    assert [token.value for token in numbers(prompt)] == [pytest.approx(value)]


@pytest.mark.parametrize(
    ("prompt", "size"),
    [
        ("a 51x51 wrapped grid", (51, 51)),
        ("40 by 30", (40, 30)),
        ("40 X 30", (40, 30)),
        ("40\u00d730", (40, 30)),
        ("20 m x 20 m", (20, 20)),
        ("80*60 cells", (80, 60)),
    ],
)
def test_a_pair_is_one_thing(prompt: str, size: tuple[int, int]) -> None:
    (pair,) = [token for token in read_tokens(prompt) if token.kind == "pair"]
    assert (pair.value, pair.second) == size
    assert numbers(prompt) == []


@pytest.mark.parametrize(
    "prompt",
    ["in [0,1]", "(1-4)", "between 0 and 1", "from 1 to 4", "entre 0 y 1", "10%-20%", "1e999"],
)
def test_ranges_and_what_is_infinite_set_nothing(prompt: str) -> None:
    assert numbers(prompt) == []
    assert any(token.kind == "range" for token in read_tokens(prompt))


@pytest.mark.parametrize("prompt", ["R0", "2D", "3rd", "20m", "v2", "no digits"])
def test_digits_in_words_are_no_numbers(prompt: str) -> None:
    assert numbers(prompt) == []


@pytest.mark.parametrize(
    ("prompt", "relation", "value"),
    [
        ("increase it by 10%", "times", 1.1),
        ("reduce it by 25 percent", "times", 0.75),
        ("raise it by 5", "plus", 5),
        ("lower it by 5", "plus", -5),
        ("double it", "times", 2),
        ("halve it", "times", 0.5),
        ("raise it to 5", "equals", 5),
    ],
)
def test_changes_are_told_from_values(prompt: str, relation: str, value: float) -> None:
    (number,) = numbers(prompt)
    assert (number.relation, number.value) == (relation, pytest.approx(value))


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    words = [token for token in read_tokens(text) if token.kind == "word"]
    assert all(token.text in text and token.stem for token in words)

"""Problems carry a documented code, and a pointer that leads to their place."""

import pytest

from abm_quant.contracts.problems import CODES, errors, pointer, problem


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), ""),
        (("agents", 0, 1, "initialCount"), "/agents/0/1/initialCount"),
        (("a/b", "c~d", "~1"), "/a~1b/c~0d/~01"),
        (("",), "/"),
        (("ü ",), "/ü "),
    ],
)
def test_pointers_follow_rfc_6901(steps: tuple[str | int, ...], expected: str) -> None:
    assert pointer(*steps) == expected


@pytest.mark.parametrize("code", CODES)
def test_the_table_decides_the_severity(code: str) -> None:
    assert problem(code, "", "x").severity == CODES[code].severity


def test_an_undocumented_code_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        problem("something-else", "", "x")


def test_only_errors_forbid_compiling() -> None:
    error, note = problem("not-json", "", "x"), problem("repaired", "", "y")
    assert errors([note, error]) == [error]


def test_a_problem_reads_as_a_sentence() -> None:
    found = problem("missing-field", "/agents", "It is absent.", "Add it.")
    assert str(found) == "error [missing-field] /agents: It is absent. Add it."
    assert str(problem("repaired", "", "Mended.")) == "note [repaired] /: Mended."


def test_codes_are_words_with_hyphens_and_each_has_a_meaning() -> None:
    for code, row in CODES.items():
        assert code.replace("-", "").isalpha() and code.islower()
        assert row.meaning.endswith(".")

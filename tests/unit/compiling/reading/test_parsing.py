"""Code that is nested too deeply is refused before it takes memory; the rest is compiled."""

import pytest

from abm_quant.compiling.reading.parsing import MAX_NESTING, parse_code, parse_expression
from abm_quant.errors import CannotCompile
from abm_quant.pipeline import check_model, compile_model
from small_specs import behavior, variable, wire

DEEP = {
    "signs": lambda depth: "-" * depth + "1",
    "attributes": lambda depth: "self" + ".a" * depth,
    "calls": lambda depth: "print" + "()" * depth,
    "sums": lambda depth: "1" + "+1" * depth,
    "functions": lambda depth: "lambda: " * depth + "1",
    "cases": lambda depth: "1 if True else " * depth + "1",
}
WIDE = {
    "conditions": "1" + " and 1" * 2_900,
    "texts": "'a' " * 2_900,
    "loops": "[x" + " for x in [1]" * 2_900 + "]",
}


def greeting(expression: str) -> dict[str, object]:
    """Give a specification with a behavior that computes an expression."""
    code = f"def greet(self):\n    x = {expression}\n"
    return wire(behaviors=[behavior(code)], schedule=["agent.Walker.agentBehavior.greet"])


@pytest.mark.parametrize("kind", DEEP)
def test_deep_code_is_refused(kind: str) -> None:
    reading = check_model(greeting(DEEP[kind](800)))
    (found,) = (each for each in reading.problems if each.severity == "error")
    assert found.code == "code-unreadable"
    assert f"deeper than {MAX_NESTING} levels" in found.message


@pytest.mark.parametrize("kind", WIDE)
@pytest.mark.parametrize("target", ["mesa", "agentpy"])
def test_code_that_only_libcst_sees_as_deep_is_refused(kind: str, target: str) -> None:
    with pytest.raises(CannotCompile) as refusal:
        compile_model(greeting(WIDE[kind]), target)
    assert "too-large" in {each.code for each in refusal.value.problems}


@pytest.mark.parametrize("target", ["mesa", "agentpy"])
def test_code_as_deep_as_people_write_it_compiles(target: str) -> None:
    compile_model(greeting(DEEP["cases"](100)), target)
    compile_model(greeting(DEEP["sums"](100)), target)


def test_the_depth_is_that_of_the_tree() -> None:
    parse_expression(DEEP["signs"](MAX_NESTING - 2))
    parse_code(DEEP["signs"](MAX_NESTING - 3))
    with pytest.raises(ValueError, match="nested"):
        parse_expression(DEEP["signs"](MAX_NESTING))


@pytest.mark.parametrize("value", ["1" * 700, "1" + "a" * 2_000 + "!", "9" * 5_000])
def test_a_value_of_many_letters_is_no_endless_work(value: str) -> None:
    compile_model(wire(variables=[variable("word", value, "number")]), "mesa")

"""Unwrapping: what is one plain function already, and what its text is."""

import libcst as cst
import pytest

from abm_quant.compiling.dialects.unwrap import is_empty, plain_function, unwrap


@pytest.mark.parametrize(
    "text",
    [
        "import os\ndef f(self):\n    pass",
        "def f(self):\n    import os\n    os.remove('x')",
        "# a word before\ndef f(self):\n    pass",
        "class A:\n    def f(self):\n        pass",
        "def f(self):\n    pass\nf(1)",
        "def f(self:\n    pass",
    ],
)
def test_what_has_to_be_unwrapped_is_no_plain_function(text: str) -> None:
    assert plain_function(text) is None


def test_a_function_in_a_fence_is_plain() -> None:
    assert plain_function("```python\ndef f(self):\n    return 1\n```") is not None


@pytest.mark.parametrize(
    ("body", "empty"),
    [
        ("pass", True),
        ("'words'\n    ...", True),
        ("None", True),
        ("return None", False),
        ("x = 1", False),
        ("f()", False),
        ("if x:\n        pass", False),
    ],
)
def test_a_function_that_says_only_values_is_empty(body: str, empty: bool) -> None:
    definition = unwrap(f"def f(x):\n    {body}\n", "f", ()).definition
    assert is_empty(definition) is empty
    assert is_empty(cst.ensure_type(cst.parse_statement("def f(): pass"), cst.FunctionDef))

"""What a model must not do is found early, with its place."""

import pytest

from abm_quant.compiling.check import check
from abm_quant.compiling.verify import verify
from abm_quant.contracts.code import CodeBundle, SourceSpan
from abm_quant.errors import UnsafeCode
from small_specs import behavior, function, spec, variable

FORBIDDEN = [
    ("import os", "'os'"),
    ("from subprocess import run", "'subprocess'"),
    ("import socket", "'socket'"),
    ("import ctypes", "'ctypes'"),
    ("open('/etc/passwd')", "`open`"),
    ("eval('1')", "`eval`"),
    ("exec('1')", "`exec`"),
    ("__import__('os')", "`__import__`"),
    ("().__class__.__bases__", "`__bases__`"),
    ("print.__globals__", "`__globals__`"),
]


def bundle_of(source: str) -> CodeBundle:
    span = SourceSpan(file="model.py", first_line=2, last_line=9, path="/here", label="it")
    return CodeBundle(
        target="mesa",
        files={"model.py": source},
        entry_point="Model",
        parameters=(),
        max_steps=1,
        requirements=(),
        source_map=(span,),
    )


@pytest.mark.parametrize(("line", "named"), FORBIDDEN)
def test_forbidden_code_is_refused_with_the_behavior_that_holds_it(line: str, named: str) -> None:
    model = spec(behaviors=[behavior(f"def act(self):\n    {line}\n    return 1")])
    found = [each for each in check(model) if each.severity == "error"]
    assert [(each.code, each.path) for each in found] == [
        ("forbidden-code", "/agents/0/0/agentBehaviors/0/code")
    ]
    assert named in found[0].message
    assert found[0].hint


@pytest.mark.parametrize(("line", "named"), FORBIDDEN)
def test_generated_code_is_held_to_the_same(line: str, named: str) -> None:
    with pytest.raises(UnsafeCode) as refusal:
        verify(bundle_of(f"x = 1\n{line}\n"))
    assert [each.path for each in refusal.value.problems] == ["/here"]
    assert named in refusal.value.problems[0].message


def test_code_that_python_cannot_compile_is_refused() -> None:
    with pytest.raises(UnsafeCode) as refusal:
        verify(bundle_of("x = 1\ndef f(a, a):\n    return a\n"))
    assert [(each.code, each.path) for each in refusal.value.problems] == [
        ("code-unreadable", "/here")
    ]


def test_what_models_need_is_allowed() -> None:
    source = "import math\nimport numpy as np\nimport networkx as nx\nfrom mesa import Model\n"
    assert verify(bundle_of(source)).files["model.py"] == source
    assert check(spec()) == []


def test_checking_names_what_is_declared_twice() -> None:
    model = spec(
        functions=[function("def f():\n    return 1"), function("def f():\n    return 2")],
        variables=[variable("x", 1)],
    )
    assert {(each.code, each.path) for each in check(model)} == {
        ("duplicate-name", "/globalFunctions/1"),
    }

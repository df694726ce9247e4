"""What models do not have is found early, with the author's line and with what to do instead."""

import ast
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from abm_quant.compiling import lower
from abm_quant.compiling.availability import ALLOWED_IMPORTS, FUNCTIONS, IMPLIED, UNAVAILABLE
from abm_quant.compiling.check import check
from abm_quant.compiling.verify import Place, forbidden, verify
from abm_quant.contracts.code import CodeBundle, SourceSpan
from abm_quant.contracts.problems import Problem, errors
from abm_quant.errors import InvalidModel, UnsafeCode
from abm_quant.pipeline import check_model, compile_model
from small_specs import attribute, behavior, function, spec, variable, wire

CODE = "/agents/0/0/agentBehaviors/0/code"
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
ADVICE = [
    ("import requests", "no network", "global variables"),
    ("import urllib.request", "no network", "global variables"),
    ("import openai", "asks no language model", "as a rule"),
    ("x = open('a.csv').read()", "no files", "global variable of type array"),
    ("import pandas as pd; x = pd.read_csv('a')", "reads no files", "global variable"),
    ("x = np.load('a.npy')", "reads no files", "global variable"),
    ("x = nx.read_gml('a.gml')", "reads no files", "global variable"),
    ("from pathlib import Path", "no files", "global variable"),
    ("import threading", "agents act in turns", "schedule it"),
    ("import asyncio", "agents act in turns", "schedule it"),
    ("from multiprocessing import Pool", "agents act in turns", "outside of the model"),
    ("import os", "no environment variables", "global variables"),
    ("import subprocess", "no other programs", "global variables"),
    ("self.picture = plt.figure()", "draws nothing", "tracked variables"),
    ("self.page = mesa.visualization.SolaraViz(self)", "draws nothing", "tracked variables"),
    ("x = self.model.df.to_csv('a.csv')", "writes no files", "track it"),
    ("import sys; sys.exit(1)", "cannot end the program", "termination rule"),
    ("quit()", "cannot end the program", "`running`"),
    ("raise SystemExit", "cannot end the program", "termination rule"),
    ("x = input('How many?')", "nobody can be asked", "global variable"),
    ("breakpoint()", "debugger", "track"),
    ("x = eval('1 + 1')", "text is not run", "the expression itself"),
    ("import torch", "no machine learning", "numpy or scipy"),
    ("from sklearn.cluster import KMeans", "no machine learning", "numpy or scipy"),
    ("import left_pad", "not among the libraries", "networkx"),
    ("x = mesa.batch_run(None, {})", "no runs of itself", "experiments"),
    ("import importlib", "libraries are not chosen", "import statement"),
    ("globals()['x'] = 1", "lost to the model", "global variable"),
    ("import uuid; x = uuid.uuid4()", "seed", "`unique_id`"),
    ("import secrets", "seed", "`random`"),
    ("import pickle", "from bytes", "`copy.deepcopy`"),
    ("x = os.getpid()", "no other programs", "global variables"),
]
"""A line, why it is refused, and a part of what to do instead."""
AVAILABLE = [
    "import sys\n    x = sys.maxsize",
    "x = min(sys.maxsize, 3)",
    "import hashlib, contextlib, types, csv, io",
    "import io, pandas as pd\n    x = pd.read_csv(io.StringIO('a'))",
    "import io, json\n    out = io.StringIO()\n    json.dump({}, out)\n    x = out.getvalue()",
    "x = pd.DataFrame({'a': [1]}).to_csv()",
    "x = type(self).__name__ + self.__class__.__qualname__",
    "print('hello')",
    "import time\n    x = time.perf_counter()",
    "open = 3\n    x = open + 1",
    "def quit(a):\n        return a\n    x = quit(3)",
    "from mesa.visualization import SolaraViz",
    "import matplotlib.pyplot as plt",
    "x = vars(self)",
    "x = nx.spring_layout(nx.path_graph(3))",
]


def acting(*lines: str, **changes: object) -> dict[str, object]:
    """Give a model whose one behavior holds these lines after its first two."""
    body = "\n".join(f"    {line}" for line in ('"""Act."""', "", *lines))
    act = behavior(f"def act(self):\n{body}\n")
    changes.setdefault("attributes", [attribute("x", 0)])
    return wire(behaviors=[act], schedule=["agent.Walker.agentBehavior.act"], **changes)


def refused(raw: object) -> list[Problem]:
    """Give the errors for which a model is refused."""
    with pytest.raises(InvalidModel) as refusal:
        compile_model(raw)
    return errors(refusal.value.problems)


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
    assert f"Line 2 of model.py: `{line}`." in refusal.value.problems[0].message


@pytest.mark.parametrize(("line", "reason", "instead"), ADVICE)
def test_each_is_refused_with_its_line_and_what_to_do_instead(
    line: str, reason: str, instead: str
) -> None:
    statement = line.split("; ")[-1]
    (found,) = refused(acting(*line.split("; ")))
    assert (found.code, found.path) == ("forbidden-code", CODE)
    assert f"Line {3 + len(line.split('; '))} of its code: `{statement}`." in found.message
    assert reason in found.message and instead in found.hint


@pytest.mark.parametrize("lines", AVAILABLE)
def test_what_models_have_is_not_refused(lines: str) -> None:
    raw = acting(*(line.removeprefix("    ") for line in lines.split("\n")))
    assert {each.code for each in compile_model(raw).problems} <= {"dialect", "function-assumed"}


def test_the_author_s_own_names_mean_what_is_declared() -> None:
    act = behavior(
        "def act(self):\n    exit(self)\n    self.model.open = 2\n    self.plot()\n    self.to_csv('a')"
    )
    made = compile_model(
        wire(
            variables=[variable("open", 1)],
            functions=[function("def exit(agent):\n    return 1")],
            behaviors=[
                act,
                behavior("def plot(self):\n    pass"),
                behavior("def to_csv(self, name):\n    pass"),
            ],
            schedule=["agent.Walker.agentBehavior.act"],
        )
    )
    for statement in ("exit(self)", "self.plot()", 'self.to_csv("a")'):
        assert statement in made.bundle.files["model.py"]


def test_the_line_is_the_author_s_in_whatever_it_is_wrapped() -> None:
    text = (
        "Here is the code:\n```python\nimport math\nimport requests, os\n\n"
        "def act(self):\n    if self.x:\n        self.x = open(\n            'a'\n        )\n```\n"
    )
    found = check(
        spec(behaviors=[behavior(text) | {"name": "act"}], attributes=[attribute("x", 0)])
    )
    assert [each.message.partition(". ")[2] for each in errors(found)] == [
        "Line 4 of its code: `import requests, os`.",
        "Line 4 of its code: `import requests, os`.",
        "Line 8 of its code: `self.x = open( 'a' )`.",
    ]


def test_all_is_found_at_once() -> None:
    raw = acting(
        "import requests, threading",
        "x = open('a')",
        "y = eval('1')",
        "z = missing_name",
        variables=[
            variable("data", "open('b').read()", "array"),
            variable("table", {"function": "np.load", "args": ["b"]}, "array"),
        ],
        functions=[function("def load(model):\n    return np.load('c')")],
    )
    found = errors(check_model(raw).problems)
    assert [(each.code, each.path) for each in found] == [
        ("forbidden-code", "/globalFunctions/0/code"),
        *[("forbidden-code", CODE)] * 4,
        ("undefined-reference", CODE),
        ("forbidden-code", "/globalVariables/0/initialValue"),
        ("forbidden-code", "/globalVariables/1/initialValue"),
    ]
    assert set(refused(raw)) == set(found)


def test_what_only_looks_into_python_is_a_warning() -> None:
    made = compile_model(acting("self.x = len(type(self).__mro__)"))
    (found,) = [each for each in made.problems if each.severity != "note"]
    assert (found.severity, found.code, found.path) == ("warning", "unusual-attribute", CODE)
    assert "Line 4 of its code" in found.message


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


def test_the_table_has_no_rows_without_use() -> None:
    assert set(UNAVAILABLE) >= FUNCTIONS
    assert not ALLOWED_IMPORTS & {name for name in UNAVAILABLE if "." not in name}
    assert set(IMPLIED.values()) & ALLOWED_IMPORTS >= {"numpy", "networkx", "pandas"}


def test_looking_at_code_costs_less_than_parsing_it_three_times() -> None:
    source = "\n".join(Path(lower.__file__).read_text("utf-8").split("\n")[:280])
    tree = ast.parse(source[: source.rindex("\n    def ")])
    text = ast.unparse(tree)
    place = Place("")
    assert best(lambda: forbidden(tree, lambda line: place)) < 3 * best(lambda: ast.parse(text))


def best(work: Callable[[], object]) -> float:
    """Give the least seconds that something took."""
    times = []
    for _ in range(7):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)

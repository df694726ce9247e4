"""The layers of the package: imports point down only, and names on one line never meet."""

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = "abm_quant"
ROOT = Path(__file__).parents[1] / "server" / PACKAGE

LAYERS = (
    ("__main__",),
    ("api", "studio", "cli"),
    ("settings",),
    ("packs",),
    ("experiments",),
    ("pipeline",),
    ("authoring",),
    ("verifying",),
    ("compiling", "running"),
    ("llm", "storage", "resources"),
    ("errors",),
    ("contracts",),
)
"""From the top down, as in the design."""

LOWEST = ("version",)
"""A module that holds one constant; everything may read it, it imports nothing of ours."""

MAY_CATCH_EVERYTHING = (
    "__main__",
    "api",
    "studio",
    "cli",
    "running.harness",
    "running.inside.freezing",
    "running.worker",
)
MODULE_NAME = re.compile(rf"{PACKAGE}(\.[a-z_0-9]+)+(:[A-Za-z_]+)?")


@dataclass(frozen=True)
class Module:
    """A parsed file of the package."""

    name: str
    """Dotted, without the package's own name."""
    tree: ast.Module

    @property
    def unit(self) -> str:
        """The name that stands in LAYERS."""
        return self.name.split(".")[0]


@functools.cache
def modules(root: Path) -> tuple[Module, ...]:
    """Give every file of a package; the package's own __init__ is named ''."""
    found = []
    for file in sorted(root.rglob("*.py")):
        parts = list(file.relative_to(root).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        found.append(Module(".".join(parts), ast.parse(file.read_text("utf-8"), str(file))))
    return tuple(found)


def height(unit: str) -> int | None:
    """Give the place of a unit, larger for higher; None when the design does not know it."""
    if unit in LOWEST:
        return -1
    places = [len(LAYERS) - index for index, line in enumerate(LAYERS) if unit in line]
    return places[0] if places else None


def named_modules(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give each module of ours that a file imports, or names in a string in order to load it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == PACKAGE:
            names = [f"{PACKAGE}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value] if MODULE_NAME.fullmatch(node.value) else []
        else:
            continue
        for name in names:
            if name.split(".")[0] == PACKAGE:
                yield node.lineno, name.removeprefix(PACKAGE).removeprefix(".").split(":")[0]


def wrong_directions(module: Module) -> Iterator[str]:
    """Give each import that points up or sideways, or at something that the design lacks."""
    own = height(module.unit)
    if module.name and own is None:
        yield f"{module.name}: the design has no layer for {module.unit!r}"
        return
    for line, target in named_modules(module.tree):
        other = target.split(".")[0]
        its = height(other)
        if other == module.unit:
            continue
        if its is None:
            yield f"{module.name}:{line}: imports {target or PACKAGE!r}, which is in no layer"
        elif own is None or its >= own:
            yield f"{module.name}:{line}: imports {target}, which is not below it"


VENDOR_SDKS = {"openai", "anthropic", "google"}
"""Each takes a second to load, and is loaded when its vendor is asked."""


def is_vendor_sdk(statement: ast.Import | ast.ImportFrom) -> bool:
    """Whether a statement imports nothing but a language-model vendor's SDK."""
    names = [alias.name for alias in statement.names]
    modules = [statement.module or ""] if isinstance(statement, ast.ImportFrom) else names
    return all(module.partition(".")[0] in VENDOR_SDKS for module in modules)


def wrong_forms(module: Module) -> Iterator[str]:
    """Give each relative, starred or nested import."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{module.name}:{node.lineno}: relative import"
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield f"{module.name}:{node.lineno}: star import"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom) and not is_vendor_sdk(inner):
                    yield f"{module.name}:{inner.lineno}: import inside a function"


def wrong_habits(module: Module) -> Iterator[str]:
    """Give each print outside the command line, and each handler that catches everything."""
    for node in ast.walk(module.tree):
        is_print = isinstance(node, ast.Name) and node.id == "print"
        if is_print and module.unit != "cli":
            yield f"{module.name}:{node.lineno}: print"
        if isinstance(node, ast.ExceptHandler) and catches_everything(node):
            allowed = {module.unit, module.name} & set(MAY_CATCH_EVERYTHING)
            if not allowed:
                yield f"{module.name}:{node.lineno}: catches every exception"


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is bare or names Exception or BaseException, alone or in a tuple."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException") for kind in kinds
    )


def findings(root: Path) -> list[str]:
    """Give all that breaks the rules in a package."""
    rules = (wrong_directions, wrong_forms, wrong_habits)
    return [each for module in modules(root) for rule in rules for each in rule(module)]


def test_imports_point_down_and_habits_are_kept():
    assert findings(ROOT) == []


def test_packages_have_empty_init_files():
    marked = sorted(ROOT.rglob("__init__.py"))
    assert [str(file) for file in marked if file.read_text("utf-8").strip()] == []
    folders = {file.parent for file in ROOT.rglob("*.py")}
    assert folders == {file.parent for file in marked}


def test_contracts_import_nothing_of_ours():
    for module in modules(ROOT):
        if module.unit == "contracts":
            named = [name for _, name in named_modules(module.tree)]
            assert [name for name in named if not name.startswith("contracts")] == [], module.name


BESIDE_MODELS = ("running.inside", "running.confining")
"""What is loaded in the process in which a model runs."""
ALSO_BESIDE_MODELS = ("running.confinement", "running.descriptors", "running.limits")


def test_what_runs_beside_foreign_code_loads_nothing_of_the_service():
    allowed = tuple(f"{PACKAGE}.{name}" for name in BESIDE_MODELS + ALSO_BESIDE_MODELS)
    beside = [each for each in modules(ROOT) if each.name.startswith(BESIDE_MODELS)]
    assert beside
    for module in beside:
        froms = [node for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom)]
        names = [f"{node.module}.{alias.name}" for node in froms for alias in node.names]
        ours = [name for name in names if name.startswith(f"{PACKAGE}.")]
        assert [name for name in ours if not name.startswith(allowed)] == [], module.name


BAD = {
    "up": ("contracts/spec.py", "from abm_quant.pipeline import run", "which is not below it"),
    "sideways": ("compiling/lower.py", "import abm_quant.running.sandbox", "not below it"),
    "between doors": ("cli/app.py", "from abm_quant import api", "which is not below it"),
    "by a string": ("storage/models.py", "load('abm_quant.llm.routing')", "not below it"),
    "by an entry point": ("cli/app.py", "run('abm_quant.api.app:create_app')", "not below it"),
    "the package itself": ("storage/runs.py", "import abm_quant", "in no layer"),
    "unknown target": ("cli/app.py", "from abm_quant.helpers import x", "in no layer"),
    "unknown layer": ("helpers/text.py", "import os", "no layer for 'helpers'"),
    "relative": ("llm/routing.py", "from . import catalogue", "relative import"),
    "star": ("llm/routing.py", "from os.path import *", "star import"),
    "in a function": ("pipeline.py", "def f():\n    import json", "import inside a function"),
    "in a method": (
        "pipeline.py",
        "class A:\n    async def f(self):\n        from json import loads",
        "import inside a function",
    ),
    "print": ("running/process.py", "print('here')", "print"),
    "print passed on": ("running/process.py", "call(print)", "print"),
    "catches all": ("running/process.py", "try: x\nexcept Exception: pass", "catches every"),
    "bare": ("compiling/read.py", "try: x\nexcept: pass", "catches every"),
    "in a tuple": ("compiling/read.py", "try: x\nexcept (OSError, Exception): pass", "catches"),
}


@pytest.mark.parametrize("case", BAD)
def test_each_breach_is_found(tmp_path, case):
    file, code, complaint = BAD[case]
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(code, "utf-8")
    assert len(findings(tmp_path)) == 1
    assert complaint in findings(tmp_path)[0]


GOOD = {
    "__main__.py": "from abm_quant.cli.app import run\nTABLE = {'serve': 'abm_quant.api.serve'}",
    "cli/app.py": "from abm_quant.pipeline import run\nprint('done')",
    "cli/run.py": "from abm_quant.cli.app import run\ntry: run()\nexcept Exception: pass",
    "authoring/table.py": "from abm_quant.compiling.read import read_spec",
    "errors.py": "from abm_quant.contracts.problems import Problem",
    "running/harness.py": "try: x\nexcept BaseException: pass",
    "compiling/bundle.py": "from abm_quant.version import __version__\nTEXT = 'abm_quant is ours'",
}


def test_what_is_allowed_is_not_reported(tmp_path):
    for file, code in GOOD.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
    assert findings(tmp_path) == []

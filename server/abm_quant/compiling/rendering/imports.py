"""The import statements of a generated module: those that its code uses, and no others."""

import ast
import sys
from collections.abc import Iterable

LIBRARIES = {
    "nx": "import networkx as nx",
    "np": "import numpy as np",
    "math": "import math",
}
"""What templates use by a fixed name."""


def names_used(tree: ast.Module) -> set[str]:
    """Give every name that a module reads."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def imported_modules(tree: ast.Module) -> set[str]:
    """Give the top-level modules that a module imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def bound_names(lines: Iterable[str]) -> set[str]:
    """Give the names that import statements bind."""
    found: set[str] = set()
    for line in lines:
        for node in ast.walk(ast.parse(line)):
            if isinstance(node, ast.alias):
                found.add((node.asname or node.name).split(".")[0])
    return found


def import_lines(
    candidates: Iterable[str], used: set[str], first_party: tuple[str, ...] = ()
) -> list[str]:
    """Give the import statements that are used, merged and sorted; "" stands between groups.

    `candidates` are import statements; of two that bind the same name the first one holds.
    """
    plain: dict[str, str] = {}
    members: dict[str, dict[str, str]] = {}
    seen: set[str] = set()
    for line in candidates:
        for statement in ast.parse(line).body:
            if not isinstance(statement, ast.Import | ast.ImportFrom):
                continue
            for alias in statement.names:
                bound = (alias.asname or alias.name).split(".")[0]
                text = alias.name + (f" as {alias.asname}" if alias.asname else "")
                if bound not in used or bound in seen:
                    continue
                seen.add(bound)
                if isinstance(statement, ast.Import):
                    plain[text] = alias.name
                else:
                    members.setdefault(statement.module or "", {})[text] = alias.name
    return _sorted_groups(plain, members, first_party)


def _sorted_groups(
    plain: dict[str, str], members: dict[str, dict[str, str]], first_party: tuple[str, ...]
) -> list[str]:
    groups: list[list[str]] = [[], [], []]
    for text, module in sorted(plain.items()):
        groups[_group(module, first_party)].append(f"import {text}")
    for module in sorted(members):
        names = ", ".join(sorted(members[module], key=_case_order))
        groups[_group(module, first_party)].append(f"from {module} import {names}")
    lines: list[str] = []
    for group in groups:
        lines += ["", *group] if lines and group else group
    return lines


def _group(module: str, first_party: tuple[str, ...]) -> int:
    top = module.split(".")[0]
    if top in first_party:
        return 2
    return 0 if top in sys.stdlib_module_names else 1


def _case_order(name: str) -> tuple[int, str]:
    """Sort constants before classes before functions, as isort does."""
    kind = 0 if name.isupper() else 1 if name[:1].isupper() else 2
    return kind, name

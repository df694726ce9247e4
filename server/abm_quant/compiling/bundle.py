"""Assembles a generated project from its files."""

import ast
import json

from abm_quant.compiling.rendering.imports import imported_modules
from abm_quant.compiling.rendering.project import looks
from abm_quant.compiling.rendering.source_map import source_map
from abm_quant.compiling.targets.target import Target
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.program import Program
from abm_quant.contracts.spec import ModelSpec


def requirements(target: Target, tree: ast.Module) -> tuple[str, ...]:
    """Give the packages that a project with this model needs."""
    modules = imported_modules(tree)
    extra = [line for name, line in target.module_requirements.items() if name in modules]
    return (*target.requirements, *sorted(extra))


def spec_text(spec: ModelSpec, program: Program) -> str:
    """Give the specification as readable JSON, in the order it came in, with title and explanation.

    A specification keeps keys that it does not know, so it stays one with these two.
    """
    words = {"title": program.title, "explanation": program.description}
    whole = {**words, **spec.wire()} | words
    text = json.dumps(whole, indent=2, ensure_ascii=False)
    if any("\ud800" <= char <= "\udfff" for char in text):
        text = json.dumps(whole, indent=2)
    return text + "\n"


def bundle(program: Program, target: Target, files: dict[str, str]) -> CodeBundle:
    """Give the project of these files."""
    tree = ast.parse(files["model.py"])
    return CodeBundle(
        target=target.name,
        files=files,
        entry_point=program.class_name,
        parameters=tuple(each.name for each in program.parameters),
        max_steps=program.max_steps,
        requirements=requirements(target, tree),
        source_map=source_map(tree, program),
        lists=target.lists(program),
        shown=shown_attributes(program),
    )


def shown_attributes(program: Program) -> dict[str, tuple[str, ...]]:
    """Give, by agent type, the attribute that app.py colors by, and those that are tracked."""
    colored = {each.type: each.attribute for each in looks(program) if each.attribute}
    tracked = [(each.agent_type, each.attribute) for each in program.trackers if each.agent_type]
    shown: dict[str, tuple[str, ...]] = {}
    for agent_type, attribute in [*colored.items(), *tracked]:
        known = shown.get(agent_type, ())
        shown[agent_type] = known if attribute in known else (*known, attribute)
    return shown

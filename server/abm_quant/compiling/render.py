"""Program -> CodeBundle: prints the templates of a target with the code of a Program.

Templates print nothing but Code (fragments.py): `_printed` refuses everything else.
"""

import ast
from functools import cache
from typing import Any

import black
from black.mode import Mode, TargetVersion
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined
from jinja2.exceptions import UndefinedError

from abm_quant.compiling import fragments
from abm_quant.compiling.bundle import bundle, requirements, spec_text
from abm_quant.compiling.fragments import Code, docstring, sentence, without_marks
from abm_quant.compiling.rendering.context import model_context
from abm_quant.compiling.rendering.filters import FILTERS, TESTS
from abm_quant.compiling.rendering.imports import LIBRARIES, import_lines, names_used
from abm_quant.compiling.rendering.project import project_context
from abm_quant.compiling.rendering.source_map import sections
from abm_quant.compiling.rendering.views import mentions
from abm_quant.compiling.targets.target import Target
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.program import Program
from abm_quant.contracts.spec import ModelSpec
from abm_quant.errors import TargetLacks
from abm_quant.resources import root

STYLE = Mode(line_length=fragments.LINE_LENGTH, target_versions={TargetVersion.PY311})


def render(program: Program, target: Target, spec: ModelSpec) -> CodeBundle:
    """Give the generated project of a Program; raises TargetLacks for what a target cannot do."""
    require_features(program, target)
    mentioned = mentions(program)
    program, own = target.rewrite(program)
    own["untyped"] = untyped(target)
    model = _model(program, target, model_context(program, target, mentioned) | own)
    needed = requirements(target, ast.parse(model))
    context = project_context(program, spec, mentioned, needed) | own
    context["model"] = sections(model)
    files = {"model.py": model}
    for name in target.files:
        if name != "model.py":
            text = _print(target, name, context)
            files[name] = _laid_out(name, text)
    files["spec.json"] = spec_text(spec, program)
    return bundle(program, target, files)


def require_features(program: Program, target: Target) -> None:
    """Raise TargetLacks, naming the feature, when a target cannot express a Program."""
    space = program.space
    feature = f"space:{space.kind}:{space.api}"
    if feature not in target.features and not space.made_by_author:
        words = "mesa.space" if space.api == "pos" else "mesa.discrete_space"
        raise TargetLacks(
            f"The target {target.name!r} has no {space.kind} space in the style of {words}. "
            "Choose another topology type."
        )


def untyped(target: Target) -> Code:
    """Give the comment with which mypy's default checks pass."""
    return fragments.comment(
        f"{target.title} ships without type information.\n"
        'mypy: disable-error-code="import-untyped"'
    )


def _model(program: Program, target: Target, context: dict[str, Any]) -> str:
    """Give model.py: its body is printed first, to see which names its header must import."""
    body = _print(target, "model.py", context)
    tree = ast.parse(body)
    if _arguments_hide_names(tree, program):
        body = _print(target, "model.py", context | {"apart": True})
    statements = [*context["framework"].statements(), *LIBRARIES.values(), *program.imports]
    imports = fragments.import_block(import_lines(statements, names_used(tree)))
    words = f"{sentence(program.title)}\n\n{without_marks(program.description)}"
    return formatted(
        "\n\n".join([docstring(words).text, context["untyped"].text, imports.text, body])
    )


def _arguments_hide_names(tree: ast.Module, program: Program) -> bool:
    """Whether an argument of the model's __init__ has the name of something its code uses."""
    arguments = {each.name for each in program.parameters} | {"seed"}
    models = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    model = next(node for node in models if node.name == program.class_name)
    methods = [node for node in model.body if isinstance(node, ast.FunctionDef)]
    start = next((each for each in methods if each.name == "__init__"), None)
    if start is None:
        return False
    set_up = start.body[3 + len(program.parameters) :]
    names = [node for statement in set_up for node in ast.walk(statement)]
    return any(isinstance(node, ast.Name) and node.id in arguments for node in names)


def _laid_out(name: str, text: str) -> str:
    """Give a file in its final layout.

    The templates of Python files besides model.py print the style of black already, which is
    fast; only a name that makes a line too long needs black itself.
    """
    if name.endswith(".md"):
        return _tidy(text)
    too_long = name.endswith(".py") and not all(map(_fits, text.split("\n")))
    return formatted(text) if too_long else text


def _fits(line: str) -> bool:
    """Whether black leaves a line as it is: it is short, or one text that cannot be broken."""
    width = sum(1 if char.isascii() else 2 for char in line)
    return width <= fragments.LINE_LENGTH or line.lstrip().startswith(("help=", '"', "'"))


def formatted(text: str) -> str:
    """Give Python code in the style of black."""
    return black.format_str(text, mode=STYLE)


def _tidy(text: str) -> str:
    """Give a text without spaces at line ends and without more than one empty line in a row."""
    lines: list[str] = []
    fence = ""
    for line in text.strip().split("\n"):
        run = line[: len(line) - len(line.lstrip("`"))]
        if len(run) >= 3 and (not fence or line == fence):
            fence = "" if fence else run
        if fence or line.rstrip() or (lines and lines[-1]):
            lines.append(line if fence else line.rstrip())
    return "\n".join(lines) + "\n"


def _print(target: Target, name: str, context: dict[str, Any]) -> str:
    return environment(target.template_folder).get_template(f"{name}.j2").render(context)


@cache
def environment(folder: str) -> Environment:
    """Give the strict environment of a target's templates."""
    templates = root("templates")
    made = Environment(
        loader=FileSystemLoader([templates / folder, templates / "shared"]),
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        auto_reload=False,
    )
    made.filters.update(FILTERS)
    made.tests.update(TESTS)
    return made


def _printed(value: object) -> str:
    """Give the text of a Code; anything else in a template is a mistake of the template."""
    if isinstance(value, Undefined):
        raise UndefinedError(str(value._undefined_message))
    if not isinstance(value, Code):
        raise TypeError(f"A template printed a {type(value).__name__}; it may print only Code.")
    return value.text

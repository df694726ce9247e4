"""Renders what a language model is told: the instructions, the request, the demand for repair.

The parts that stay the same come first, so that vendors can cache them: the instructions, then
the examples and the current model, last the user's words.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from abm_quant.authoring.changes import Change
from abm_quant.authoring.offline.gallery import entry_named
from abm_quant.authoring.offline.search import gallery_index
from abm_quant.authoring.wire import with_blanks
from abm_quant.contracts.gallery import GalleryEntry
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.spec import ModelSpec
from abm_quant.resources import root

EXAMPLES = 2
ALWAYS = ("sir-network", "predator-prey")
"""The examples for a prompt that resembles nothing in the gallery."""
MOST_PROBLEMS = 12
"""A longer list is cut: the first mistakes often cause the others."""
MOST_NAMES = 40
MOST_WORDS = 1_000
_EXCERPT = 300
_TAG = re.compile(r"<(?=\s*/?\s*(?:user_request|current_model|example)\b)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Example:
    """A finished model, shown for its form."""

    title: str
    model: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A problem, with what stands at its place."""

    path: str
    code: str
    message: str
    hint: str
    excerpt: str


@cache
def instructions() -> str:
    """Give the instructions, which are the same for every request."""
    return _render("instructions.md.j2")


def request_text(prompt: str, current_model: ModelSpec | None = None) -> str:
    """Give the user's turn: examples for a new model, or the model to change, then the words."""
    examples = () if current_model else tuple(_example(each.name) for each in examples_for(prompt))
    current = None if current_model is None else _compact(with_blanks(current_model.wire()))
    return _render("request.md.j2", prompt=_inert(prompt), current_model=current, examples=examples)


def repair_text(problems: Iterable[Problem], model: Any, *, ran: bool) -> str:
    """Give the turn that asks for the problems of a draft to be mended."""
    findings = [_finding(each, model) for each in problems]
    return _render("repair.md.j2", problems=findings[:MOST_PROBLEMS], ran=ran)


def removals_text(removed: Iterable[Change]) -> str:
    """Give the turn that asks about declarations that are gone without being asked for."""
    names = [_inert(shortened(each.name, _EXCERPT)) for each in removed]
    return _render("removals.md.j2", names=names[:MOST_NAMES])


def examples_for(prompt: str) -> list[GalleryEntry]:
    """Give the gallery models that are closest to a prompt."""
    ranked = [each.entry for each in gallery_index().rank(prompt) if each.score > 0]
    close = [each for each in ranked if each is not None][:EXAMPLES]
    names = {each.name for each in close}
    return (
        close + [entry_named(name) for name in ALWAYS if name not in names][: EXAMPLES - len(close)]
    )


@cache
def _example(name: str) -> Example:
    """Give a gallery model as it is shown; bringing it to the lean form takes milliseconds."""
    entry = entry_named(name)
    return Example(title=entry.title, model=_compact(with_blanks(entry.model.wire())))


def _finding(problem: Problem, model: Any) -> Finding:
    return Finding(
        path=_inert(shortened(problem.path, _EXCERPT)),
        code=problem.code,
        message=_inert(shortened(problem.message, MOST_WORDS)),
        hint=_inert(shortened(problem.hint, MOST_WORDS)),
        excerpt=_inert(_excerpt(model, problem.path)),
    )


def _excerpt(model: Any, path: str) -> str:
    """Give what stands at a JSON pointer, shortened; empty for the whole model and for nothing."""
    if not path:
        return ""
    for step in path.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(model, dict) and key in model:
            model = model[key]
        elif isinstance(model, list) and key.isdecimal() and int(key) < len(model):
            model = model[int(key)]
        else:
            return ""
    return shortened(_compact(model), _EXCERPT)


def _compact(value: Any) -> str:
    return _inert(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _inert(text: str) -> str:
    """Give a text that cannot close the element that it stands in, and that can be sent."""
    return _TAG.sub("&lt;", whole_characters(text))


def shortened(text: str, most: int) -> str:
    """Give a text of at most so many characters, and a sign where more was there."""
    return text if len(text) <= most else f"{text[:most]} ..."


def whole_characters(text: str) -> str:
    """Give a text whose halves of characters are joined, or replaced where one is missing."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(root("templates") / "prompts"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def _render(name: str, **values: Any) -> str:
    return _environment().get_template(name).render(**values).strip() + "\n"

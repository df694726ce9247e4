"""Instruments: a model with something added to its code, so that a run shows more.

The generated project stays as it is; only the copy that is run for verification is changed.
"""

import ast
from collections.abc import Callable
from dataclasses import replace

from abm_quant.compiling.render import environment
from abm_quant.contracts.code import CodeBundle

PROBE = "abm probe"
"""The series in which the instruments report on the state."""
PLAIN = "plain"


def fitted(bundle: CodeBundle, instrument: str) -> CodeBundle | None:
    """Give the bundle with an instrument, None where the target has none of this name."""
    make = INSTRUMENTS.get(bundle.target, {}).get(instrument)
    return bundle if instrument == PLAIN else make(bundle) if make else None


def _appended(template: str, entry_point: str) -> Callable[[CodeBundle], CodeBundle]:
    def make(bundle: CodeBundle) -> CodeBundle:
        text = bundle.files["model.py"] + _text(template, bundle)
        return _with_model(bundle, text, entry_point)

    return make


def _scrambled(bundle: CodeBundle) -> CodeBundle:
    """Give a model in which sets have another order, and things and texts other hashes."""
    tree = _Sets().visit(ast.parse(bundle.files["model.py"]))
    code = ast.unparse(ast.fix_missing_locations(tree))
    return _with_model(bundle, _text("scrambled.py", bundle) + code, bundle.entry_point)


class _Sets(ast.NodeTransformer):
    """Makes of each set that is written out one of the class that the template defines."""

    def visit_Set(self, node: ast.Set) -> ast.AST:
        self.generic_visit(node)
        return _made(ast.List(elts=node.elts, ctx=ast.Load()))

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        self.generic_visit(node)
        return _made(ast.ListComp(elt=node.elt, generators=node.generators))


def _made(elements: ast.expr) -> ast.Call:
    return ast.Call(func=ast.Name(id="AbmSet", ctx=ast.Load()), args=[elements], keywords=[])


def _text(template: str, bundle: CodeBundle) -> str:
    made = environment("verifying").get_template(f"{template}.j2")
    return made.render(entry_point=bundle.entry_point)


def _with_model(bundle: CodeBundle, text: str, entry_point: str) -> CodeBundle:
    return replace(bundle, files={"model.py": text}, entry_point=entry_point)


INSTRUMENTS: dict[str, dict[str, Callable[[CodeBundle], CodeBundle]]] = {
    "mesa": {
        "probed": _appended("mesa/probed.py", "AbmProbed"),
        "unstopped": _appended("mesa/unstopped.py", "AbmUnstopped"),
        "copied": _appended("mesa/copied.py", "AbmCopied"),
        "ordered": _appended("mesa/ordered.py", "AbmOrdered"),
        "scrambled": _scrambled,
    },
    "agentpy": {
        "probed": _appended("agentpy/probed.py", "AbmProbed"),
        "unstopped": _appended("agentpy/unstopped.py", "AbmUnstopped"),
        "scrambled": _scrambled,
    },
}
"""What can be added to a model, by target and name."""

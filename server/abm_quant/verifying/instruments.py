"""Instruments: a model with something added to its code, so that a run shows more.

The generated project stays as it is; only the copy that is run for verification is changed.
"""

import ast
from collections.abc import Callable
from dataclasses import replace

from abm_quant.compiling.render import environment
from abm_quant.contracts.code import CodeBundle
from abm_quant.verifying.subject import Subject
from abm_quant.verifying.transitions import transitions

PROBE = "abm probe"
"""The series in which the instruments report on the state."""
RATES = "abm rates"
"""The series in which draws of random numbers are counted, and the changes that follow."""
OWN_SERIES = (PROBE, RATES)
PLAIN = "plain"
Make = Callable[[Subject], CodeBundle]


def fitted(subject: Subject, instrument: str) -> CodeBundle | None:
    """Give the code with an instrument, None where the target has none of this name."""
    if instrument == PLAIN:
        return subject.bundle
    make = INSTRUMENTS.get(subject.bundle.target, {}).get(instrument)
    return make(subject) if make else None


def _appended(template: str, entry_point: str) -> Make:
    def make(subject: Subject) -> CodeBundle:
        text = subject.bundle.files["model.py"] + _text(template, subject)
        return _with_model(subject.bundle, text, entry_point)

    return make


def _scrambled(subject: Subject) -> CodeBundle:
    """Give a model in which sets have another order, and things and texts other hashes."""
    bundle = subject.bundle
    tree = _Sets().visit(ast.parse(bundle.files["model.py"]))
    code = ast.unparse(ast.fix_missing_locations(tree))
    return _with_model(bundle, _text("scrambled.py", subject) + code, bundle.entry_point)


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


def _text(template: str, subject: Subject) -> str:
    made = environment("verifying").get_template(f"{template}.j2")
    return made.render(entry_point=subject.bundle.entry_point, transitions=transitions(subject))


def _with_model(bundle: CodeBundle, text: str, entry_point: str) -> CodeBundle:
    return replace(bundle, files={"model.py": text}, entry_point=entry_point)


INSTRUMENTS: dict[str, dict[str, Make]] = {
    "mesa": {
        "probed": _appended("mesa/probed.py", "AbmProbed"),
        "rates": _appended("mesa/rates.py", "AbmRates"),
        "unstopped": _appended("mesa/unstopped.py", "AbmUnstopped"),
        "copied": _appended("mesa/copied.py", "AbmCopied"),
        "ordered": _appended("mesa/ordered.py", "AbmOrdered"),
        "scrambled": _scrambled,
    },
    "agentpy": {
        "probed": _appended("agentpy/probed.py", "AbmProbed"),
        "rates": _appended("agentpy/rates.py", "AbmRates"),
        "unstopped": _appended("agentpy/unstopped.py", "AbmUnstopped"),
        "scrambled": _scrambled,
    },
}
"""What can be added to a model, by target and name."""

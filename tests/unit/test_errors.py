"""The tree that is drawn at the top of errors.py is the tree of the classes."""

import inspect
import re

from abm_quant import errors
from abm_quant.contracts.problems import problem
from abm_quant.errors import AbmError, BadRequest, CannotCompile


def drawn():
    """Give (name, parent) of each line of the drawing."""
    above = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"([│├└─ ]*)([A-Z]\w+)(?:  |$)", line)
        if found:
            depth = len(found[1]) // 4
            above[depth:] = [found[2]]
            yield found[2], above[depth - 1] if depth else "Exception"


def test_the_drawing_is_the_tree_of_the_classes():
    classes = [
        each
        for _, each in inspect.getmembers(errors, inspect.isclass)
        if each.__module__ == errors.__name__
    ]
    assert sorted(drawn()) == sorted((each.__name__, each.__base__.__name__) for each in classes)


def test_every_exception_says_what_it_means():
    for name, _ in drawn():
        assert inspect.getdoc(getattr(errors, name)).endswith("."), name


def test_the_text_of_an_invalid_model_holds_its_errors_not_its_notes():
    note = problem("repaired", "/title", "Mended.")
    found = [problem("wrong-type", f"/agents/{n}", "It is text.") for n in range(5)]
    text = str(CannotCompile([note, *found]))
    assert text == "; ".join(f"/agents/{n}: It is text." for n in range(3))
    assert str(CannotCompile([note])) == "/title: Mended."


def test_a_message_is_kept_as_it_was_written():
    assert str(BadRequest("Do this.")) == "Do this."
    assert issubclass(BadRequest, AbmError)

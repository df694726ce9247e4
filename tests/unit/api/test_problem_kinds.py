"""Every exception of the product has a kind of answer, and no answer holds a stack trace."""

import inspect

import pytest

from abm_quant import errors
from abm_quant.api import problems
from abm_quant.contracts.problems import problem
from abm_quant.errors import AbmError, CannotCompile, MissingKey, NotFound, NothingFits

FORESEEN = [
    each
    for module in (errors, problems)
    for _, each in inspect.getmembers(module, inspect.isclass)
    if issubclass(each, AbmError) and each is not AbmError
]


@pytest.mark.parametrize("error", FORESEEN, ids=lambda each: each.__name__)
def test_every_exception_but_a_bad_setting_has_a_kind_of_its_own_or_its_parent(error):
    kind = next(problems.KINDS[each] for each in error.__mro__ if each in problems.KINDS)
    assert (kind is problems.KINDS[AbmError]) == (error in (errors.BadSetting, problems.DoorError))
    assert 400 <= kind.status < 600


def test_names_of_kinds_are_unique():
    names = [kind.name for kind in problems.KINDS.values()]
    assert len(set(names)) == len(names)


def test_a_model_with_errors_lists_them():
    found = problem("missing-field", "/agents", "It is missing.", "Add it.")
    document = problems.problem_document(CannotCompile([found]), "/x", "r")
    assert document["status"] == 422
    assert document["problems"] == [found.model_dump()]
    assert document["type"] == "urn:abm-quant:problem:invalid-model"


def test_the_sentence_names_the_number_and_the_first_error():
    note = problem("repaired", "/title", "Mended.")
    first = problem("missing-field", "/agents", "It is missing.", "Add it.")
    second = problem("wrong-type", "", "It is text.")
    tell = problems.sentence
    assert tell(CannotCompile([note, first])) == (
        "The model has an error (at /agents): It is missing. Add it."
    )
    assert tell(CannotCompile([second, first])) == "The model has 2 errors, the first: It is text."
    assert tell(CannotCompile([])) == "The model has errors."


def test_more_is_told_where_there_is_more():
    assert problems.problem_document(NothingFits("No.", ["A"]), "/x", "r")["closest"] == ["A"]
    assert problems.problem_document(MissingKey("No."), "/x", "r")["status"] == 503


@pytest.mark.parametrize(
    ("path", "is_engine"),
    [
        ("/engines", True),
        ("/api/v1/engines/abm-quant/generate", True),
        ("/initialize", True),
        ("/enginesx", False),
        ("/api/v1/models/engines", False),
        ("/api/v2/engines", False),
    ],
)
def test_the_path_decides_the_form(path, is_engine):
    answer = problems.answer(NotFound("Gone."), path, "r")
    assert (answer.media_type == "application/json") is is_engine
    assert answer.status_code == 404

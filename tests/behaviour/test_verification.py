"""The models of the gallery and of the corpus are not blamed for what they do not do."""

import asyncio
import json

import pytest

from abm_quant import resources
from abm_quant.errors import CannotCompile
from abm_quant.pipeline import compile_model
from abm_quant.verifying.judge import Judging, judge
from abm_quant.verifying.subject import Subject
from corpus_runs import CORPUS
from in_process import InProcess

FILES = sorted((resources.root("schemas") / "examples").glob("*.json"))
FILES += sorted(CORPUS.glob("*.json"))

RIGHTLY = {
    "d08-vaccine-uptake": {("no-effect", "/globalVariables/0/initialValue")},
    "d09-energy-community": {("no-effect", "/globalVariables/0/initialValue")},
}
"""Faults that are there: a population size that no code reads, beside a literal initialCount."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_quick_look_blames_nobody_wrongly(file) -> None:
    try:
        made = compile_model(json.loads(file.read_text(encoding="utf-8")))
    except CannotCompile as refusal:
        pytest.skip(str(refusal))
    subject = Subject(made.spec, made.program, made.bundle, tuple(made.problems))
    found = asyncio.run(judge(subject, InProcess(), Judging(budget_s=8)))
    blamed = [each for each in found.problems if each.severity != "note"]
    assert {(each.code, each.path) for each in blamed} == RIGHTLY.get(file.stem, set())
    outcomes = {check.name: check.outcome for check in found.checks}
    assert outcomes["runs"] == outcomes["liveness"] == "passed"
    assert outcomes["same-seed"] in ("passed", "not-checked")

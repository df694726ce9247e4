"""The evaluation of authors: recorded answers show their facts, and work that is done stays done."""

import json
from pathlib import Path
from typing import Any

import pytest

from abm_quant.errors import BadRequest
from abm_quant.settings import load_settings
from evals.evaluate import RECORDED, Case, cases, chosen, evaluate_all, table
from evals.facts import Fact, show

CASES = {case.id: case for case in cases()}
ANSWERED = sorted(path.stem for path in RECORDED.glob("*.json"))
SERIES = {
    "gini": [0, 0.3, 0.6],
    "sick_count": [5, 9, 0],
    "well_count": [95, 91, 100],
    "note": ["a"],
}


@pytest.mark.parametrize(
    ("fact", "holds"),
    [
        (Fact(kind="rises", of=["gini"]), True),
        (Fact(kind="falls", of=["gini"]), False),
        (Fact(kind="grows", of=["gini"]), True),
        (Fact(kind="declines", of=["sick"]), True),
        (Fact(kind="grows", of=["sick"]), False),
        (Fact(kind="changes", of=["sick"]), True),
        (Fact(kind="constant", of=["sick", "well"]), True),
        (Fact(kind="constant", of=["sick"]), False),
        (Fact(kind="lies", of=["GINI"], at="last", between=(0.5, 0.7)), True),
        (Fact(kind="lies", of=["gini"], at="every", between=(0.1, 0.7)), False),
        (Fact(kind="changes", of=["immune"]), False),
        (Fact(kind="changes", of=["note"]), False),
    ],
)
def test_facts_hold_or_not(fact: Fact, holds: bool) -> None:
    shown = show(fact, SERIES)
    assert shown.holds == holds and shown.seen


def test_cases_change_what_came_before() -> None:
    names = list(CASES)
    for case in CASES.values():
        assert case.facts
        assert case.changes is None or names.index(case.changes) < names.index(case.id)
    assert ANSWERED and set(ANSWERED) <= CASES.keys()


@pytest.mark.parametrize("name", ANSWERED)
async def test_recorded_answers_show_their_facts(name: str, tmp_path: Path) -> None:
    """What a language model wrote after our instructions is valid at once, runs and is right."""
    settings = load_settings(data_dir=tmp_path, verify_budget_s=0)
    wanted = [CASES[each] for each in (CASES[name].changes, name) if each]
    outcome = (await evaluate_all(wanted, settings, None, tmp_path / "results.json"))[-1]
    assert outcome.findings == []
    assert outcome.valid_at_first and outcome.compiled and outcome.ran
    assert outcome.shown == outcome.facts == len(CASES[name].facts)


async def test_finished_prompts_are_not_asked_again(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, verify_budget_s=0)
    results = tmp_path / "results.json"
    wanted: list[Case] = [CASES[ANSWERED[0]]]
    await evaluate_all(wanted, settings, None, results)
    kept: list[dict[str, Any]] = json.loads(results.read_text("utf-8"))
    kept[0]["seconds"] = 12345.0
    results.write_text(json.dumps(kept), "utf-8")
    (again,) = await evaluate_all(wanted, settings, None, results)
    assert again.seconds == 12345.0
    assert table([again]).row_count == 2
    other = wanted[0].model_copy(update={"facts": wanted[0].facts[:1]})
    (anew,) = await evaluate_all([other], settings, None, results)
    assert anew.facts == 1 and anew.seconds < 12345.0, "its facts have changed"


async def test_what_the_vendor_could_not_answer_is_asked_again(tmp_path: Path) -> None:
    dead = {"dead": {"base_url": "http://127.0.0.1:9/v1"}}
    settings = load_settings(data_dir=tmp_path, verify_budget_s=0, endpoints=dead)
    results = tmp_path / "results.json"
    wanted = [CASES["two-02"], CASES["two-02b"]]
    base, change = await evaluate_all(wanted, settings, "dead:x", results)
    assert not base.is_finished and "connection to dead failed" in base.findings[-1]
    assert change.findings == ["not asked: two-02 gave no model that could be changed"]
    with pytest.raises(BadRequest):
        await evaluate_all(wanted, settings, "nonsense", results)


async def test_a_file_that_holds_no_results_is_named(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    results.write_text('[{"id": "new-02"', "utf-8")
    with pytest.raises(BadRequest, match="results.json holds no results"):
        await evaluate_all([], load_settings(data_dir=tmp_path), None, results)


def test_a_change_is_never_asked_for_without_its_model() -> None:
    assert [each.id for each in chosen(["two-15b"], None)] == ["two-15", "two-15b"]
    assert len(chosen(None, "any")) == len(CASES) > len(chosen(None, None)) == len(ANSWERED)
    with pytest.raises(BadRequest, match="no case nix"):
        chosen(["nix"], None)

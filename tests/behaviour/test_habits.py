"""Small specifications, one for each habit of authors: what becomes of it, and what is said of it.

Each file of tests/corpus/small has one deviation. It compiles, runs and names its assumptions, or
it is refused with an error at the place that must change.
"""

import json
from typing import Any

import pytest

from abm_quant.contracts.problems import errors
from abm_quant.errors import CannotCompile
from abm_quant.pipeline import compile_model
from corpus_runs import CORPUS
from generated_runs import TARGETS, Run

SMALL = CORPUS / "small"

RUNNING: list[tuple[str, str, dict[str, Any]]] = [
    ("agentpy-births-and-deaths", "dialect", {"Walker.count": 10}),
    ("agentpy-call-of-all", "dialect", {"Walker.energy.mean": 5.0}),
    ("agentpy-free-moves-on-empty-cells", "declared dialect", {"Walker.energy.mean": 10.0}),
    ("agentpy-grid", "dialect", {"Walker.energy.mean": 8.0}),
    ("agentpy-grid-of-many", "dialect", {"Walker.energy.mean": 1.5, "Walker.energy.min": 0}),
    ("agentpy-life-of-the-model", "dialect renamed", {"total": 35, "Walker.energy.mean": 7.0}),
    ("agentpy-lists", "dialect", {"Walker.energy.mean": 2.0}),
    ("agentpy-lists-in-a-mesa-model", "dialect", {"total": 5, "Walker.energy.mean": 1.0}),
    ("agentpy-network", "dialect", {"Walker.energy.mean": 4.0}),
    ("agentpy-parameters", "dialect", {"Walker.energy.mean": 10.0}),
    ("agentpy-random-agents", "dialect", {"Walker.energy.mean": 5.0}),
    ("agentpy-record", "dialect", {"total": 25}),
    ("agentpy-setup-of-agents", "value-assumed", {"Walker.energy.mean": 8.0}),
    ("agentpy-space", "dialect", {"Walker.energy.mean": 5.0}),
    ("agentpy-stop", "dialect", {"Walker.energy.mean": 3.0}),
    ("agentpy-time-and-id", "dialect", {"Walker.energy.mean": 5.0}),
    ("agents-by-name", "repaired", {"Walker.energy.mean": 5.0}),
    ("agents-of-a-plural", "", {"Walker.energy.mean": 5.0}),
    ("agents-of-a-word", "dialect", {"Walker.energy.mean": 25.0}),
    ("agents-of-any-name", "value-assumed", {"Walker.energy.mean": 5.0}),
    ("agents-removed-by-the-model", "dialect function-assumed", {"Walker.count": 0}),
    ("agents-removed-from-the-list", "dialect", {"Walker.count": 0}),
    ("agents-shuffled", "dialect", {"Walker.energy.mean": 5.0}),
    ("agents-told-by-name", "", {"meals": 25}),
    ("agents-without-self", "repaired", {"Walker.energy.mean": 5.0}),
    ("attribute-in-camel-case", "dialect name-assumed", {"Walker.body_mass.mean": 5.0}),
    ("attribute-of-others-undeclared", "declared", {"Walker.energy.mean": 25.0}),
    ("attribute-of-the-model-on-self", "dialect name-assumed", {"Walker.energy.mean": 2.0}),
    ("attribute-with-is", "dialect name-assumed", {"Walker.energy.mean": 25.0}),
    ("bare-global-changed", "dialect", {"count": 25}),
    (
        "bare-global-changed-in-another-spelling",
        "dialect name-assumed renamed",
        {"Meals_Eaten": 25},
    ),
    ("bare-global-read-and-written", "dialect", {"hour": 5, "light": 1}),
    ("bare-name-in-camel-case", "dialect name-assumed", {"Walker.energy.mean": 2.0}),
    ("batch-function", "", {"Walker.energy.mean": 5.0}),
    ("body-that-returns", "dialect", {"Walker.energy.mean": 5.0}),
    ("body-without-def", "dialect", {"Walker.energy.mean": 5.0}),
    ("called-by-its-def-name", "dialect name-assumed repaired", {"Walker.energy.mean": 5.0}),
    (
        "chance-as-a-function",
        "dialect function-assumed value-assumed",
        {"Walker.energy.mean": 5.0, "Walker.keen.true": 5},
    ),
    ("chance-in-words", "value-assumed", {"Walker.energy.mean": 8.0}),
    ("class-in-the-plural", "dialect name-assumed", {"Walker.energy.mean": 25.0}),
    (
        "class-with-other-methods",
        "declared dialect repaired value-assumed",
        {"Walker.energy.mean": 35.0},
    ),
    ("class-wrapper", "dialect", {"Walker.energy.mean": 5.0}),
    ("condition-in-a-rule", "value-assumed", {"Walker.energy.mean": 3.0}),
    ("constant-of-a-state", "dialect name-assumed", {"Walker.energy.mean": 5.0}),
    ("continuous-stated-as-grid", "space-assumed", {"Walker.energy.mean": 5.0}),
    ("continuous-stated-as-none", "space-assumed", {"Walker.energy.mean": 5.0}),
    ("coordinates-of-their-own", "space-assumed", {"Walker.energy.mean": 10.0}),
    ("count-in-another-object", "name-assumed", {"Walker.energy.mean": 5.0}),
    ("count-of-a-state", "never-updated", {"num_sick": 5}),
    ("count-that-is-a-share", "value-assumed", {"Walker.count": 3}),
    ("count-that-nothing-updates", "never-updated", {}),
    ("created-while-added", "dialect dropped", {"Walker.count": 4}),
    ("derived-variable", "never-updated value-assumed", {"share": 2.0}),
    ("edges-without-a-space", "value-assumed", {"Walker.energy.mean": 5.0}),
    ("escaped-newlines", "dialect", {"Walker.energy.mean": 5.0}),
    ("fenced-code", "dialect", {"Walker.energy.mean": 5.0}),
    ("flat-agents", "repaired", {"Walker.energy.mean": 5.0}),
    ("float-counts", "", {"Walker.energy.mean": 5.0}),
    ("generator-as-a-name", "dialect value-assumed", {"Walker.energy.mean": 17.0}),
    ("getter-of-a-variable", "dialect function-assumed", {"Walker.energy.mean": 7.0}),
    ("global-random", "dialect", {"Walker.energy.mean": 5.0}),
    ("global-statement", "dialect", {"count": 25}),
    ("grid-stated-as-none", "space-assumed", {"Walker.energy.mean": 60.0}),
    ("helper-in-the-schedule", "dropped", {"Walker.energy.mean": 25.0}),
    ("helpers-undeclared", "dialect function-assumed", {"Walker.energy.mean": 12.0}),
    ("ids-as-indexes", "dialect value-assumed", {"Walker.energy.mean": 30.0}),
    ("imports-inside", "dialect", {"Walker.energy.mean": 5.0}),
    ("imports-missing", "", {"Walker.energy.mean": 4.0}),
    ("indented-code", "dialect", {"Walker.energy.mean": 5.0}),
    ("initialized-nowhere", "dropped", {"Walker.energy.mean": 5.0}),
    ("input-of-another-name", "value-assumed", {"Walker.energy.mean": 10.0}),
    ("keyword-as-name", "dialect name-assumed renamed", {"Walker.energy.mean": 3.0}),
    ("limits-in-words", "value-assumed", {"Walker.energy.mean": 10.0}),
    ("main-block-and-plots", "dialect", {"Walker.energy.mean": 5.0}),
    ("mesa-2-agents-of-type", "dialect", {"Walker.energy.mean": 5.0}),
    ("mesa-2-birth-and-death", "dialect", {"Walker.energy.mean": 5.0}),
    ("mesa-2-data-collector", "dialect dropped", {"Walker.energy.mean": 5.0}),
    ("mesa-2-ids-from-zero", "dialect value-assumed", {"Walker.seat.mean": 2.0}),
    ("mesa-2-nodes-as-neighbors", "dialect", {"Walker.energy.mean": 4.0}),
    ("mesa-2-own-init", "dropped", {"Walker.energy.mean": 6.0}),
    ("mesa-2-population", "dialect dropped", {"Walker.count": 3, "Walker.energy.mean": 15.0}),
    ("mesa-2-scheduler", "dialect", {"Walker.energy.mean": 10.0}),
    ("mesa-2-stages", "dialect", {"Walker.energy.mean": 124.0}),
    ("mesa-2-step-of-the-model", "dialect renamed", {"heat": 5, "Walker.energy.mean": 10.0}),
    ("mesa-2-step-without-one", "dialect nothing-scheduled", {"Walker.energy.mean": 124.0}),
    ("missing-prefix", "never-updated repaired", {"heat": 2, "Walker.energy.mean": 5.0}),
    ("missing-self", "repaired", {"Walker.energy.mean": 5.0}),
    ("model-as-state", "value-assumed", {"Walker.energy.mean": 20.0}),
    ("model-ends-itself", "", {"Walker.energy.mean": 3.0}),
    ("nameless-type", "value-assumed", {"Agent1.count": 3}),
    ("names-beyond-ascii", "dialect", {"Walker.energy.mean": 10.0}),
    ("names-in-camel-case", "dialect name-assumed", {"Walker.energy.mean": 2.0}),
    ("neighbors-as-a-parameter", "name-assumed", {"Walker.energy.mean": 20.0}),
    ("neighbors-by-a-getter", "function-assumed", {"Walker.energy.mean": 20.0}),
    ("partner-as-a-parameter", "name-assumed value-assumed", {"Walker.energy.mean": 5.0}),
    ("network-in-a-variable", "dialect space-assumed value-assumed", {"Walker.energy.mean": 2.0}),
    ("network-of-the-author", "value-assumed", {"Walker.energy.mean": 2.0}),
    ("pictures-and-pauses", "left-out", {"Walker.energy.mean": 5.0}),
    ("network-stated-as-none", "space-assumed", {"Walker.energy.mean": 4.0}),
    ("never-updated", "never-updated", {"temperature": 20}),
    ("nothing-in-four-ways", "repaired", {"Walker.count": 5}),
    ("nothing-to-start-with", "value-assumed", {"Walker.energy.mean": 5.0}),
    ("number-declared-as-text", "type-assumed value-assumed", {"Walker.energy.mean": 5.0}),
    ("number-with-unit", "value-assumed", {"Walker.energy.mean": 1005.0}),
    ("numbers-as-text", "repaired value-assumed", {"Walker.energy.mean": 5.0}),
    ("numbers-in-arguments", "value-assumed", {"Walker.energy.mean": 7.0}),
    ("older-shape", "dialect never-updated repaired", {"Walker.energy.mean": 10.0}),
    ("other-def-name", "repaired", {"Walker.energy.mean": 5.0}),
    ("output-that-is-a-variable", "", {"size_now": 5}),
    ("own-random-generator", "declared dialect value-assumed", {"Walker.energy.mean": 25.0}),
    ("parameter-that-is-an-attribute", "dialect repaired", {"Walker.energy.mean": 10.0}),
    ("part-of-a-name", "dialect name-assumed", {"disease_prevalence": 25}),
    ("per-agent-function", "", {"Walker.energy.mean": 5.0}),
    ("plural-of-a-type", "dialect name-assumed", {"total": 25}),
    ("plural-prefix", "dialect never-updated repaired", {"heat": 2, "Walker.energy.mean": 10.0}),
    ("population-that-is-watched", "value-assumed", {"Walker.count": 3}),
    ("random-position", "space-assumed", {"Walker.energy.mean": 1.0}),
    ("random-position-in-a-word", "space-assumed", {"Walker.energy.mean": 5.0}),
    ("reserved-names", "dialect renamed", {"Walker.energy.mean": 7.0}),
    ("ring-in-prose", "space-assumed", {"Walker.energy.mean": 2.0}),
    ("rule-nowhere", "dropped", {"Walker.energy.mean": 5.0}),
    ("rule-true-at-the-start", "", {"Walker.energy.mean": 0.0}),
    ("schedule-left-empty", "nothing-scheduled", {"Walker.energy.mean": 5.0}),
    ("schedule-of-a-type", "nothing-scheduled", {"Walker.energy.mean": 5.0}),
    ("scheduled-nowhere", "dropped", {"Walker.energy.mean": 5.0}),
    ("set-beside-the-function", "declared dialect value-assumed", {"Walker.energy.mean": 15.0}),
    ("size-in-prose", "space-assumed", {"Walker.energy.mean": 5.0}),
    ("smart-quotes", "dialect", {"Walker.energy.mean": 5.0}),
    ("snake-case-references", "repaired", {"Walker.energy.mean": 10.0}),
    ("start-that-is-another-array", "value-assumed", {"Walker.energy.mean": 4.0}),
    ("start-that-is-described", "value-assumed", {"Walker.energy.mean": 5.0}),
    ("step-by-another-word", "dialect name-assumed", {"Walker.energy.mean": 15.0}),
    ("steps-with-unit", "repaired", {"Walker.energy.mean": 5.0}),
    ("tracked-nowhere", "dropped", {"Walker.count": 5}),
    ("two-types-in-one-group", "", {"Walker.energy.mean": 5.0, "Runner.count": 5}),
    ("type-in-two-objects", "name-assumed repaired", {"Walker.energy.mean": 5.0}),
    ("type-spelt-differently", "repaired", {"Walker.energy.mean": 5.0}),
    ("type-under-another-key", "repaired", {"Walker.energy.mean": 5.0}),
    ("typo-of-one-letter", "dialect name-assumed", {"Walker.energy.mean": 5.0}),
    ("undeclared-attribute", "declared", {"Walker.energy.mean": 5.0}),
    ("undeclared-global", "declared", {"Walker.energy.mean": 23.0}),
    ("undeclared-global-by-source-name", "declared dialect", {"Walker.energy.mean": 2.0}),
    ("undeclared-random-function", "dialect function-assumed", {"Walker.energy.mean": 1.0}),
    ("undeclared-random-function-in-a-value", "function-assumed", {"Walker.energy.mean": 8.0}),
    ("values-in-any-order", "value-assumed", {"Walker.energy.mean": 6.0}),
    ("variables-in-a-dictionary", "dialect", {"Walker.energy.mean": 10.0}),
    ("whole-number-as-a-fraction", "", {"Walker.count": 5}),
    ("width-as-a-fraction", "", {"Walker.energy.mean": 6.0}),
    ("windows-tabs", "dialect", {"Walker.energy.mean": 5.0}),
    ("words-for-code", "dropped", {"Walker.energy.mean": 5.0}),
    ("words-in-another-spelling", "repaired space-assumed", {"Walker.count": 5}),
    ("words-of-json", "dialect", {"Walker.energy.mean": 5.0}),
    ("zero-divisor-at-the-start", "value-assumed", {"share": 0.4}),
]
"""Name, the codes of all its problems, and what is recorded at step 5."""

REFUSED = [
    ("agentpy-attr-grid", "no-counterpart", "/environment/environmentBehaviors/0/code"),
    ("behavior-that-waits", "waiting-code", "/agents/0/0/agentBehaviors/0/code"),
    ("forbidden-import", "forbidden-code", "/agents/0/0/agentBehaviors/0/code"),
    ("function-that-is-a-class", "code-unreadable", "/globalFunctions/0/code"),
    ("missing-argument", "missing-argument", "/scheduler/schedule/scheduleOrder/0"),
    ("several-candidates", "ambiguous-reference", "/dataAnalytics/trackedVariables/0/sourceName"),
    ("undeclared-function", "undefined-function", "/agents/0/0/agentBehaviors/0/code"),
    ("undeclared-method", "undefined-function", "/agents/0/0/agentBehaviors/0/code"),
    ("unreadable-code", "code-unreadable", "/agents/0/0/agentBehaviors/0/code"),
    ("values-in-a-circle", "initialization-cycle", "/scheduler/initialization/initializationOrder"),
]
"""Name, the code of its first error and the path of it."""


def read(name: str) -> dict[str, Any]:
    """Give one of the specifications."""
    found: dict[str, Any] = json.loads((SMALL / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_every_file_is_in_the_tables() -> None:
    named = {name for name, *_ in RUNNING} | {name for name, *_ in REFUSED}
    assert named == {path.stem for path in SMALL.glob("*.json")}
    assert len(named) >= 40


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("name", "codes", "recorded"), RUNNING)
def test_it_runs_and_names_its_assumptions(
    name: str, codes: str, recorded: dict[str, Any], target: str
) -> None:
    made = compile_model(read(name), target)
    assert {each.code for each in made.problems} == set(codes.split())
    run = Run(made, 1, 5, {})
    assert run.tick == 5 or run.stop_reason is not None
    assert {key: run[key][-1] for key in recorded} == recorded


@pytest.mark.parametrize("target", TARGETS)
def test_a_count_that_nothing_updates_follows_the_agents(target: str) -> None:
    run = Run(compile_model(read("count-that-nothing-updates"), target), 1, 5, {})
    assert run["walker_count"] == run["Walker.count"]
    assert run["walker_count"][0] == 5 > run["walker_count"][-1]


@pytest.mark.parametrize(("name", "code", "path"), REFUSED)
def test_it_is_refused_where_it_must_change(name: str, code: str, path: str) -> None:
    with pytest.raises(CannotCompile) as refusal:
        compile_model(read(name))
    first = errors(refusal.value.problems)[0]
    assert (first.code, first.path) == (code, path)
    assert first.hint

"""Every gallery entry is complete, consistent in itself and describes what it declares."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from abm_quant import resources
from abm_quant.contracts.gallery import GalleryEntry
from abm_quant.contracts.spec import Behavior, Call, GlobalFunction, ModelSpec, Variable

FILES = sorted((resources.root("schemas") / "examples").glob("*.json"))
NAMES = {
    *("bounded-confidence", "boltzmann-wealth", "forest-fire", "innovation-diffusion"),
    *("nagel-schreckenberg", "predator-prey", "prisoners-dilemma", "schelling-segregation"),
    *("sir-network", "sugarscape"),
}


def declarations(spec: ModelSpec) -> Iterator[Variable | Behavior | GlobalFunction]:
    yield from spec.global_functions or []
    yield from spec.global_variables or []
    yield from spec.environment.environment_attributes or []
    yield from spec.environment.environment_behaviors or []
    for _, agent_type in spec.agent_types():
        yield from agent_type.agent_attributes or []
        yield from agent_type.agent_behaviors or []


def declared(spec: ModelSpec) -> set[str]:
    counts = {f"agent.{each.name}.initialCount" for _, each in spec.agent_types()}
    return counts | {each.source_name for each in declarations(spec)}


def literals(spec: ModelSpec) -> set[str]:
    """Give the sourceNames of the model's parameters."""
    found = {
        each.source_name
        for each in spec.global_variables or []
        if not isinstance(each.initial_value, Call | list | dict | None)
    }
    counts = [each for _, each in spec.agent_types() if isinstance(each.initial_count, int)]
    return found | {f"agent.{each.name}.initialCount" for each in counts}


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def entry(request: pytest.FixtureRequest) -> GalleryEntry:
    path: Path = request.param
    return GalleryEntry.model_validate(json.loads(path.read_text(encoding="utf-8")))


def test_the_ten_models_are_there() -> None:
    assert {path.stem for path in FILES} >= NAMES


def test_words_for_people(entry: GalleryEntry) -> None:
    assert 1 <= len(entry.title.split()) <= 7
    assert "**What happens.**" in entry.explanation
    assert "**What to watch.**" in entry.explanation
    assert "**Source" in entry.explanation
    assert "<" not in entry.explanation
    assert 6 <= len(entry.tags) <= 40
    assert len(set(entry.tags)) == len(entry.tags)
    assert any(year in entry.reference for year in map(str, range(1900, 2030)))
    assert entry.expected.endswith(".")


def test_every_declaration_is_described(entry: GalleryEntry) -> None:
    for each in declarations(entry.model):
        words = each.function_description if isinstance(each, GlobalFunction) else each.description
        assert words.endswith("."), each.source_name
    for _, agent_type in entry.model.agent_types():
        assert agent_type.name and agent_type.description


def test_the_plans_name_only_what_is_declared(entry: GalleryEntry) -> None:
    spec = entry.model
    names = declared(spec)
    assert len(names) == len(list(declarations(spec))) + len(list(spec.agent_types()))
    initialization = spec.scheduler.initialization
    schedule = spec.scheduler.schedule
    assert initialization is not None and schedule is not None
    items = [*(initialization.initialization_order or []), *(schedule.schedule_order or [])]
    assert items
    for item in items:
        assert item.source_name in names
        assert item.type is not None and f".{item.type}" in f".{item.source_name}"
    rules = spec.termination_criteria.termination_rules or []
    tracked = (spec.data_analytics and spec.data_analytics.tracked_variables) or []
    assert {each.source_name for each in [*rules, *tracked]} <= names
    assert tracked


def test_every_behavior_is_scheduled(entry: GalleryEntry) -> None:
    schedule = entry.model.scheduler.schedule
    assert schedule is not None
    scheduled = {item.source_name for item in schedule.schedule_order or []}
    behaviors = {e.source_name for e in declarations(entry.model) if isinstance(e, Behavior)}
    assert behaviors <= scheduled


def test_code_is_one_documented_function_of_the_declared_name(entry: GalleryEntry) -> None:
    for each in declarations(entry.model):
        if isinstance(each, Variable):
            continue
        (function,) = ast.parse(each.code).body
        assert isinstance(function, ast.FunctionDef)
        assert function.name == each.name == each.source_name.rpartition(".")[2]
        assert ast.get_docstring(function)
        arguments = [argument.arg for argument in function.args.args]
        if isinstance(each, Behavior):
            assert arguments == ["self"]
        else:
            assert arguments == [parameter.name for parameter in each.function_inputs or []]
        assert max(map(len, each.code.splitlines())) <= 88


def test_code_uses_only_what_survives_in_the_next_mesa(entry: GalleryEntry) -> None:
    retired = (
        "mesa.space",
        ".pos",
        "PropertyLayer",
        "model.steps",
        "self.steps",
        "rng.integers(0, n)",
    )
    slow = ("random.choice(self.model.agents", "shuffle(", ".select(")
    for each in declarations(entry.model):
        if not isinstance(each, Variable):
            assert not [word for word in retired if word in each.code]
            assert not [word for word in slow if word in each.code.replace("random.shuffle(", "")]


def test_aliases_name_every_parameter_and_nothing_else(entry: GalleryEntry) -> None:
    assert set(entry.aliases) == literals(entry.model)
    for words in entry.aliases.values():
        assert words and len(set(words)) == len(words)

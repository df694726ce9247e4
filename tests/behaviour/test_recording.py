"""What is recorded of agents, on every gallery and corpus model and target: as the frameworks do."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import corpus_runs
import gallery_runs
from abm_quant.errors import InvalidModel
from abm_quant.pipeline import Compiled
from abm_quant.resources import root
from abm_quant.running.adapters import ADAPTERS
from abm_quant.running.spaces import find_space
from generated_runs import TARGETS, module_of

GALLERY = sorted(path.stem for path in (root("schemas") / "examples").glob("*.json"))
CORPUS = sorted(path.stem for path in corpus_runs.CORPUS.glob("*.json"))
STEPS = 6
Table = dict[Any, dict[str, Any]]


def compiled(name: str, target: str) -> Compiled:
    """Give the project of a gallery or corpus model."""
    runs = gallery_runs if name in GALLERY else corpus_runs
    return runs.compiled(name, target)


def played(made: Compiled, *, by_framework: bool) -> Iterator[tuple[Any, dict[str, Table]]]:
    """Give, after each step, the model and the tracked attributes by agent type and id."""
    adapter = ADAPTERS[made.bundle.target]
    random.seed(3)
    np.random.seed(3)
    module = module_of(made.bundle.files["model.py"])
    tracking = adapter.track(lambda agent_type, ids: None)
    follow = None if by_framework else tracking.follow
    model = adapter.build(module, made.bundle.entry_point, {}, 3, follow)
    yield model, framework_tables(model) if by_framework else tables(tracking.take())
    for _ in range(STEPS):
        if not adapter.is_running(model):
            return
        adapter.step(model)
        yield model, framework_tables(model) if by_framework else tables(tracking.take())


def tables(taken: list[Any]) -> dict[str, Table]:
    """Give rows by type and id."""
    found = {}
    for table in taken:
        assert table.ids == sorted(table.ids)
        columns = table.columns.items()
        found[table.agent_type] = {
            each: {name: repr(column[place]) for name, column in columns}
            for place, each in enumerate(table.ids)
        }
    return {name: rows for name, rows in found.items() if rows}


def framework_tables(model: Any) -> dict[str, Table]:
    """Give what the framework itself has recorded last."""
    found: dict[str, Table] = {}
    if hasattr(model, "datacollector"):
        collector = model.datacollector
        records = collector._agenttype_records
        for kind, rows in records[max(records)].items() if records else ():
            names = list(collector.agenttype_reporters[kind])
            found[kind.__name__] = {
                row[1]: {name: repr(value) for name, value in zip(names, row[2:], strict=True)}
                for row in rows
            }
    else:
        for kind, logs in model._logs.items():
            if kind != model.type:
                found[kind] = {
                    each: {name: repr(log[name][-1]) for name in log if name != "t"}
                    for each, log in logs.items()
                    if log["t"][-1] == model.t
                }
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", GALLERY + CORPUS)
def test_tracked_agents_are_those_that_the_framework_records(name: str, target: str) -> None:
    made = compiled(name, target)
    mine, theirs = (played(made, by_framework=each) for each in (False, True))
    for (model, ours), (_, expected) in zip(mine, theirs, strict=True):
        assert ours == expected
        counts = ADAPTERS[target].series(model)
        agents = ADAPTERS[target].agents(model, made.bundle.lists)
        assert {
            f"{kind}.count": len(each) for kind, each in agents.items()
        }.items() <= counts.items()

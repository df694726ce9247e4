"""The gallery is read, sorted and found by name."""

from pathlib import Path

import pytest

from abm_quant.authoring.offline.gallery import entry_named, load_gallery, read_entries
from abm_quant.authoring.offline.strangers import STRANGERS
from abm_quant.errors import NotFound, ResourceMissing


def test_entries_are_sorted_and_named_after_their_files() -> None:
    names = [entry.name for entry in load_gallery()]
    assert names == sorted(names)
    assert "sir-network" in names


def test_aliases_stand_for_something_that_the_model_declares() -> None:
    for entry in load_gallery():
        variables = {each.source_name for each in entry.model.global_variables or []}
        types = {f"agent.{each.name}.initialCount" for _, each in entry.model.agent_types()}
        assert set(entry.aliases) <= variables | types, entry.name


def test_a_wrong_name_is_answered_with_close_ones() -> None:
    assert entry_named("forest-fire").title == "Forest fire"
    with pytest.raises(NotFound, match="sir-network"):
        entry_named("sir_netwrk")
    with pytest.raises(NotFound, match="sugarscape"):
        entry_named("")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"title": 1}')
    with pytest.raises(ResourceMissing, match=r"broken\.json"):
        read_entries(tmp_path)


def test_no_stranger_is_in_the_gallery() -> None:
    titles = {entry.title.lower() for entry in load_gallery()}
    assert not titles & {stranger.title.lower() for stranger in STRANGERS}

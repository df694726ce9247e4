"""The search finds the model that people mean, and says so when there is none."""

import json
import time
from pathlib import Path

import pytest

from abm_quant.authoring.offline.gallery import load_gallery
from abm_quant.authoring.offline.search import GalleryIndex, gallery_index
from abm_quant.errors import NothingFits

HERE = Path(__file__).parent


def prompts(name: str) -> list[tuple[str, str]]:
    groups: dict[str, list[str]] = json.loads((HERE / name).read_text("utf-8"))
    return [(group, prompt) for group, texts in groups.items() for prompt in texts]


def found(prompt: str) -> str | None:
    try:
        return gallery_index().find(prompt).name
    except NothingFits:
        return None


def test_nearly_all_prompts_that_fit_find_their_model() -> None:
    wanted = prompts("prompts_that_fit.json")
    missed = [prompt for name, prompt in wanted if found(prompt) != name]
    assert len(wanted) >= 190
    assert len(missed) <= 0.03 * len(wanted), missed


def test_hardly_any_prompt_that_does_not_fit_is_accepted() -> None:
    others = prompts("prompts_that_do_not_fit.json")
    accepted = [(prompt, found(prompt)) for _, prompt in others if found(prompt) is not None]
    assert len(others) >= 130
    assert len(accepted) <= 0.04 * len(others), accepted


def test_every_entry_is_found_by_its_title_and_by_its_name() -> None:
    for entry in load_gallery():
        assert found(entry.title) == entry.name
        assert found(entry.name) == entry.name


def test_a_known_model_that_is_not_there_is_named() -> None:
    with pytest.raises(NothingFits, match="no model 'Abelian sandpile'") as failure:
        gallery_index().find("abelian sandpile 50x50, drop grains at random, topple at 4")
    assert len(failure.value.closest) <= 3


def test_the_closest_title_is_told() -> None:
    with pytest.raises(NothingFits, match="no model 'Hegselmann-Krause opinions'") as failure:
        gallery_index().find("opinions after Hegselmann and Krause")
    assert failure.value.closest[0] == "Opinions with bounded confidence"


@pytest.mark.parametrize("prompt", ["asdf qwer", "12345", "\x00\x01", "!!!", "\u202e", "model"])
def test_a_prompt_without_meaning_is_answered_with_the_list(prompt: str) -> None:
    with pytest.raises(NothingFits, match="the gallery holds: .*Schelling segregation") as failure:
        gallery_index().find(prompt)
    assert failure.value.closest == []


def test_what_fits_two_models_alike_is_not_guessed() -> None:
    with pytest.raises(NothingFits, match="fits .* as well as"):
        gallery_index().find("Schelling Sugarscape")


@pytest.mark.parametrize("piece", ["x", "words without end ", "wolf ", "qz1 "])
def test_100_kb_of_text_take_less_than_a_second(piece: str) -> None:
    text = (piece * (100_000 // len(piece) + 1))[:100_000]
    begin = time.perf_counter()
    found(text)
    assert time.perf_counter() - begin < 1.0


def test_100_kb_of_gibberish_are_refused_quickly() -> None:
    text = " ".join(f"zq{index:x}vw" for index in range(12_000))
    begin = time.perf_counter()
    assert found(text) is None
    assert time.perf_counter() - begin < 2.0


def test_misspellings_of_curated_words_are_understood() -> None:
    assert found("forrest fier") == "forest-fire"
    assert found("shcelling") == "schelling-segregation"


def test_an_index_of_one_entry_still_refuses() -> None:
    index = GalleryIndex([entry for entry in load_gallery() if entry.name == "forest-fire"])
    assert index.find("a wildfire in a forest").name == "forest-fire"
    with pytest.raises(NothingFits):
        index.find("an epidemic")

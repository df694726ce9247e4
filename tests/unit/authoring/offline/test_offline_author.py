"""The offline author writes honest drafts, or says plainly that it cannot."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm_quant.authoring.author import AuthoringRequest, Draft
from abm_quant.authoring.offline.author import OfflineAuthor
from abm_quant.authoring.offline.gallery import entry_named, load_gallery
from abm_quant.contracts.spec import ModelSpec
from abm_quant.errors import BadRequest, NothingFits
from authors import draft_of, unread

DEMO = "an SIR epidemic on a small-world network of 500 people"


async def write(prompt: str, current: ModelSpec | None = None) -> Draft:
    request = AuthoringRequest(prompt=prompt, review=unread, current_model=current)
    return await draft_of(OfflineAuthor().write(request))


async def test_the_demo_prompt_is_understood_in_full() -> None:
    draft = await write(DEMO)
    assert draft.title == "SIR epidemic on a small-world network"
    assert draft.model == entry_named("sir-network").model.wire()
    assert draft.assumptions[:3] == (
        'Took the gallery model "SIR epidemic on a small-world network" (sir-network).',
        'Set population to 500 ("500 people").',
        'The network is small-world ("small-world").',
    )
    assert draft.assumptions[3].startswith("Kept the gallery's values: average_degree = 6")
    assert len(draft.assumptions) == 4
    assert draft.provider == "offline"


async def test_a_draft_reads_as_a_specification() -> None:
    for entry in load_gallery():
        draft = await write(f"{entry.title} with 40x40 cells, 60 agents")
        ModelSpec.model_validate_json(json.dumps(draft.model))
        assert len(draft.title.split()) <= 7
        assert not re.search(r"<[a-zA-Z/!]", draft.explanation)


async def test_what_is_not_understood_is_said() -> None:
    draft = await write("wolves and sheep with 80 sheep. Add a disease, and wind from west!")
    assert draft.assumptions[-1] == (
        'Not understood and left out: "Add a disease", "wind from west".'
    )
    assert 'Set number of Sheep agents to 80 ("80 sheep").' in draft.assumptions


async def test_the_explanation_begins_with_what_was_changed() -> None:
    draft = await write("SIR epidemic on a scale-free network of 100 people")
    assert draft.title == "SIR epidemic on a scale-free network"
    first, _, rest = draft.explanation.partition("\n\n")
    assert "population is 100 instead of 500" in first
    assert "scale-free instead of small-world" in first
    assert rest == entry_named("sir-network").explanation


async def test_the_same_prompt_gives_the_same_draft() -> None:
    assert await write("Schelling 20x20") == await write("Schelling 20x20")


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t"])
async def test_an_empty_prompt_is_refused(prompt: str) -> None:
    with pytest.raises(BadRequest, match="prompt is empty"):
        await write(prompt)


async def test_only_the_beginning_of_an_endless_prompt_is_read() -> None:
    draft = await write(f"{DEMO}. {' ' * 50_000} 900 people")
    assert "Set population to 500" in draft.assumptions[1]
    assert draft.assumptions[-1].startswith("Read only the first 10,000 of")


async def test_the_current_model_changes_only_where_it_is_named() -> None:
    current = entry_named("predator-prey").model
    draft = await write("make it 30 wolves", current)
    wire = current.wire()
    wolves = next(each for group in wire["agents"] for each in group if each["name"] == "Wolf")
    wolves["initialCount"] = 30
    assert draft.model == wire
    assert draft.assumptions == ('Set number of Wolf agents to 30 ("30 wolves").',)
    assert "number of Wolf agents is 30 instead of 50" in draft.explanation


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("double the number of people", 1000),
        ("increase the population by 10%", 550),
        ("reduce the population by 100", 400),
        ("change the population from 500 to 700", 700),
        ("people = 20", 20),
    ],
)
async def test_changes_start_from_the_current_value(prompt: str, value: int) -> None:
    draft = await write(prompt, entry_named("sir-network").model)
    assert draft.model["globalVariables"][0]["initialValue"] == value


async def test_a_model_of_unknown_origin_is_set_by_its_own_words() -> None:
    wire = entry_named("sir-network").model.wire()
    wire["globalVariables"][0].update(name="crowd", sourceName="globalVariable.crowd")
    wire["globalVariables"][0]["description"] = "Number of villagers."
    wire["agents"][0][0]["initialCount"] = "globalVariable.crowd"
    current = ModelSpec.model_validate(wire)
    for prompt in ("90 villagers", "crowd of 90", "90 persons", "n = 90"):
        draft = await write(prompt, current)
        assert draft.model["globalVariables"][0]["initialValue"] == 90, prompt
    assert draft.title == "Contact network"


@pytest.mark.parametrize(
    "prompt", ["Add a vaccine", "more wolves", "what happens in winter?", "asdf", "-3 sheep"]
)
async def test_other_changes_need_a_language_model(prompt: str) -> None:
    with pytest.raises(NothingFits, match="changing a model's structure needs a language model"):
        await write(prompt, entry_named("predator-prey").model)


async def test_a_model_without_anything_to_set_is_no_crash() -> None:
    bare = ModelSpec.model_validate(
        {
            "codingLanguage": "python",
            "environment": {"topology": {"type": "none"}},
            "agents": [],
            "terminationCriteria": {"maxSteps": 10},
            "scheduler": {},
        }
    )
    with pytest.raises(NothingFits):
        await write("500 agents on a 40x40 torus, density 0.5", bare)
    draft = await write("run for 20 steps", bare)
    assert draft.model["terminationCriteria"] == {"maxSteps": 20}


WORDS = st.sampled_from(
    [
        "5",
        "-3",
        "0.5",
        "60%",
        "40x40",
        "1e9",
        "sheep",
        "wolves",
        "density",
        "people",
        "infection",
        "probability",
        "of",
        "and",
        ",",
        ".",
        "torus",
        "double",
        "increase",
        "by",
        "to",
        "from",
        "steps",
        "grid",
        "size",
        "N",
        "=",
        "the",
        "add",
        "scale-free",
        "network",
        "4",
        "neighbors",
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(WORDS, max_size=25), st.sampled_from(load_gallery()))
async def test_any_words_give_a_readable_model(words: list[str], entry: object) -> None:
    current = entry.model  # type: ignore[attr-defined]
    try:
        draft = await write(" ".join(["x", *words]), current)
    except NothingFits:
        return
    ModelSpec.model_validate_json(json.dumps(draft.model))


@settings(deadline=None, max_examples=100)
@given(st.text(min_size=1, max_size=200))
async def test_any_text_is_answered(text: str) -> None:
    try:
        await write(text, entry_named("forest-fire").model)
        await write(text)
    except (NothingFits, BadRequest):
        return

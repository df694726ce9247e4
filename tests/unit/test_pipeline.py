"""The walk from a sentence to a kept model, with an author that writes what it is told."""

import pytest
from pydantic import SecretStr

from abm_quant.authoring.author import AuthoringRequest, Draft
from abm_quant.errors import CannotCompile, SpecRejected
from abm_quant.llm.routing import RouteRequest
from abm_quant.pipeline import (
    GenerateRequest,
    Tools,
    check_model,
    compile_model,
    generate,
)
from abm_quant.running.table import make_sandbox
from abm_quant.storage.models import ModelStore
from small_specs import behavior, variable, wire

ACT = behavior("def act(self):\n    pass")
GOOD = wire(behaviors=[ACT], schedule=[ACT["sourceName"]])


class Writer:
    """An author that writes one model, whatever it is asked."""

    def __init__(self, model):
        self.model = model
        self.asked = None

    async def write(self, request: AuthoringRequest):
        self.asked = request
        words = {"title": "Walkers", "explanation": "They walk."}
        judging = request.review({"model": self.model} | words)
        review = [each async for each in judging][-1]
        yield Draft(model=self.model, review=review, provider="pen", **words)


@pytest.fixture
def tools_for(tmp_path):
    def make(author):
        return Tools(
            author=lambda route: author, models=ModelStore(tmp_path), sandbox=make_sandbox("none")
        )

    return make


async def test_what_the_author_writes_is_compiled_and_kept(tools_for):
    author = Writer(GOOD)
    tools = tools_for(author)
    request = GenerateRequest(prompt="walkers", route=RouteRequest())
    generated = await generate(request, tools)
    assert author.asked.prompt == "walkers"
    assert generated.spec.wire() == GOOD
    kept = tools.models.get(generated.kept.id)
    assert (kept.title, kept.explanation) == ("Walkers", "They walk.")
    assert (kept.origin.prompt, kept.origin.author) == ("walkers", "pen")
    assert "class Walker" in tools.models.bundle(kept.id).files["model.py"]


async def test_what_the_choice_of_the_model_meant_is_handed_on(tools_for):
    wanted = RouteRequest(
        underlying_model="claude-opus-4-1-20250805", keys={"anthropic": SecretStr("k")}
    )
    request = GenerateRequest(prompt="walkers", route=wanted)
    generated = await generate(request, tools_for(Writer(GOOD)))
    assert generated.route.vendor == "anthropic"
    assert "claude-opus-5" in " ".join(generated.route.notices)


async def test_a_draft_with_errors_is_not_kept(tools_for):
    tools = tools_for(Writer(GOOD | {"agents": []}))
    with pytest.raises(CannotCompile) as refusal:
        await generate(GenerateRequest(prompt="none", route=RouteRequest()), tools)
    assert "no-agents" in {each.code for each in refusal.value.problems}
    assert tools.models.page().items == []


@pytest.mark.parametrize("raw", [None, 3, "", "[]", {}, [], b"", {"model": {"model": 1}}])
def test_what_is_no_specification_is_a_problem_or_a_refusal(raw):
    assert check_model(raw).spec is None
    assert check_model(raw).problems
    with pytest.raises(SpecRejected) as refusal:
        compile_model(raw)
    assert refusal.value.problems == check_model(raw).problems


def test_nothing_is_said_twice():
    model = GOOD | {"globalVariables": [variable("agents", 3, "integer")]}
    problems = compile_model(model).problems
    assert "renamed" in {each.code for each in problems}
    assert len(set(problems)) == len(problems)


@pytest.mark.parametrize(
    ("library", "target", "made_for"),
    [
        ("mesa", None, "mesa"),
        ("agentpy", None, "agentpy"),
        ("AgentPy", "mesa", "mesa"),
        ("mesa", "agentpy", "agentpy"),
        (None, None, "mesa"),
    ],
)
def test_the_library_of_a_specification_decides_without_a_target(
    library: str | None, target: str | None, made_for: str
) -> None:
    raw = GOOD | {"abmLibrary": library and {"name": library}}
    assert compile_model(raw, target).bundle.target == made_for

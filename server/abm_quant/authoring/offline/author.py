"""The author that needs no key: it takes a model from the gallery and sets its parameters."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from abm_quant.authoring.author import AuthoringRequest, Draft, Review
from abm_quant.authoring.changes import changes
from abm_quant.authoring.offline.gallery import load_gallery
from abm_quant.authoring.offline.parameters import Outcome, set_parameters
from abm_quant.authoring.offline.search import READ_CHARACTERS, gallery_index
from abm_quant.authoring.offline.unread import say_unread
from abm_quant.contracts.gallery import GalleryEntry
from abm_quant.contracts.progress import Authoring, Step
from abm_quant.contracts.spec import ModelSpec
from abm_quant.errors import BadRequest, NothingFits

PROVIDER = "offline"


class OfflineAuthor:
    """Writes drafts from the built-in gallery; the same prompt always gives the same draft."""

    async def write(self, request: AuthoringRequest) -> AsyncGenerator[Step | Draft]:
        """Give the gallery model that the prompt means, or the current model with its new values.

        Raises NothingFits when the prompt means no gallery model, or names no parameter of the
        current one, and BadRequest when it is empty.
        """
        yield Authoring(author=PROVIDER, message="The gallery is searched for the prompt.")
        written = _write(request)
        review = Review(problems=[])
        async with aclosing(request.review(written.answer)) as judging:
            async for each in judging:
                if isinstance(each, Review):
                    review = each
                else:
                    yield each
        current = request.current_model
        yield Draft(
            model=written.model,
            title=written.title,
            explanation=written.explanation,
            assumptions=written.assumptions,
            review=review,
            provider=PROVIDER,
            changes=changes(current, review.spec) if current and review.spec else (),
        )


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was taken from the gallery or the current model, before it is judged."""

    model: dict[str, Any]
    title: str
    explanation: str
    assumptions: tuple[str, ...]

    @property
    def answer(self) -> dict[str, Any]:
        """The answer of an author, as it is judged."""
        return {"model": self.model, "title": self.title, "explanation": self.explanation}


def _write(request: AuthoringRequest) -> Written:
    prompt = request.prompt[:READ_CHARACTERS]
    if not prompt.strip():
        raise BadRequest("The prompt is empty. Describe the model that you want.")
    cut = _say_cut(request.prompt)
    if request.current_model is None:
        return _write_new(prompt, cut)
    return _change(request.current_model, prompt, cut)


def _write_new(prompt: str, cut: list[str]) -> Written:
    entry = gallery_index().find(prompt)
    outcome = set_parameters(entry.model, prompt, entry)
    kept = f"Kept the gallery's values: {', '.join(outcome.kept)}." if outcome.kept else ""
    sentences = [
        f'Took the gallery model "{entry.title}" ({entry.name}).',
        *outcome.said,
        *outcome.refused,
        *([kept] if kept else []),
        *say_unread(outcome.unread),
        *cut,
    ]
    return Written(
        model=outcome.model,
        title=_title(entry.title, outcome),
        explanation=_explain(entry, outcome),
        assumptions=tuple(sentences),
    )


def _change(current: ModelSpec, prompt: str, cut: list[str]) -> Written:
    entry = origin_of(current)
    outcome = set_parameters(current, prompt, entry)
    if not outcome.said:
        raise NothingFits(_say_unchanged(outcome), [])
    title = entry.title if entry else current.environment.name or "Changed model"
    changes = (
        "; ".join(outcome.changes) if outcome.changes else "nothing, the values were so before"
    )
    return Written(
        model=outcome.model,
        title=_shorten(_title(title, outcome)),
        explanation=f"**Changed:** {changes}. All other parts of the model are as they were.",
        assumptions=(*outcome.said, *outcome.refused, *say_unread(outcome.unread), *cut),
    )


def origin_of(spec: ModelSpec) -> GalleryEntry | None:
    """Give the gallery entry with the same variables and agents, None when there is none."""
    names = _declared(spec)
    return next((each for each in load_gallery() if _declared(each.model) == names), None)


def _declared(spec: ModelSpec) -> frozenset[str]:
    """Give the sourceNames of the global variables and of the parts of the agents."""
    agents = [agent_type for _, agent_type in spec.agent_types()]
    names = [each.source_name for each in spec.global_variables or []]
    for agent in agents:
        names += [each.source_name for each in agent.agent_attributes or []]
        names += [each.source_name for each in agent.agent_behaviors or []]
    return frozenset(names)


def _title(title: str, outcome: Outcome) -> str:
    return title.replace(*outcome.renamed) if outcome.renamed else title


def _shorten(title: str) -> str:
    return " ".join(title.split()[:7])


def _explain(entry: GalleryEntry, outcome: Outcome) -> str:
    """Give the entry's explanation, after one sentence on what is different from it."""
    if not outcome.changes:
        return entry.explanation
    changes = "; ".join(outcome.changes)
    note = ""
    if outcome.renamed:
        note = f" What is said below of a {outcome.renamed[0]} network holds for the original."
    return f"**Changed from the gallery's model:** {changes}.{note}\n\n{entry.explanation}"


def _say_cut(prompt: str) -> list[str]:
    if len(prompt) <= READ_CHARACTERS:
        return []
    return [f"Read only the first {READ_CHARACTERS:,} of the prompt's {len(prompt):,} characters."]


def _say_unchanged(outcome: Outcome) -> str:
    """Give the sentence for a change that the offline author cannot make."""
    refused = f" {' '.join(outcome.refused)}" if outcome.refused else ""
    names = ", ".join(outcome.kept[:8])
    return (
        "The prompt names no parameter of the current model with a value that can be set."
        f"{refused} The offline author can only set parameters ({names}); changing a model's "
        "structure needs a language model: send a key and name one. Or change the specification by "
        "hand, or name a parameter with its new value."
    )

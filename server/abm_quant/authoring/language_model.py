"""The author that asks a language model: draft, review, repair, and the best draft in the end."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from abm_quant.authoring.author import AuthoringRequest, Draft, Review
from abm_quant.authoring.changes import Change, changes, unasked_removals
from abm_quant.authoring.extras import keep_extras
from abm_quant.authoring.finding import answer_in
from abm_quant.authoring.instructions import (
    instructions,
    removals_text,
    repair_text,
    request_text,
    shortened,
    whole_characters,
)
from abm_quant.authoring.wire import wire_schema, without_blanks
from abm_quant.contracts.problems import Problem, errors
from abm_quant.contracts.progress import Authoring, DraftGrown, Repairing, Step
from abm_quant.contracts.usage import Usage
from abm_quant.errors import AbmError, ModelRefused, ReplyTruncated
from abm_quant.llm.chat import (
    DEEP,
    MOST_OUTPUT_TOKENS,
    MOST_WITH_THOUGHT,
    ChatModel,
    ChatReply,
    ChatRequest,
    Message,
    TextDelta,
    Waiting,
)
from abm_quant.llm.prices import priced
from abm_quant.llm.routing import Route

WORTH_MENDING = frozenset(
    {
        "dropped",
        "never-updated",
        "nothing-happens",
        "no-effect",
        "fires-at-once",
        "not-a-number",
        "explodes",
        "out-of-domain",
        "not-conserved",
        "not-deterministic",
    }
)
"""Warnings after which the model is not what its author meant, so that it is asked to mend them."""
MOST_QUOTED = 200_000
"""Characters of a draft that a repair turn repeats; a language model writes hardly more."""
MOST_QUOTED_WORDS = 4_000
"""Characters of an answer that is no draft."""
_PARTIAL_S = 0.25
"""Seconds between two pictures of a growing draft."""


class LanguageModelAuthor:
    """Writes drafts with a language model."""

    def __init__(self, chat: ChatModel, route: Route) -> None:
        self._chat = chat
        self._route = route

    async def write(self, request: AuthoringRequest) -> AsyncGenerator[Step | Draft]:
        """Give the progress and the draft; see Author. What is raised carries what was used."""
        work = _Work(request=request)
        try:
            async with aclosing(self._writing(work)) as steps:
                async for step in steps:
                    yield step
        except AbmError as failure:
            failure.usage = work.usage + self._priced(failure.usage)
            raise

    async def _writing(self, work: "_Work") -> AsyncGenerator[Step | Draft]:
        """Draft, review and mend."""
        request, repair = work.request, 0
        while True:
            async with aclosing(self._attempt(work, repair)) as steps:
                async for step in steps:
                    yield step
            findings = work.findings()
            if not findings.texts or repair >= request.max_repairs:
                break
            repair += 1
            yield Repairing(repair=repair, most=request.max_repairs, problems=findings.problems)
            work.ask(findings.texts)
        yield self._draft(work, repair)

    @property
    def _name(self) -> str:
        return f"{self._route.vendor}:{self._route.model}"

    async def _attempt(self, work: "_Work", repair: int) -> AsyncGenerator[Step]:
        """Ask once, and review the answer."""
        verb = "mends its draft" if repair else "writes a first draft"
        yield Authoring(author=self._name, message=f"{self._route.model} {verb}.")
        async with aclosing(self._ask(work)) as steps:
            async for step in steps:
                yield step
        async with aclosing(work.request.review(work.answer)) as judging:
            async for each in judging:
                if isinstance(each, Review):
                    work.judge(each)
                else:
                    yield each

    async def _ask(self, work: "_Work") -> AsyncGenerator[Step]:
        """Send the conversation, and keep the answer; raises what makes asking again useless."""
        text, shown = "", 0.0
        async with aclosing(self._chat.stream(self._request(work))) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    text += event.text
                    await asyncio.sleep(
                        0
                    )  # what came at once is not a reason to keep others waiting
                    if time.monotonic() - shown >= _PARTIAL_S and (partial := _model_in(text)):
                        shown = time.monotonic()
                        yield DraftGrown(model=partial, characters=len(text))
                elif isinstance(event, Waiting):
                    text = ""
                    work.usage += self._priced(event.usage)
                    soon = f" Asking again in {event.wait_s:.0f} s." if event.wait_s else ""
                    yield Authoring(author=self._name, message=event.reason + soon)
                else:
                    work.usage += await asyncio.to_thread(self._priced, event.usage)
                    self._accept(event)
                    await asyncio.to_thread(work.take, event.text)

    def _priced(self, usage: Usage) -> Usage:
        """Give the usage of one answer with its price; nothing costs nothing."""
        if not usage:
            return Usage()
        return priced(usage, vendor=self._route.vendor, model=self._route.model)

    def _request(self, work: "_Work") -> ChatRequest:
        thinks = self._route.effort in DEEP
        return ChatRequest(
            model=self._route.model,
            system=instructions(),
            messages=tuple(work.messages),
            schema=wire_schema(),
            effort=self._route.effort,
            max_output_tokens=MOST_WITH_THOUGHT if thinks else MOST_OUTPUT_TOKENS,
        )

    def _accept(self, reply: ChatReply) -> None:
        """Raise ModelRefused or ReplyTruncated for an answer that is no draft."""
        if reply.stop_reason == "refused":
            why = f" ({reply.detail[:200]})" if reply.detail else ""
            raise ModelRefused(
                f"{self._route.model} declined to write this model{why}. Say the prompt in other "
                "words, or choose another model."
            )
        if reply.stop_reason == "truncated":
            written = reply.usage.output_tokens
            place = f"after {written:,} tokens, the most" if written else "at the most"
            raise ReplyTruncated(
                f"The answer of {self._route.model} was cut off {place} that it may write. Ask for "
                "a smaller model, or for one change at a time, or choose another model."
            )

    def _draft(self, work: "_Work", repairs: int) -> Draft:
        best = work.best
        assert best is not None
        return Draft(
            model=best.model,
            title=best.title,
            explanation=best.explanation,
            assumptions=best.assumptions,
            review=best.review,
            provider=self._name,
            usage=work.usage,
            repairs=repairs,
            changes=best.changes,
        )


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """A draft with its judgement."""

    answer: Any
    title: str
    explanation: str
    assumptions: tuple[str, ...]
    review: Review
    changes: tuple[Change, ...]

    @property
    def model(self) -> dict[str, Any]:
        """The specification as raw JSON; empty when the answer holds none."""
        model = self.answer.get("model") if isinstance(self.answer, dict) else None
        return model if isinstance(model, dict) else {}

    @property
    def rank(self) -> tuple[bool, int, int]:
        """How bad it is: unreadable, then errors, then warnings that make it useless."""
        wrong = [each for each in self.review.problems if each.code in WORTH_MENDING]
        return (self.review.spec is None, len(errors(self.review.problems)), len(wrong))


@dataclass(frozen=True, kw_only=True)
class _Findings:
    """What the author is asked to mend: problems, and the turns that say so."""

    problems: list[Problem]
    texts: list[str]


@dataclass(kw_only=True)
class _Work:
    """One model being written: the conversation, the drafts, what they cost."""

    request: AuthoringRequest
    messages: list[Message] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    answer: Any = None
    """The last answer: {model, title, explanation, ...}, or its text where it is not JSON."""
    notes: tuple[str, ...] = ()
    """What of it was read otherwise than it was written."""
    best: _Attempt | None = None
    last: _Attempt | None = None
    has_asked_about_removals: bool = False

    def __post_init__(self) -> None:
        text = request_text(self.request.prompt, self.request.current_model)
        self.messages.append(Message(role="user", text=text))

    def ask(self, texts: list[str]) -> None:
        """Add the turn that asks for a repair."""
        self.messages.append(Message(role="user", text="\n".join(texts)))

    def take(self, text: str) -> None:
        """Take an answer into the conversation."""
        text = whole_characters(text)
        found = answer_in(text)
        self.answer, self.notes = found.answer, found.notes
        most = MOST_QUOTED if isinstance(self.answer, dict) else MOST_QUOTED_WORDS
        self.messages.append(Message(role="assistant", text=shortened(text, most) or "(empty)"))
        if isinstance(self.answer, dict) and isinstance(self.answer.get("model"), dict):
            model = without_blanks(self.answer["model"])
            if self.request.current_model is not None:
                model = keep_extras(self.request.current_model.wire(), model)
            self.answer = self.answer | {"model": model}

    def judge(self, review: Review) -> None:
        """Take the judgement of the last answer, and keep the better draft."""
        words = self.answer if isinstance(self.answer, dict) else {}
        current = self.request.current_model
        self.last = _Attempt(
            answer=self.answer,
            title=_text(words.get("title")),
            explanation=_text(words.get("explanation")),
            assumptions=(*self.notes, *_sentences(words.get("assumptions"))),
            review=review,
            changes=changes(current, review.spec) if current and review.spec else (),
        )
        if self.best is None or self.last.rank <= self.best.rank:
            self.best = self.last

    def findings(self) -> _Findings:
        """Give what the last draft must be mended for; removals are asked about once."""
        last = self.last
        assert last is not None
        found = last.review.problems
        wrong = [*errors(found), *(each for each in found if each.code in WORTH_MENDING)]
        texts = [repair_text(wrong, last.model, ran=last.review.ran)] if wrong else []
        removed = unasked_removals(last.changes, self.request.prompt)
        if removed and not self.has_asked_about_removals:
            self.has_asked_about_removals = True
            texts.append(removals_text(removed))
        return _Findings(problems=wrong, texts=texts)


def _model_in(text: str) -> dict[str, Any] | None:
    """Give the model of an answer that is still growing, None before it begins."""
    try:
        answer = from_json(
            whole_characters(text), allow_partial="trailing-strings", allow_inf_nan=False
        )
    except ValueError:
        return None
    model = answer.get("model") if isinstance(answer, dict) else None
    return model if isinstance(model, dict) else None


def _text(value: Any) -> str:
    """Give a text that can be sent; of another value nothing, and no halves of characters."""
    return whole_characters(value) if isinstance(value, str) else ""


def _sentences(value: Any) -> tuple[str, ...]:
    items: Iterable[Any] = value if isinstance(value, list) else ()
    texts = [" ".join(_text(each).split()) for each in items]
    return tuple(each for each in texts if each)

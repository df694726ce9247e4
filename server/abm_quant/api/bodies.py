"""What requests and answers hold. The docstring under a field is its text in /docs."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from abm_quant.api.words import short_title
from abm_quant.contracts.jobs import Limits, ParameterValue, Record
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.results import RunResult
from abm_quant.contracts.verification import Outcome
from abm_quant.contracts.wire import Wire
from abm_quant.storage.models import KeptModel, KeptParameter, Origin
from abm_quant.storage.runs import RunRecord, RunStatus

MAX_SEED = 2**63 - 1


class Body(Wire):
    """What a request holds: camelCase, and no field that nobody reads."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class View(Wire):
    """What an answer holds: camelCase."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class ModelBody(Wire):
    """A specification, alone or with words about it."""

    model_config = ConfigDict(extra="allow")

    model: Any = None
    """The specification: an object, or JSON text. `spec` is another name for it; an object that
    is a specification itself is read as well."""
    title: str | None = None
    """What the model is called; at most seven words are kept."""
    target: str | None = None
    """The framework to compile for; that of the model's own library where absent."""


class RunBody(Body):
    """What to run, and how."""

    model_id: str | None = None
    """A kept model."""
    model: Annotated[
        Any, Field(json_schema_extra={"anyOf": [{"type": "object"}, {"type": "string"}]})
    ] = None
    """A specification that is checked, kept and run."""
    target: str | None = None
    """The framework to run on; that of the kept model, or of its own library, where absent."""
    steps: Annotated[int, Field(ge=0, le=10**9)] | None = None
    """Steps to take; the model's own maximum always holds."""
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    """Seed of all random numbers; drawn and reported where absent."""
    parameters: dict[str, ParameterValue] = {}
    """Values of parameters that shall differ from their defaults."""
    limits: Limits | None = None
    """Limits to lower; higher values than the service's have no effect."""
    record: Record = Record()
    """What is recorded of single agents, such as frames for an animation."""

    @model_validator(mode="after")
    def _one_model(self) -> Self:
        if (self.model_id is None) == (self.model is None):
            raise ValueError("needs exactly one of `modelId` and `model`")
        return self


class ModelLinks(View):
    """Where to go on from a model."""

    self: str
    code: str
    download: str
    odd: str


class KeptView(View):
    """A model that is now kept."""

    id: str
    title: str
    problems: list[Problem]
    """Warnings and notes: what was assumed."""
    links: ModelLinks


class ModelSummary(View):
    """A kept model, in a list."""

    id: str
    title: str
    target: str | None
    """Null where its language is not compiled."""
    created: datetime
    origin: Origin
    links: ModelLinks


class ModelView(View):
    """A kept model, whole."""

    id: str
    title: str
    explanation: str
    """Markdown without raw HTML."""
    target: str | None
    """Null where its language is not compiled."""
    version: str
    created: datetime
    origin: Origin
    parameters: list[KeptParameter]
    max_steps: int
    problems: list[Problem]
    model: dict[str, Any]
    """The specification."""
    links: ModelLinks


class ModelPage(View):
    """Some kept models, newest first."""

    items: list[ModelSummary]
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null when this is the last one."""


class CheckView(View):
    """One question that was asked of a running model."""

    name: str
    question: str
    outcome: Outcome
    """not-applicable: the model has nothing of the kind. not-checked: the evidence says why."""
    evidence: str
    """What was seen, with numbers and seeds."""
    problems: list[str]
    """Codes of the problems that it found."""


class VerificationView(View):
    """What runs of a model showed."""

    verdict: str
    """What the checks allow to say, in a sentence."""
    checks: list[CheckView]
    not_checked: list[str]
    """What no check looks at."""
    runs: int
    """Runs that were made."""
    seconds: float
    """Time that it took."""


class Validated(View):
    """A specification without errors."""

    valid: Literal[True] = True
    title: str
    problems: list[Problem]
    """Warnings and notes: what was assumed, and what runs showed."""
    verification: VerificationView | None = None
    """What runs showed, where `deep` asked for it."""


class SpanView(View):
    """Lines of a generated file that come from one piece of the specification."""

    file: str
    first_line: int
    """Counted from 1."""
    last_line: int
    """Included."""
    path: str
    """JSON pointer into the specification."""
    label: str
    """What stands there, such as `Wolf.hunt`."""
    code_line: int | None
    """The line of the code at `path` that they come from, counted from 1."""
    code_text: str
    """That line, as it was written."""


class CompiledView(View):
    """A generated project."""

    target: str
    entry_point: str
    """The model class in model.py."""
    files: dict[str, str]
    """Text by file name."""
    requirements: list[str]
    parameters: list[KeptParameter]
    max_steps: int
    source_map: list[SpanView]
    """Which lines come from which place of the specification."""
    problems: list[Problem]


class GallerySummary(View):
    """A model of the gallery, in a list."""

    name: str
    title: str
    reference: str
    """The publication that it follows."""
    tags: list[str]
    link: str


class GalleryPage(View):
    """The models of the gallery."""

    items: list[GallerySummary]


class GalleryView(View):
    """A model of the gallery, whole."""

    name: str
    title: str
    explanation: str
    expected: str
    """The fact that a correct run shows."""
    reference: str
    tags: list[str]
    model: dict[str, Any]
    """The specification."""


class RunLinks(View):
    """Where to go on from a run."""

    self: str
    events: str
    """Server-sent events, from the first one on."""
    stream: str
    """The same over a WebSocket, which also takes commands."""
    results: str
    model: str


class RunAccepted(View):
    """A run that goes on."""

    id: str
    status: RunStatus
    seed: int
    links: RunLinks


class RunView(RunRecord):
    """Where a run stands."""

    links: RunLinks


class RunNow(View):
    """What a stream of a run begins with."""

    type: Literal["run-status"] = "run-status"
    run: RunView
    live_parameters: list[str]
    """Parameters that can be set while it goes on."""


class RunDone(RunView):
    """A run that is over, with its result."""

    result: RunResult


class RunPage(View):
    """Some runs, newest first."""

    items: list[RunView]
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null when this is the last one."""


class Health(View):
    """The service is alive."""

    status: Literal["ok"] = "ok"


class Check(View):
    """One thing that the service needs."""

    name: str
    ok: bool
    detail: str
    """What is in force, or what is wrong and how to fix it."""


class Readiness(View):
    """Whether the service can do all it should."""

    ready: bool
    checks: list[Check]


class Version(View):
    """What is running."""

    name: Literal["abm-quant"] = "abm-quant"
    version: str
    python: str


class FieldProblem(View):
    """A field of a request that is wrong."""

    path: str
    message: str


class ProblemDocument(View):
    """A failure, as RFC 9457 describes it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    problems: list[Problem] | None = None
    """All that is wrong in the model, where it is the model that is wrong."""
    fields: list[FieldProblem] | None = None
    """All fields that are wrong, where it is the request that is wrong."""


def model_links(model_id: str) -> ModelLinks:
    """Give the links of a model."""
    base = f"/api/v1/models/{model_id}"
    return ModelLinks(
        self=base, code=f"{base}/code", download=f"{base}/download", odd=f"{base}/odd"
    )


def run_links(record: RunRecord) -> RunLinks:
    """Give the links of a run."""
    base = f"/api/v1/runs/{record.id}"
    return RunLinks(
        self=base,
        events=f"{base}/events",
        stream=f"{base}/stream",
        results=f"{base}/results",
        model=f"/api/v1/models/{record.model_id}",
    )


def summary(kept: KeptModel) -> ModelSummary:
    """Give a kept model as it stands in a list."""
    return ModelSummary(
        id=kept.id,
        title=short_title(kept.title),
        target=kept.target,
        created=kept.created,
        origin=kept.origin,
        links=model_links(kept.id),
    )


def run_view(record: RunRecord) -> RunView:
    """Give where a run stands, with its links."""
    return RunView(**dict(record), links=run_links(record))

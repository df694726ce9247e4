"""Shows a model coming into being: what is done now, and the parts that have been written."""

from types import TracebackType
from typing import Any, Self

from rich.status import Status
from rich.text import Text

from abm_quant.cli.console import console, plain, say
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.progress import (
    Authoring,
    Checking,
    Compiling,
    DraftGrown,
    Repairing,
    Step,
    Verifying,
)

DOING: dict[type[Step], str] = {
    Checking: "Checking the draft",
    Compiling: "Making code of it",
}
LISTS = (
    ("globalVariables", "variable"),
    ("globalFunctions", "function"),
    ("agentAttributes", "attribute"),
    ("agentBehaviors", "behavior"),
    ("environmentAttributes", "attribute"),
    ("environmentBehaviors", "behavior"),
    ("trackedVariables", "output"),
)


class Watch:
    """A line that says what is done now, and a list that grows above it. Use as a context."""

    def __init__(self) -> None:
        self._status = Status("", console=console(to_stderr=True))
        self._seen: set[str] = set()

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._status.stop()

    def show(self, step: Step) -> None:
        """Show a step."""
        if isinstance(step, Authoring):
            self._status.update(Text(plain(step.message)))
        elif isinstance(step, DraftGrown):
            self._show_new(step.model)
        elif isinstance(step, Repairing):
            self._seen.clear()
            self._show_repair(step)
        elif isinstance(step, Verifying):
            self._status.update(Text(plain(verified(step))))
        else:
            self._status.update(DOING[type(step)])

    def _show_new(self, model: dict[str, Any]) -> None:
        for kind, name in declared(model):
            if name not in self._seen:
                self._seen.add(name)
                say(f"  {kind} {name}", style="dim", to_stderr=True)

    def _show_repair(self, step: Repairing) -> None:
        what = "; ".join(_short(each) for each in step.problems[:3]) or "parts that are gone"
        say(f"repair {step.repair} of at most {step.most}: {what}", style="yellow", to_stderr=True)


def verified(step: Verifying) -> str:
    """Give how far judging a model has come, with the last question and its answer."""
    last = f": {step.question} {step.outcome}" if step.question else ""
    return f"Running and judging it, {step.done} of {step.of} checks{last}"


def declared(node: Any) -> list[tuple[str, str]]:
    """Give the kind and the sourceName of each declaration that is written in full."""
    found: list[tuple[str, str]] = []
    if isinstance(node, list):
        for each in node:
            found += declared(each)
    elif isinstance(node, dict):
        for key, value in node.items():
            kind = dict(LISTS).get(key)
            if kind and isinstance(value, list):
                found += [(kind, name) for each in value[:-1] if (name := _name(each))]
            else:
                found += declared(value)
    return found


def _name(item: Any) -> str:
    return str(item.get("sourceName") or "") if isinstance(item, dict) else ""


def _short(problem: Problem) -> str:
    return problem.message if len(problem.message) <= 120 else f"{problem.message[:117]}..."

"""Set-up: puts initial values, space, agents and functions into an order that can be carried out.

What a value depends on comes first; among what is free to choose, the initializationOrder decides.
A stated order that contradicts the dependencies is a warning, a circle is an error
(specification, section 2.6).
"""

import heapq
from dataclasses import dataclass, field

from abm_quant.compiling.behaviors.pieces import Pieces
from abm_quant.compiling.behaviors.uses import Uses
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import (
    BuildSpace,
    CallFunction,
    CreateAgents,
    SetupAction,
    SetVariable,
)

EARLY, SPACE, LATE = -2.0, -1.0, float("inf")
ORDER_PATH = "/scheduler/initialization/initializationOrder"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One action, and what must have happened before."""

    action: SetupAction
    key: str
    """`variable:x`, `space`, `agents:T` or `call:i`."""
    uses: Uses
    label: str
    """The action in words, for messages."""
    order: float | None
    """Its place in the initializationOrder, None when it is not listed."""


@dataclass
class SetupPlan:
    """The nodes of one specification."""

    pieces: Pieces
    type_names: frozenset[str]
    nodes: list[Node] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def ordered(self) -> tuple[SetupAction, ...]:
        """Give the actions in order; problems for contradictions and circles."""
        keys = {node.key for node in self.nodes}
        needs = {node.key: self._needs(node) & keys - {node.key} for node in self.nodes}
        ranks = {node.key: (self._rank(node), place) for place, node in enumerate(self.nodes)}
        by_key = {node.key: node for node in self.nodes}
        ready = [(ranks[key], key) for key, needed in needs.items() if not needed]
        heapq.heapify(ready)
        waiting = {key: set(needed) for key, needed in needs.items() if needed}
        done: list[Node] = []
        while ready:
            _, key = heapq.heappop(ready)
            done.append(by_key[key])
            for other in [other for other, needed in waiting.items() if key in needed]:
                waiting[other].discard(key)
                if not waiting[other]:
                    del waiting[other]
                    heapq.heappush(ready, (ranks[other], other))
        if waiting:
            self._report_cycle([by_key[key] for key in waiting])
        self._report_contradictions(done, needs)
        return tuple(node.action for node in done)

    def _needs(self, node: Node) -> set[str]:
        """Give the keys of what an action reads."""
        deep = self.pieces.deep_uses(node.uses)
        is_call = isinstance(node.action, CallFunction)
        reads = deep.reads - deep.writes if is_call else deep.reads
        needed = {f"variable:{name}" for name in reads}
        creates_agents = isinstance(node.action, (CreateAgents, BuildSpace))
        if not creates_agents and self._reads_agents(deep):
            needed |= {each.key for each in self.nodes if isinstance(each.action, CreateAgents)}
        if {"grid", "space", "cell"} & deep.reads or isinstance(node.action, CreateAgents):
            needed.add("space")
        if isinstance(node.action, CreateAgents):
            for name in deep.names & self.type_names - {node.action.agent_type}:
                needed.add(f"agents:{name}")
        return needed

    def _reads_agents(self, deep: Uses) -> bool:
        words = {"agents", "agents_by_type", "agent_types"}
        return bool(words & (deep.reads | deep.names))

    def _rank(self, node: Node) -> float:
        if node.order is not None:
            return node.order
        if isinstance(node.action, SetVariable):
            return LATE if self._reads_agents(self.pieces.deep_uses(node.uses)) else EARLY
        if isinstance(node.action, BuildSpace):
            return SPACE
        if isinstance(node.action, CreateAgents):
            calls = [each.order for each in self.nodes if each.key.startswith("call:")]
            return min((order for order in calls if order is not None), default=1e9) - 0.5
        return LATE

    def _report_cycle(self, nodes: list[Node]) -> None:
        names = ", ".join(node.label for node in nodes)
        message = f"These start values depend on each other in a circle: {names}."
        hint = "Give one of them a value that does not use the others."
        self.problems.append(problem("initialization-cycle", ORDER_PATH, message, hint))

    def _report_contradictions(self, done: list[Node], needs: dict[str, set[str]]) -> None:
        by_key = {node.key: node for node in done}
        for node in done:
            for key in sorted(needs[node.key]):
                other = by_key[key]
                if node.order is None or other.order is None or other.order <= node.order:
                    continue
                message = f"{other.label} comes before {node.label}, which needs it."
                hint = "Change the order, or leave it to the dependencies."
                self.problems.append(problem("initialization-order", ORDER_PATH, message, hint))

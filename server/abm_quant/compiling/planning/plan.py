"""Plans: turns entries of the initialization and of the schedule into calls with arguments."""

import ast
import re
from dataclasses import dataclass, field

from abm_quant.compiling.behaviors.pieces import Piece, Pieces
from abm_quant.compiling.dialects.scope import Scope
from abm_quant.compiling.resolve import MODEL_STATE, Kind, Names, snake_case
from abm_quant.compiling.values.values import Values
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import Activate, CallFunction
from abm_quant.contracts.spec import Behavior, ModelSpec, ScheduleItem

RUNNABLE: tuple[Kind, ...] = ("agent-behavior", "environment-behavior", "global-function")
SCHEDULE = "/scheduler/schedule/scheduleOrder"


@dataclass
class Planner:
    """Makes planned calls; collects problems."""

    names: Names
    pieces: Pieces
    values: Values
    problems: list[Problem] = field(default_factory=list)

    def call(self, reference: str, path: str) -> CallFunction | Activate | None:
        """Give the call that an entry at a path means; None, with an error, when it means none."""
        declared = self.names.find(reference, *RUNNABLE)
        piece = self.pieces.by_path.get(declared.path) if declared else None
        if declared is None:
            self._leave_out(reference, path)
            return None
        if piece is None:
            return None
        if self._is_helper(piece):
            hint = "Remove the entry; other code calls it."
            message = (
                f"{reference!r} needs arguments, and other code calls it; here it was left out."
            )
            self.problems.append(problem("dropped", _source_path(path), message, hint))
            return None
        assumed = self.names.assumed(reference, declared, _source_path(path))
        self.problems += [assumed] if assumed else []
        if piece.uses.waits:
            message = f"{declared.source_name} waits with `yield`; each step runs it as a whole."
            hint = "Keep how far it is in an attribute, and let each step do the next part."
            self.problems.append(problem("waiting-code", f"{declared.path}/code", message, hint))
        if piece.owner == "agent":
            return self._activation(piece, path)
        return self._function_call(piece, path)

    def _is_helper(self, piece: Piece) -> bool:
        """Tell whether other code calls a function and gives it what no plan can."""
        others = [each for each in self.pieces.by_path.values() if each is not piece]
        if not any(piece.declared.python in each.uses.called for each in others):
            return False
        known = len(self.values.problems)
        scope = self._each_scope(piece.declared.agent_type)
        self.values.supply.give(piece, [], scope, "")
        lacks = any(each.code == "missing-argument" for each in self.values.problems[known:])
        del self.values.problems[known:]
        return lacks

    def _leave_out(self, reference: str, path: str) -> None:
        """Report an entry that means nothing that can run, or several things."""
        ambiguous = self.names.ambiguous(reference, *RUNNABLE, path=_source_path(path))
        if ambiguous is not None:
            self.problems.append(ambiguous)
            return
        close = ", ".join(self.names.close_to(reference))
        hint = f"Declare {reference} with its code, or remove the entry."
        hint = f"Did you mean {close}? {hint}" if close else hint
        when = "start" if "/initialization/" in path else "step"
        message = f"Nothing that can run is called {reference!r}; the {when} happens without it."
        self.problems.append(problem("dropped", _source_path(path), message, hint))

    def _activation(self, piece: Piece, path: str) -> Activate:
        agent_type = self.names.type_names[piece.declared.agent_type or ""]
        agents = f"self.agents_by_type[{agent_type}]"
        arguments = self.values.supply.give(piece, [], self.values.scope(), path, agents=agents)
        return Activate(
            agent_type=agent_type,
            behavior=piece.declared.python,
            arguments=tuple(arguments),
            path=path,
        )

    def _function_call(self, piece: Piece, path: str) -> CallFunction:
        agent_type = self._type_of(piece)
        each = piece.mode == "per-agent" and self._takes_agent(piece)
        scope = self._each_scope(agent_type) if each else self.values.scope()
        agents = f"self.agents_by_type[{agent_type}]" if agent_type else None
        arguments = self.values.supply.give(piece, [], scope, path, agents=agents)
        return CallFunction(
            name=piece.declared.python,
            arguments=tuple(arguments),
            path=path,
            is_method=piece.owner == "model",
            stores=None if each else self._stored(piece),
            each_agent=each,
            agent_type=agent_type if each else None,
        )

    def _each_scope(self, agent_type: str | None) -> Scope:
        scope = self.values.scope()
        return Scope(**{**vars(scope), "me": "agent", "agent_type": agent_type})

    def _takes_agent(self, piece: Piece) -> bool:
        words = {"agent", *(snake_case(name) for name in self.names.type_names.values())}
        return bool(words & set(piece.parameters)) or (
            piece.owner == "function" and "self" in piece.parameters
        )

    def _type_of(self, piece: Piece) -> str | None:
        """Give the class of the agents that a call is about, where its code names one."""
        if piece.declared.agent_type:
            return self.names.type_names[piece.declared.agent_type]
        types = {snake_case(name): name for name in self.names.type_names.values()}
        named = [types[name] for name in piece.parameters if name in types]
        return named[0] if named else self._only_type_with(piece)

    def _only_type_with(self, piece: Piece) -> str | None:
        """Give the class of the only type that has the attributes which a function reads."""
        if piece.mode != "per-agent" or len(self.names.type_names) < 2:
            return None
        code = piece.code
        used = set(re.findall(r"\b(?:agent|self)\.(\w+)", code))
        every = {each.python for each in self.names.of("agent-attribute", "agent-behavior")}
        having = [
            class_name
            for type_name, class_name in self.names.type_names.items()
            if used & every and used & every <= self.names.of_owner(type_name)
        ]
        return having[0] if len(having) == 1 else None

    def _stored(self, piece: Piece) -> str | None:
        """Give the variable that takes the result: the one that the only output is named after."""
        item = piece.item
        outputs = item.outputs if isinstance(item, Behavior) else item.function_outputs
        if not outputs or len(outputs) != 1 or not _returns_value(piece.code):
            return None
        found = next(
            (each for each in self.names.of(*MODEL_STATE) if each.name == outputs[0].name), None
        )
        return found.python if found else None

    def schedule(self, spec: ModelSpec) -> tuple[CallFunction | Activate, ...]:
        """Give the calls of a step, in order."""
        schedule = spec.scheduler.schedule
        items = list(enumerate((schedule.schedule_order if schedule else None) or ()))
        items.sort(key=lambda pair: _order(pair[1]))
        calls: list[CallFunction | Activate] = []
        for index, item in items:
            path = f"{SCHEDULE}/{index}"
            match = re.fullmatch(r"agents?\.([^.]+)", item.source_name.strip())
            agent_type = self.names.type_called(match[1]) if match else None
            if agent_type is not None:
                calls += self._all_of(f"{item.source_name!r} is a type", path, agent_type)
            else:
                calls += filter(None, [self.call(item.source_name, path)])
        if calls:
            return tuple(calls)
        what = "The schedule names nothing that can run" if items else "The schedule is empty"
        return tuple(self._all_of(what, SCHEDULE))

    def _all_of(
        self, what: str, path: str, agent_type: str | None = None
    ) -> list[CallFunction | Activate]:
        """Give the calls of all behaviors that no code calls; of one agent type where it is named.

        `what` says why, for the warning.
        """
        called = self.pieces.all_uses().called
        kinds: tuple[Kind, ...] = ("agent-behavior", "environment-behavior")
        behaviors = [
            each
            for each in self.names.of(*kinds, agent_type=agent_type)
            if each.python not in called and each.path in self.pieces.by_path
        ]
        if not behaviors:
            return []
        names = ", ".join(each.source_name for each in behaviors)
        message = f"{what}; each step runs, in this order: {names}."
        hint = "List them in scheduleOrder."
        self.problems.append(problem("nothing-scheduled", path, message, hint))
        calls = (self.call(each.source_name, path) for each in behaviors)
        return [each for each in calls if each is not None]


def _source_path(path: str) -> str:
    """Give the path of an entry's sourceName; the schedule itself has none."""
    return path if path == SCHEDULE else f"{path}/sourceName"


def _order(item: ScheduleItem) -> float:
    return float("inf") if item.order_in_schedule is None else item.order_in_schedule


def _returns_value(code: str) -> bool:
    nodes = ast.walk(ast.parse(code))
    return any(isinstance(node, ast.Return) and node.value is not None for node in nodes)

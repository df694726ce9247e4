"""Translating: gives every function and behavior of a specification in the one dialect."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import libcst as cst

from abm_quant.compiling.behaviors.activation import Turn
from abm_quant.compiling.behaviors.evident import Asking, asked, surroundings, with_statements
from abm_quant.compiling.behaviors.habits import Habits
from abm_quant.compiling.behaviors.lifecycle import Lifecycle
from abm_quant.compiling.behaviors.pieces import Piece, Pieces, without_calls
from abm_quant.compiling.behaviors.signatures import (
    is_called,
    parameters_of,
    renamed,
    standing_for,
    with_parameter,
    without_parameters,
)
from abm_quant.compiling.behaviors.uses import uses
from abm_quant.compiling.check import no_code
from abm_quant.compiling.dialects import graphs, randomness, source_names
from abm_quant.compiling.dialects.agentpy_facts import AgentPy, read_agentpy
from abm_quant.compiling.dialects.scope import (
    FunctionFacts,
    Scope,
    assigned_outside,
    free_names,
    own_locals,
)
from abm_quant.compiling.dialects.translate import Translated, translate
from abm_quant.compiling.dialects.unwrap import (
    Unreadable,
    Unwrapped,
    is_empty,
    is_prose,
    unwrap,
)
from abm_quant.compiling.resolve import MODEL_STATE, Declared, Names, singulars, snake_case
from abm_quant.compiling.verify import missing_in
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import Behavior, ExecutionMode, GlobalFunction, Input

ASSUMPTION_HINTS = {
    "name-assumed": "Use the name of the declaration.",
    "function-assumed": "Declare the function, or call Python's own.",
    "ambiguous-reference": "Write one of these sourceNames.",
    "dropped": "Declare a variable and track it.",
    "no-counterpart": "Write it in terms of the agents and the space.",
}
CODE_KINDS = ("global-function", "environment-behavior", "agent-behavior")


@dataclass
class _Raw:
    declared: Declared
    piece: Unwrapped
    owner: str
    mode: ExecutionMode
    parameters: list[str]
    required: int
    me: str | None = None
    adds_model: bool = False

    @property
    def code(self) -> str:
        """Its text, as the author wrote it."""
        return self.piece.code


def translate_pieces(
    names: Names,
    counts: dict[str, str],
    turns: tuple[Turn, ...] = (),
    *,
    lifecycle: Lifecycle | None = None,
) -> Pieces:
    """Give all code in the one dialect; what cannot be read is an error among the problems.

    `turns` is what `schedule.step()` means.
    """
    return _Translator(names, counts, turns, lifecycle).translate()


@dataclass
class _Translator:
    names: Names
    counts: dict[str, str]
    turns: tuple[Turn, ...]
    lifecycle: Lifecycle | None = None
    problems: list[Problem] = field(default_factory=list)

    def translate(self) -> Pieces:
        raws = [raw for raw in map(self._raw, self._code()) if raw is not None]
        codes = [(raw.declared, raw.code) for raw in raws]
        self.habits = Habits.of(self.names, codes)
        self.agentpy = AgentPy()
        if self.lifecycle is not None:
            self.agentpy = read_agentpy(self.names, codes, self.lifecycle.spec)
            absorbed = self.lifecycle.absorbed
            raws = [raw for raw in raws if raw.declared.source_name not in absorbed]
        for raw in raws:
            others = [each.code for each in raws if each is not raw]
            self._drop_parameters(raw, others)
            self._ask(raw, others)
        functions = [raw for raw in raws if raw.owner == "function"]
        for raw in functions:
            self._find_model(raw)
        self._spread_model(functions)
        facts = self._facts(functions)
        by_path = {raw.declared.path: self._piece(raw, facts) for raw in raws}
        self._leave_out_emptied(raws, by_path)
        return Pieces(
            by_path=by_path,
            functions=facts,
            problems=self.problems,
            ids_from_zero=self.habits.ids_from_zero,
            numbers_agents=self.habits.numbers_agents,
            agentpy=self.agentpy,
        )

    def _leave_out_emptied(self, raws: list[_Raw], by_path: dict[str, Piece]) -> None:
        """Leave out functions of which nothing is left, and the statements that call them."""
        full = [raw for raw in raws if raw.piece.left_out or not is_empty(raw.piece.definition)]
        while emptied := [
            raw
            for raw in full
            if raw.declared.path in by_path and is_empty(by_path[raw.declared.path].definition)
        ]:
            for raw in emptied:
                del by_path[raw.declared.path]
                why = (
                    "nothing in it changes the model"
                    if raw.piece.left_out
                    else "Mesa does it itself"
                )
                message = f"Nothing is left of {raw.declared.source_name}: {why}."
                self.problems.append(problem("dialect", raw.declared.path, message))
            names = {raw.declared.python for raw in emptied}
            by_path |= {path: without_calls(piece, names) for path, piece in by_path.items()}

    def _code(self) -> Iterable[Declared]:
        return (each for each in self.names.declared if each.kind in CODE_KINDS)

    def _texts(self) -> Iterator[str]:
        for each in self._code():
            assert isinstance(each.item, (Behavior, GlobalFunction))
            yield each.item.code

    def _raw(self, declared: Declared) -> _Raw | None:
        item = declared.item
        assert isinstance(item, (Behavior, GlobalFunction))
        if declared.name == "__init__":
            message = "An `__init__` of the author's was left out: start values set the attributes."
            hint = "Put it into the initial values or into an initialization function."
            self.problems.append(problem("dropped", declared.path, message, hint))
            return None
        inputs = tuple(each.name for each in _inputs(item))
        owner = {"global-function": "function", "agent-behavior": "agent"}.get(
            declared.kind, "model"
        )
        implied = inputs if owner == "function" else ("self", *inputs)
        try:
            piece = unwrap(item.code, declared.name, implied)
        except Unreadable as error:
            if is_prose(item.code) and not is_called(declared.name, self._texts()):
                self.problems.append(no_code(declared))
                return None
            hint = "Write one whole Python function, starting with `def`."
            path = f"{declared.path}/code"
            self.problems.append(problem("code-unreadable", path, str(error), hint))
            return None
        self.problems += missing_in(piece, f"{declared.path}/code", self.names.known)
        parameters, required = parameters_of(piece.definition)
        mode = item.execution_mode
        if owner == "agent" and mode != "per-agent" and not self._touches_agent(declared, piece):
            owner = "model"
        raw = _Raw(declared, piece, owner, mode, parameters, required)
        if _def_name(raw) != declared.name:
            message = f"`def {_def_name(raw)}` was read as the code of {declared.source_name}."
            self.problems.append(problem("repaired", f"{declared.path}/code", message))
        if owner != "function":
            self._mend_self(raw, inputs)
        return raw

    def _touches_agent(self, declared: Declared, piece: Unwrapped) -> bool:
        code = piece.code
        if f".{declared.agent_type}.agent" in code:
            return True
        own = {
            each.name
            for each in self.names.of(
                "agent-attribute", "agent-behavior", agent_type=declared.agent_type
            )
        }
        return bool(uses(code).own_reads & (own | {"pos", "cell", "model", "unique_id"}))

    def _mend_self(self, raw: _Raw, inputs: tuple[str, ...]) -> None:
        """Give a method its first parameter, where the author forgot it."""
        first = raw.parameters[0] if raw.parameters else None
        owner_words = {"self", "agent", "me"} if raw.owner == "agent" else {"self", "model", "env"}
        is_other = first in inputs or first in ("model", "agents")
        if first is None or (first not in owner_words and is_other):
            raw.piece = replace(raw.piece, definition=with_parameter(raw.piece.definition, "self"))
            raw.parameters.insert(0, "self")
            raw.required += 1
            message = f"`{raw.declared.name}` was given the parameter `self`."
            self.problems.append(problem("repaired", f"{raw.declared.path}/code", message))
        raw.me = raw.parameters[0]

    def _drop_parameters(self, raw: _Raw, others: list[str]) -> None:
        """Drop parameters of a method that nothing passes and that name its own things."""
        if raw.owner == "function":
            return
        own = self.names.of("agent-attribute", agent_type=raw.declared.agent_type or "")
        state = {each.name for each in self.names.of(*MODEL_STATE)}
        dropped = standing_for(
            raw.piece.definition, {each.name for each in own} - state, state, others
        )
        for name in dropped:
            message = f"The parameter {name!r} was read as the variable of that name."
            self.problems.append(problem("repaired", f"{raw.declared.path}/code", message))
        if dropped:
            definition = without_parameters(raw.piece.definition, dropped)
            raw.piece = replace(raw.piece, definition=definition)
            raw.parameters = [each for each in raw.parameters if each not in dropped]
            raw.required -= len(dropped)

    def _ask(self, raw: _Raw, others: list[str]) -> None:
        """Let a behavior find what its parameters and undeclared getters evidently mean."""
        topology = self.lifecycle.spec.environment.topology if self.lifecycle else None
        around = surroundings(topology, self._texts())
        item = raw.declared.item
        assert isinstance(item, (Behavior, GlobalFunction))
        path = f"{raw.declared.path}/code"
        definition = raw.piece.definition
        if around is not None and not self.agentpy.is_used:
            asking = Asking(raw.me, around, self.names.known)
            changed = definition.visit(asking)
            assert isinstance(changed, cst.FunctionDef)
            definition = changed
            for was, written in asking.replaced.items():
                message = f"`{was}` is not declared; it was read as `{written}`."
                hint = ASSUMPTION_HINTS["function-assumed"]
                self.problems.append(problem("function-assumed", path, message, hint))
        if raw.owner == "agent" and raw.me and not is_called(raw.declared.name, others):
            given = self.names.known | {each.name for each in _inputs(item) if each.default_value}
            open_ones = [each for each in raw.parameters[1 : raw.required] if each not in given]
            class_name = self.names.type_names[raw.declared.agent_type or ""]
            found = asked(open_ones, raw.me, class_name, around)
            lines = [line for each in found.values() for line in each]
            if found:
                definition = with_statements(without_parameters(definition, found), lines)
            raw.parameters = [each for each in raw.parameters if each not in found]
            raw.required -= len(found)
            for name, line in found.items():
                message = f"Nothing supplies the parameter {name!r}; it was read as `{line[-1]}`."
                hint = f"Let the behavior find its {name} itself."
                self.problems.append(problem("name-assumed", path, message, hint))
        if definition is not raw.piece.definition:
            raw.piece = replace(raw.piece, definition=definition)

    def _find_model(self, raw: _Raw) -> None:
        """Decide how a global function reaches the model, and the agent where there is one."""
        agent_words = {"agent", *(snake_case(name) for name in self.names.type_names)}
        if raw.mode == "per-agent":
            agent_words.add("self")
        agents = [name for name in raw.parameters if name in agent_words]
        raw.me = agents[0] if agents else None
        if "self" in raw.parameters and raw.me != "self" and "model" not in raw.parameters:
            definition = renamed(raw.piece.definition, "self", "model")
            raw.piece = replace(raw.piece, definition=definition)
            raw.parameters = ["model" if each == "self" else each for each in raw.parameters]
        if "model" in raw.parameters:
            return
        raw.adds_model = raw.me is None and self._needs_model(raw)

    def _needs_model(self, raw: _Raw) -> bool:
        code = raw.code
        marks = (source_names.MARK, randomness.MARK, graphs.MARK)
        if any(mark.search(code) for mark in marks):
            return True
        known = {each.name for each in self.names.of(*MODEL_STATE, "environment-behavior")}
        plurals = {name for name in free_names(code) if self._is_plural(name)}
        if plurals or free_names(code) & (known | {"model", "environment", "self", "agents"}):
            return True
        assigned = own_locals(code) & known
        return bool(assigned) and (self.habits.is_bare or bool(assigned_outside(code, assigned)))

    def _is_plural(self, name: str) -> bool:
        types = {snake_case(each) for each in self.names.type_names}
        return name not in self.names.known and bool(types & set(singulars(name)))

    def _spread_model(self, functions: list[_Raw]) -> None:
        """Give the model to functions that call functions that need it."""
        changed = True
        while changed:
            changed = False
            for raw in functions:
                reached = raw.adds_model or raw.me or {"model", "self"} & set(raw.parameters)
                if reached:
                    continue
                called = uses(raw.code).called
                for other in functions:
                    wants = other.adds_model or "model" in other.parameters
                    if wants and called & {other.declared.name, _def_name(other)}:
                        raw.adds_model = changed = True
                        break

    def _facts(self, functions: list[_Raw]) -> dict[str, FunctionFacts]:
        facts: dict[str, FunctionFacts] = {}
        for raw in functions:
            own = FunctionFacts(
                python=raw.declared.python,
                parameters=tuple(raw.parameters),
                required=raw.required,
                takes_model=raw.adds_model,
            )
            facts[raw.declared.name] = facts[raw.declared.python] = own
            for name in (_def_name(raw), *_spellings(raw.declared.name)):
                facts.setdefault(name, own)
        return facts

    def _scope(self, raw: _Raw, facts: dict[str, FunctionFacts]) -> Scope:
        if raw.owner == "agent":
            model = f"{raw.me}.model"
        elif raw.owner == "model":
            model = raw.me or "self"
        elif raw.adds_model or "model" in raw.parameters:
            model = "model"
        else:
            model = f"{raw.me}.model" if raw.me else "model"
        return Scope(
            owner=raw.owner,  # type: ignore[arg-type]
            model=model,
            me=raw.me if raw.owner != "model" else None,
            agent_type=raw.declared.agent_type,
            names=self.names,
            functions=facts,
            counts=self.counts,
            aliases=self.habits.aliases,
            own_assigned=self.habits.assigned(raw.declared.agent_type),
            assigned=self.habits.all_assigned,
            is_bare=self.habits.is_bare,
            ids_from_zero=self.habits.ids_from_zero,
            turns=self.turns,
            agentpy=self.agentpy,
        )

    def _piece(self, raw: _Raw, facts: dict[str, FunctionFacts]) -> Piece:
        if raw.adds_model:
            definition = with_parameter(raw.piece.definition, "model")
            raw.piece = replace(raw.piece, definition=definition)
            raw.parameters.insert(0, "model")
            raw.required += 1
        name = raw.declared.python
        if raw.owner == "model" and raw.declared.agent_type:
            name = f"{snake_case(raw.declared.agent_type)}_{name}"
            raw.declared = replace(raw.declared, python=name)
        scope = self._scope(raw, facts)
        result: Translated = translate(raw.piece, name, scope)
        path = f"{raw.declared.path}/code"
        for code, message in scope.assumptions:
            self.problems.append(problem(code, path, message, ASSUMPTION_HINTS.get(code, "")))
        if result.notes:
            self.problems.append(problem("dialect", path, " ".join(result.notes)))
        skipped = 0 if raw.owner == "function" else 1
        item = raw.declared.item
        assert isinstance(item, (Behavior, GlobalFunction))
        return Piece(
            declared=raw.declared,
            owner=raw.owner,
            mode=raw.mode,
            definition=result.definition,
            code=result.code,
            parameters=tuple(raw.parameters[skipped:]),
            required=max(raw.required - skipped, 0),
            inputs=_inputs(item),
            imports=result.imports,
            free=result.free,
            uses=uses(result.code),
        )


def _inputs(item: "Behavior | GlobalFunction") -> tuple[Input, ...]:
    found = item.inputs if isinstance(item, Behavior) else item.function_inputs
    return tuple(found or ())


def _def_name(raw: _Raw) -> str:
    return raw.piece.definition.name.value


def _spellings(name: str) -> tuple[str, str]:
    """Give a name in snake case and in camel case."""
    snake = snake_case(name)
    first, *others = snake.split("_")
    return snake, first + "".join(word.title() for word in others)

"""Lowers a specification to a Program: names resolved, code in one dialect, order decided."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import libcst as cst

from abm_quant.compiling.availability import IMPLIED, advice_on
from abm_quant.compiling.behaviors.activation import turns
from abm_quant.compiling.behaviors.gather import gather
from abm_quant.compiling.behaviors.lifecycle import stated
from abm_quant.compiling.behaviors.pieces import Piece, Pieces, function_of
from abm_quant.compiling.behaviors.translating import translate_pieces
from abm_quant.compiling.dialects.agentpy_facts import MODULES
from abm_quant.compiling.dialects.agentpy_leftovers import without_counterpart
from abm_quant.compiling.naming.declaring import names_of
from abm_quant.compiling.naming.known import KNOWN_IMPORTS
from abm_quant.compiling.naming.undeclared import Undeclared
from abm_quant.compiling.planning.agent_types import AgentTypes
from abm_quant.compiling.planning.initialization import Initialization, populated
from abm_quant.compiling.planning.plan import Planner
from abm_quant.compiling.reading.languages import unsupported
from abm_quant.compiling.resolve import MODEL_STATE, Declared, Names
from abm_quant.compiling.space.space import lower_space
from abm_quant.compiling.space.stated_space import with_used_space
from abm_quant.compiling.values.fitting import fitted
from abm_quant.compiling.values.starts import Starts
from abm_quant.compiling.values.values import Lowered, Values
from abm_quant.compiling.watching.counting import Counting
from abm_quant.compiling.watching.populations import populations_of
from abm_quant.compiling.watching.watching import Watcher
from abm_quant.contracts.problems import Problem, errors, problem
from abm_quant.contracts.program import (
    Activate,
    Parameter,
    Program,
    SetupAction,
    StepAction,
    Variable,
)
from abm_quant.contracts.spec import AgentType as AgentTypeSpec
from abm_quant.contracts.spec import ModelSpec
from abm_quant.contracts.spec import Variable as VariableSpec
from abm_quant.errors import CannotCompile

TOO_LONG = "An expression in its code has more parts, one within the other, than can be compiled."
SPLIT_IT = "Split it into several statements, or put the values into a list."


def lower(spec: ModelSpec, *, title: str = "", explanation: str = "") -> Program:
    """Give the Program of a specification; raises CannotCompile with every problem that it has."""
    refusal = unsupported(spec)
    if refusal:
        raise CannotCompile(refusal)
    try:
        return _Lowering(spec, title=title, explanation=explanation).program()
    except RecursionError as error:
        raise CannotCompile([problem("too-large", "", TOO_LONG, SPLIT_IT)]) from error


def placed(problems: Iterable[Problem], spec: ModelSpec) -> list[Problem]:
    """Give the problems with paths that exist: each is cut where the specification ends."""
    found = list(problems)
    raw = spec.wire() if found else {}
    return [each.model_copy(update={"path": _existing(each.path, raw)}) for each in found]


def _existing(path: str, raw: Any) -> str:
    kept = ""
    for step in path.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(raw, dict) and key in raw:
            raw = raw[key]
        elif isinstance(raw, list) and key.isdecimal() and int(key) < len(raw):
            raw = raw[int(key)]
        else:
            break
        kept = f"{kept}/{step}"
    return kept


@dataclass
class _Lowering:
    spec: ModelSpec
    title: str
    explanation: str
    problems: list[Problem] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    lowered: dict[str, Lowered] = field(default_factory=dict)
    """The initial value of each variable, by name."""

    def __post_init__(self) -> None:
        self.original = self.spec
        spec, mended = fitted(self.spec)
        spec, assumed_space = with_used_space(spec)
        gathered = gather(spec)
        lifecycle = stated(gathered.spec)
        self.spec = lifecycle.spec
        self.names: Names = names_of(self.spec, gathered.origins)
        self.problems += [
            *mended,
            *assumed_space,
            *gathered.problems,
            *lifecycle.problems,
            *self.names.problems,
        ]
        self.counts = self._count_names()
        self.counted: set[str] = set()
        meant, assumed = turns(self.spec, self.names)
        self.problems += assumed
        self.pieces: Pieces = translate_pieces(self.names, self.counts, meant, lifecycle=lifecycle)
        self.problems += self.pieces.problems
        undeclared = Undeclared(self.names, self.pieces)
        populations = populations_of(self.spec, undeclared.find())
        self.names = populations.names
        self.problems += [*undeclared.problems, *populations.problems]
        self.populated = populated(self.spec, self.names, self.pieces)
        self.values = Values(self.names, self.pieces, self.counts)
        self.starts = Starts(self.values)
        self.planner = Planner(self.names, self.pieces, self.values)
        self.watcher = Watcher(populations, self.pieces, self.values)

    def program(self) -> Program:
        if not self.names.type_names:
            self._problem("no-agents", "/agents", "The model has no agents.", "Add an agent type.")
        steps = self.planner.schedule(self.spec)
        counting = Counting(
            self.spec, self.watcher.populations, self.pieces, self.counts, self.values
        )
        counting.find(steps)
        counting.report()
        self.problems += counting.problems
        self.counted = {each.python for each in counting.counted}
        written = self.pieces.all_uses().writes
        written |= {each.stores for each in steps if not isinstance(each, Activate) and each.stores}
        self._lower_state(written)
        agents = AgentTypes(self.spec, self.names, self.pieces, self.values, self.starts)
        agent_types = tuple(agents.lower(each) for each in self.names.of("initial-count"))
        space = lower_space(self.spec, self.names, self.pieces, self.values)
        starts = self.lowered | agents.starts
        initialization = Initialization(
            self.spec, self.names, self.pieces, self.planner, starts, self.populated
        )
        setup = initialization.ordered(space, agent_types, self.variables) + counting.call()
        steps += counting.call()
        self.problems += agents.problems + initialization.problems
        stop_rules, trackers = self.watcher.stop_rules(self.spec), self.watcher.trackers(self.spec)
        imports = self._imports()
        self._collect_problems()
        self._note_unused(steps, setup, starts)
        self.problems = placed(dict.fromkeys(self.problems), self.original)
        if errors(self.problems):
            raise CannotCompile(self.problems)
        first, each_step = self.spec.scheduler.initialization, self.spec.scheduler.schedule
        world = self.spec.environment
        title = self._title()
        return Program(
            title=title,
            class_name=self._class_name(title),
            description=self.explanation or world.description,
            parameters=tuple(sorted(self.parameters, key=lambda each: each.is_state)),
            variables=tuple(self.variables),
            functions=tuple(function_of(each) for each in self.pieces.of("function")),
            behaviors=(
                *(function_of(each) for each in self.pieces.of("model")),
                *filter(None, [counting.method()]),
            ),
            agent_types=agent_types,
            space=space,
            setup=setup,
            steps=steps,
            max_steps=self.spec.termination_criteria.max_steps,
            stop_rules=stop_rules,
            trackers=trackers,
            imports=imports,
            problems=tuple(self.problems),
            schedule_description=each_step.description if each_step else "",
            initialization_description=first.description if first else "",
            environment_name=world.name,
            environment_description=world.description,
            ends_itself=self.pieces.sets_on_model("running"),
        )

    def _count_names(self) -> dict[str, str]:
        """Give the model attribute that holds the initial count of each type."""
        counts: dict[str, str] = {}
        for declared in self.names.of("initial-count"):
            assert isinstance(declared.item, AgentTypeSpec) and declared.agent_type
            value = declared.item.initial_count
            feeds = self.names.find(value, *MODEL_STATE) if isinstance(value, str) else None
            counts[declared.agent_type] = feeds.python if feeds else declared.python
        return counts

    def _lower_state(self, written: frozenset[str]) -> None:
        for declared in self.names.of(*MODEL_STATE):
            assert isinstance(declared.item, VariableSpec)
            item, path = declared.item, f"{declared.path}/initialValue"
            kind = "integer" if declared.python in self.counts.values() else item.type
            lowered = self.starts.give(declared, self.values.scope(), kind)
            is_set = declared.kind == "global-variable" and lowered.literal is not None
            if is_set and declared.python not in self.counted:
                self._parameter(declared.python, lowered, item.description, path, written)
            else:
                self.lowered[declared.python] = lowered
                self.variables.append(
                    Variable(
                        name=declared.python,
                        initial=lowered.expression,
                        type=item.type,
                        description=item.description,
                        path=declared.path,
                    )
                )
        for declared in self.names.of("initial-count"):
            self._lower_count(declared)

    def _lower_count(self, declared: Declared) -> None:
        if self.counts[declared.agent_type or ""] != declared.python:
            return
        if self._is_idle(declared):
            return
        assert isinstance(declared.item, AgentTypeSpec)
        value, path = declared.item.initial_count, declared.path
        lowered = self.values.lower(value, "integer", self.values.scope(), path)
        if isinstance(lowered.expression, cst.BinaryOperation):
            rounded = cst.Call(cst.Name("round"), [cst.Arg(lowered.expression)])
            lowered = replace(lowered, expression=rounded)
        description = f"Number of {declared.agent_type} agents at the start."
        if isinstance(lowered.literal, int) and not isinstance(lowered.literal, bool):
            if lowered.literal < 0:
                self._problem("out-of-range", path, "There cannot be fewer than 0 agents.", "")
            self._parameter(declared.python, lowered, description, path, frozenset())
            return
        if lowered.literal is not None or value is None:
            message = f"The number of {declared.agent_type} agents is not a whole number."
            close = ", ".join(self.names.close_to(value) if isinstance(value, str) else ())
            meant = f"Did you mean {close}? " if close else ""
            hint = f"{meant}Write a number, or the name of a declared variable."
            self._problem("wrong-type", path, message, hint)
        self.lowered[declared.python] = lowered
        self.variables.append(
            Variable(
                name=declared.python,
                initial=lowered.expression,
                type="integer",
                description=description,
                path=path,
            )
        )

    def _is_idle(self, declared: Declared) -> bool:
        """Tell whether the count decides nothing: the author's own code creates the agents."""
        is_network = self.spec.environment.topology.type == "network"
        read = self.pieces.all_uses().reads | self.pieces.all_uses().names
        class_name = self.names.type_names[declared.agent_type or ""]
        return class_name in self.populated and not is_network and declared.python not in read

    def _parameter(
        self, name: str, lowered: Lowered, description: str, path: str, written: frozenset[str]
    ) -> None:
        assert lowered.literal is not None
        self.parameters.append(
            Parameter(
                name=name,
                default=lowered.literal,
                description=description,
                path=path,
                is_state=name in written,
            )
        )

    def _imports(self) -> tuple[str, ...]:
        """Give the import statements that the code needs; problems for names that are nowhere."""
        known = {*self.pieces.functions, *self.names.type_names.values()}
        known |= {facts.python for facts in self.pieces.functions.values()}
        needed: set[str] = set()
        for piece in self.pieces.by_path.values():
            modules = {name for name in MODULES & piece.free if f"{name}." in piece.code}
            for name in sorted(piece.free - known - modules):
                statement = piece.imports.get(name) or KNOWN_IMPORTS.get(name)
                if statement:
                    needed.add(statement)
                elif advice_on(IMPLIED.get(name, "")) is None:
                    self._undefined(name, piece)
            for message, hint in without_counterpart(piece.code, modules):
                self._problem("no-counterpart", f"{piece.declared.path}/code", message, hint)
        for name in sorted(self.values.free - known):
            statement = self.values.imports.get(name) or KNOWN_IMPORTS.get(name)
            needed |= {statement} if statement else set()
        return tuple(sorted(needed))

    def _undefined(self, name: str, piece: Piece) -> None:
        called = name in piece.uses.called
        close = ", ".join(self.names.close_to(name))
        hint = f"Did you mean {close}?" if close else "Declare it, or define it in the function."
        what = "function" if called else "name"
        message = f"{piece.declared.source_name} uses the {what} {name!r}, which is not defined."
        code = "undefined-function" if called else "undefined-reference"
        self._problem(code, f"{piece.declared.path}/code", message, hint)

    def _note_unused(
        self,
        steps: tuple[StepAction, ...],
        setup: tuple[SetupAction, ...],
        starts: dict[str, Lowered],
    ) -> None:
        """Note behaviors that nothing runs."""
        planned = {
            each.behavior if isinstance(each, Activate) else getattr(each, "name", "")
            for each in (*steps, *setup)
        }
        reached = planned | self.pieces.all_uses().called | self.pieces.all_uses().reads
        for lowered in starts.values():
            reached |= lowered.uses.called
        for piece in self.pieces.by_path.values():
            if piece.declared.python not in reached:
                message = f"Nothing runs {piece.declared.source_name}."
                hint = "Schedule it, or call it from other code."
                self._problem("unused-declaration", piece.declared.path, message, hint)

    def _collect_problems(self) -> None:
        self.problems += self.planner.problems
        self.problems += self.watcher.problems
        self.problems += self.values.problems

    def _problem(self, code: str, path: str, message: str, hint: str) -> None:
        self.problems.append(problem(code, path, message, hint))

    def _title(self) -> str:
        words = (self.title or self.spec.environment.name or "Agent-Based Model").split()
        return " ".join(words[:12])

    def _class_name(self, title: str) -> str:
        name = "".join(word[0].upper() + word[1:] for word in class_words(title))
        taken = {*self.names.type_names.values(), *self.pieces.functions, *KNOWN_IMPORTS}
        if not name or not name[0].isalpha() or name in taken:
            name = f"{name if name[:1].isalpha() else ''}Model"
        return f"{name}Model" if name in taken or name == "Model" else name


def class_words(title: str) -> list[str]:
    """Give up to four different words of a title, those of whole phrases where there are more."""
    found: list[str] = []
    end_of_phrase = 0
    for word in re.sub(r"[^\w ]+|_", " ", re.sub(r"['’]", "", title)).split():
        if word.lower() in SMALL_WORDS:
            end_of_phrase = len(found) if len(found) > 1 else 0
        elif word.lower() not in [each.lower() for each in found]:
            found.append(word)
        if len(found) > MOST_CLASS_WORDS:
            return found[: end_of_phrase or MOST_CLASS_WORDS]
    return found


MOST_CLASS_WORDS = 4
SMALL_WORDS = {"a", "an", "and", "the", "of", "on", "in", "with", "by", "for", "to", "at", "from"}

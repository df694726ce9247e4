"""Lowers a specification to a Program: names resolved, code in one dialect, order decided."""

import re
from dataclasses import dataclass, field

import libcst as cst

from abm_quant.compiling.dialects.scope import Scope
from abm_quant.compiling.known import KNOWN_IMPORTS
from abm_quant.compiling.pieces import Piece, Pieces, translate_pieces
from abm_quant.compiling.plan import Planner
from abm_quant.compiling.resolve import MODEL_STATE, Declared, Names, names_of
from abm_quant.compiling.setup import Node, SetupPlan
from abm_quant.compiling.space import lower_space
from abm_quant.compiling.uses import Uses, uses
from abm_quant.compiling.values import Lowered, Values
from abm_quant.compiling.watching import Watcher
from abm_quant.contracts.problems import Problem, errors, problem
from abm_quant.contracts.program import (
    Activate,
    AgentType,
    Attribute,
    BuildSpace,
    CreateAgents,
    Function,
    Parameter,
    Program,
    SetupAction,
    SetVariable,
    Space,
    StepAction,
    Variable,
)
from abm_quant.contracts.spec import AgentType as AgentTypeSpec
from abm_quant.contracts.spec import ModelSpec
from abm_quant.contracts.spec import Variable as VariableSpec
from abm_quant.errors import CannotCompile

COMPILED_LIBRARIES = ("mesa", "")
POSITION_NAMES = ("pos", "position", "location", "coordinates", "coords")


def lower(spec: ModelSpec, *, title: str = "", explanation: str = "") -> Program:
    """Give the Program of a specification; raises CannotCompile with every problem that it has."""
    refusal = _foreign(spec)
    if refusal:
        raise CannotCompile(refusal)
    return _Lowering(spec, title=title, explanation=explanation).program()


def _foreign(spec: ModelSpec) -> list[Problem]:
    """Give a problem when the specification is not meant for what is compiled here."""
    hint = "The specification is kept and returned; only Python for Mesa is compiled."
    if spec.coding_language.strip().lower() not in ("python", "python3", "py"):
        message = f"Code in {spec.coding_language!r} is not compiled."
        return [problem("unsupported-language", "/codingLanguage", message, hint)]
    library = spec.abm_library.name.strip().lower() if spec.abm_library else "mesa"
    if not library.startswith("mesa") and library not in COMPILED_LIBRARIES:
        message = f"Code for the library {library!r} is not compiled by this version."
        return [problem("unsupported-language", "/abmLibrary/name", message, hint)]
    return []


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
        self.names: Names = names_of(self.spec)
        self.problems += self.names.problems
        self.counts = self._count_names()
        self.pieces: Pieces = translate_pieces(self.names, self.counts)
        self.problems += self.pieces.problems
        self.values = Values(self.names, self.pieces, self.counts)
        self.planner = Planner(self.names, self.pieces, self.values)
        self.watcher = Watcher(self.names, self.pieces, self.values)

    def program(self) -> Program:
        if not self.names.type_names:
            self._problem("no-agents", "/agents", "The model has no agents.", "Add an agent type.")
        steps = self.planner.schedule(self.spec)
        written = self.pieces.all_uses().writes
        written |= {each.stores for each in steps if not isinstance(each, Activate) and each.stores}
        self._lower_state(written)
        agent_types = tuple(self._agent_type(each) for each in self._type_specs())
        space = lower_space(self.spec, self.names, self.pieces, self.values)
        setup = self._setup(space, agent_types)
        stop_rules, trackers = self.watcher.stop_rules(self.spec), self.watcher.trackers(self.spec)
        imports = self._imports()
        self._collect_problems()
        self._note_unused(steps, setup)
        if errors(self.problems):
            raise CannotCompile(list(dict.fromkeys(self.problems)))
        initialization, schedule = self.spec.scheduler.initialization, self.spec.scheduler.schedule
        world = self.spec.environment
        title = self._title()
        return Program(
            title=title,
            class_name=self._class_name(title),
            description=self.explanation or world.description,
            parameters=tuple(self.parameters),
            variables=tuple(self.variables),
            functions=tuple(_function(each) for each in self.pieces.of("function")),
            behaviors=tuple(_function(each) for each in self.pieces.of("model")),
            agent_types=agent_types,
            space=space,
            setup=setup,
            steps=steps,
            max_steps=self.spec.termination_criteria.max_steps,
            stop_rules=stop_rules,
            trackers=trackers,
            imports=imports,
            problems=tuple(dict.fromkeys(self.problems)),
            schedule_description=schedule.description if schedule else "",
            initialization_description=initialization.description if initialization else "",
            environment_name=world.name,
            environment_description=world.description,
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
            lowered = self.values.lower(item.initial_value, item.type, self.values.scope(), path)
            if declared.kind == "global-variable" and lowered.literal is not None:
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
        assert isinstance(declared.item, AgentTypeSpec)
        value, path = declared.item.initial_count, declared.path
        lowered = self.values.lower(value, "integer", self.values.scope(), path)
        description = f"Number of {declared.agent_type} agents at the start."
        if isinstance(lowered.literal, int) and not isinstance(lowered.literal, bool):
            if lowered.literal < 0:
                self._problem("out-of-range", path, "There cannot be fewer than 0 agents.", "")
            self._parameter(declared.python, lowered, description, path, frozenset())
            return
        if lowered.literal is not None or value is None:
            message = f"The number of {declared.agent_type} agents is not a whole number."
            self._problem("wrong-type", path, message, "Write a number or a reference.")
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

    def _type_specs(self) -> list[Declared]:
        return list(self.names.of("initial-count"))

    def _agent_type(self, declared: Declared) -> AgentType:
        item = declared.item
        assert isinstance(item, AgentTypeSpec) and declared.agent_type
        class_name = self.names.type_names[declared.agent_type]
        pieces = self.pieces.of("agent", declared.agent_type)
        total = self.pieces.all_uses()
        own = Uses()
        for piece in pieces:
            own = own | piece.uses
        count = cst.parse_expression(f"self.{self.counts[declared.agent_type]}")
        attributes, position = self._attributes(declared.agent_type, total)
        return AgentType(
            name=class_name,
            description=item.description or "",
            attributes=attributes,
            behaviors=tuple(_function(each) for each in pieces),
            count=count,
            path=declared.path.rsplit("/", 1)[0],
            position=position,
            is_removed=own.removes_self or total.removes_others,
            moves=self._moves(own),
        )

    def _moves(self, own: Uses) -> bool:
        model = Uses()
        for piece in (*self.pieces.of("function"), *self.pieces.of("model")):
            model = model | piece.uses
        words = {"move_to", "move_relative"}
        return any("cell" in each.writes or words & each.called for each in (own, model))

    def _attributes(
        self, agent_type: str, total: Uses
    ) -> tuple[tuple[Attribute, ...], cst.BaseExpression | None]:
        """Give the attributes of a type in dependency order, and the stated position."""
        class_name = self.names.type_names[agent_type]
        passed = {
            keyword for name, words in total.created if name == class_name for keyword in words
        }
        found: list[tuple[Attribute, Uses]] = []
        position: cst.BaseExpression | None = None
        for declared in self.names.of("agent-attribute", agent_type=agent_type):
            assert isinstance(declared.item, VariableSpec)
            item, path = declared.item, f"{declared.path}/initialValue"
            if self._is_position(declared):
                position = self._position(item, agent_type, path) or position
                if declared.name in ("pos", "cell") or declared.python not in total.reads:
                    continue
            scope = self.values.scope(agent_type)
            lowered = self.values.lower(item.initial_value, item.type, scope, path)
            attribute = Attribute(
                name=declared.python,
                initial=lowered.expression,
                type=item.type,
                description=item.description,
                path=declared.path,
                is_argument=declared.python in passed,
            )
            found.append((attribute, self.pieces.deep_uses(lowered.uses)))
            self.lowered[f"{agent_type}.{declared.python}"] = lowered
        return self._sorted_attributes(found), position

    def _is_position(self, declared: Declared) -> bool:
        if declared.name == "cell":
            return True
        spatial = self.spec.environment.topology.type in ("grid", "continuous")
        return spatial and declared.name.lower() in POSITION_NAMES

    def _position(
        self, item: VariableSpec, agent_type: str, path: str
    ) -> cst.BaseExpression | None:
        if item.initial_value in (None, "", [], {}, "None", "null"):
            return None
        known = self.values.problems.copy()
        scope = Scope(**{**vars(self.values.scope()), "me": "agent", "agent_type": agent_type})
        lowered = self.values.lower(item.initial_value, item.type, scope, path)
        new = self.values.problems[len(known) :]
        text = cst.Module([]).code_for_node(lowered.expression)
        if any(each.code == "undefined-function" for each in new) or isinstance(
            lowered.literal, (str, int)
        ):
            self.values.problems[:] = known
            message = f"{text!r} is no position; each {agent_type} starts at a random place."
            self._problem("space-assumed", path, message, "Give coordinates or nothing.")
            return None
        return lowered.expression

    def _sorted_attributes(self, found: list[tuple[Attribute, Uses]]) -> tuple[Attribute, ...]:
        """Give the attributes so that each comes after those that its value reads."""
        waiting, done = list(found), []
        while waiting:
            names = {attribute.name for attribute, _ in waiting}
            ready = [pair for pair in waiting if not (pair[1].own_reads & names - {pair[0].name})]
            if not ready:
                labels = ", ".join(attribute.name for attribute, _ in waiting)
                message = f"These start values depend on each other in a circle: {labels}."
                hint = "Give one of them a value that does not use the others."
                self._problem("initialization-cycle", waiting[0][0].path, message, hint)
                break
            done.append(ready[0][0])
            waiting.remove(ready[0])
        return tuple(done)

    def _setup(self, space: Space, agent_types: tuple[AgentType, ...]) -> tuple[SetupAction, ...]:
        plan = SetupPlan(
            pieces=self.pieces,
            type_names=frozenset(self.names.type_names.values()),
            parameters=frozenset(each.name for each in self.parameters),
        )
        order, calls = self._initialization(plan)
        placed_by_author = self._places(calls)
        for variable in self.variables:
            key = f"variable:{variable.name}"
            plan.nodes.append(
                Node(
                    action=SetVariable(name=variable.name),
                    key=key,
                    uses=self.lowered[variable.name].uses,
                    label=variable.name,
                    order=order.get(key),
                )
            )
        if space.kind != "none" and not space.made_by_author:
            plan.nodes.append(
                Node(
                    action=BuildSpace(), key="space", uses=self._space_uses(space, agent_types),
                    label="the space", order=None,
                )
            )  # fmt: skip
        by_author = placed_by_author and (space.api == "pos" or space.capacity == 1)
        has_space = space.kind != "none" and not space.made_by_author
        for declared, agent_type in zip(self._type_specs(), agent_types, strict=True):
            key = f"agents:{agent_type.name}"
            place = has_space and not by_author
            plan.nodes.append(
                Node(
                    action=CreateAgents(agent_type=agent_type.name, place=place),
                    key=key,
                    uses=self._creation_uses(declared.agent_type or "", agent_type),
                    label=f"the {agent_type.name} agents",
                    order=order.get(key),
                )
            )
        plan.nodes += calls
        actions = plan.ordered()
        self.problems += plan.problems
        return actions

    def _initialization(self, plan: SetupPlan) -> tuple[dict[str, float], list[Node]]:
        """Give the stated place of each key, and the nodes of the stated calls."""
        initialization = self.spec.scheduler.initialization
        items = list(
            enumerate((initialization.initialization_order if initialization else None) or ())
        )
        unnumbered = float(len(items) + 1)
        order: dict[str, float] = {}
        calls: list[Node] = []
        for index, item in items:
            path = f"/scheduler/initialization/initializationOrder/{index}"
            place = item.order_in_initialization
            rank = unnumbered if place is None else float(place)
            declared = self.names.find(item.source_name)
            if declared is None or declared.kind.endswith(("behavior", "function")):
                call = self.planner.call(item.source_name, path)
                if call is not None:
                    name = call.behavior if isinstance(call, Activate) else call.name
                    used = Uses(called=frozenset({name}))
                    for argument in call.arguments:
                        used = used | uses(cst.Module([]).code_for_node(argument))
                    label = f"the call of {name}"
                    node = Node(
                        action=call, key=f"call:{index}", uses=used, label=label, order=rank
                    )
                    calls.append(node)
            elif declared.kind == "initial-count":
                class_name = self.names.type_names[declared.agent_type or ""]
                order.setdefault(f"agents:{class_name}", rank)
            elif declared.kind in MODEL_STATE:
                order.setdefault(f"variable:{declared.python}", rank)
        return order, calls

    def _places(self, calls: list[Node]) -> bool:
        """Tell whether the author's own set-up code places agents."""
        deep = Uses()
        for node in calls:
            deep = deep | self.pieces.deep_uses(node.uses)
        return bool({"place_agent", "move_to_empty", "move_to"} & deep.called) or (
            "cell" in deep.writes
        )

    def _space_uses(self, space: Space, agent_types: tuple[AgentType, ...]) -> Uses:
        expressions = [each for each in (space.width, space.height) if each is not None]
        if space.graph is not None:
            expressions += [each for _, each in space.graph.arguments]
            expressions += [each.count for each in agent_types]
        total = Uses()
        for each in expressions:
            total = total | uses(cst.Module([]).code_for_node(each))
        return total

    def _creation_uses(self, type_name: str, agent_type: AgentType) -> Uses:
        total = uses(cst.Module([]).code_for_node(agent_type.count))
        if agent_type.position is not None:
            total = total | uses(cst.Module([]).code_for_node(agent_type.position))
        for attribute in agent_type.attributes:
            total = total | self.lowered[f"{type_name}.{attribute.name}"].uses
        return total

    def _imports(self) -> tuple[str, ...]:
        """Give the import statements that the code needs; problems for names that are nowhere."""
        known = {*self.pieces.functions, *self.names.type_names.values()}
        known |= {facts.python for facts in self.pieces.functions.values()}
        needed: set[str] = set()
        for piece in self.pieces.by_path.values():
            for name in sorted(piece.free - known):
                statement = piece.imports.get(name) or KNOWN_IMPORTS.get(name)
                if statement:
                    needed.add(statement)
                else:
                    self._undefined(name, piece)
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

    def _note_unused(self, steps: tuple[StepAction, ...], setup: tuple[SetupAction, ...]) -> None:
        """Note behaviors that nothing runs."""
        planned = {
            each.behavior if isinstance(each, Activate) else getattr(each, "name", "")
            for each in (*steps, *setup)
        }
        reached = planned | self.pieces.all_uses().called | self.pieces.all_uses().reads
        for lowered in self.lowered.values():
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
        plain = re.sub(r"[^0-9A-Za-z ]+", " ", title)
        words = [word for word in plain.split() if word.lower() not in SMALL_WORDS][:4]
        name = "".join(word[0].upper() + word[1:] for word in words)
        taken = {*self.names.type_names.values(), *self.pieces.functions, *KNOWN_IMPORTS}
        if not name or not name[0].isalpha() or name in taken:
            name = f"{name if name[:1].isalpha() else ''}Model"
        return f"{name}Model" if name in taken or name == "Model" else name


SMALL_WORDS = {"a", "an", "and", "the", "of", "on", "in", "with", "by", "for", "to", "at", "from"}


def _function(piece: Piece) -> Function:
    item = piece.item
    description = getattr(item, "description", "") or getattr(item, "function_description", "")
    return Function(
        name=piece.declared.python,
        definition=piece.definition,
        description=description,
        mode=piece.mode,
        path=piece.declared.path,
    )

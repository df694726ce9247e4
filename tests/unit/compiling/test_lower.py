"""The meaning of a specification (section 2 of the format), one decision after the other."""

from typing import Any

import libcst as cst
import pytest

from abm_quant.compiling.lower import class_words, lower
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.program import Activate, CallFunction, CreateAgents, SetVariable
from abm_quant.contracts.spec import ModelSpec
from abm_quant.errors import CannotCompile
from small_specs import (
    attribute,
    behavior,
    function,
    spec,
    tracked,
    variable,
    world_attribute,
    world_behavior,
)


def code(node: cst.CSTNode | None) -> str:
    assert node is not None
    return cst.Module([]).code_for_node(node).strip()


def refusals(model: ModelSpec) -> list[Problem]:
    with pytest.raises(CannotCompile) as refusal:
        lower(model)
    return [each for each in refusal.value.problems if each.severity == "error"]


def test_literal_globals_are_parameters_and_others_are_variables() -> None:
    program = lower(
        spec(
            variables=[
                variable("rate", 0.5),
                variable("label", "hot", "string"),
                variable("on", True, "boolean"),
                variable("double", "globalVariable.rate * 2"),
                variable("items", [], "array"),
            ]
        )
    )
    defaults = {each.name: each.default for each in program.parameters}
    assert defaults == {"rate": 0.5, "label": "hot", "on": True, "initial_walker_count": 5}
    assert {each.name: code(each.initial) for each in program.variables} == {
        "double": "self.rate * 2",
        "items": "[]",
    }


def test_a_global_that_feeds_the_count_is_the_parameter_of_the_count() -> None:
    program = lower(spec(variables=[variable("n", 7, "integer")], count="globalVariable.n"))
    assert [each.name for each in program.parameters] == ["n"]
    assert code(program.agent_types[0].count) == "self.n"


def test_parameters_that_the_code_assigns_are_marked_as_state_and_come_last() -> None:
    program = lower(
        spec(
            variables=[variable("rate", 0.5), variable("seen", 0, "integer")],
            behaviors=[behavior("def look(self):\n    self.model.seen += self.model.rate")],
            schedule=["agent.Walker.agentBehavior.look"],
        )
    )
    assert [(each.name, each.is_state) for each in program.parameters] == [
        ("rate", False),
        ("initial_walker_count", False),
        ("seen", True),
    ]


VALUES: list[tuple[Any, str, str]] = [
    ("globalVariable.rate", "number", "self.rate"),
    ("rate", "number", "self.rate"),
    ("self.model.rate", "number", "self.rate"),
    ("model.rate", "number", "self.rate"),
    ("Rate", "number", "self.rate"),
    ("rate * 2", "number", "self.rate * 2"),
    ("random.uniform(0, 1)", "float", "self.random.uniform(0, 1)"),
    ("math.pi", "float", "math.pi"),
    ("[0, 0]", "array", "[0, 0]"),
    ("{}", "object", "{}"),
    ("None", "object", "None"),
    ({"function": "double", "args": [3]}, "number", "double(3)"),
    (
        {"function": "globalFunction.double", "args": ["globalVariable.rate"]},
        "number",
        "double(self.rate)",
    ),
    (
        {"function": "double", "args": [{"function": "double", "args": [1]}]},
        "number",
        "double(double(1))",
    ),
    ({"function": "count_all", "args": []}, "number", "count_all(self)"),
    ({"function": "scaled", "args": []}, "number", "scaled(self.rate)"),
    ({"function": "random.randint", "args": [1, 6]}, "integer", "self.random.randint(1, 6)"),
    ([1, 2], "array", "[1, 2]"),
]


@pytest.mark.parametrize(("value", "kind", "expected"), VALUES)
def test_a_value_becomes_an_expression(value: Any, kind: str, expected: str) -> None:
    program = lower(
        spec(
            functions=[
                function("def double(x):\n    return 2 * x"),
                function("def count_all(model):\n    return len(model.agents)"),
                function("def scaled(rate):\n    return rate"),
            ],
            variables=[variable("rate", 0.5)],
            world=[world_attribute("made", value, kind)],
        )
    )
    made = next(each for each in program.variables if each.name == "made")
    assert code(made.initial) == expected


@pytest.mark.parametrize(
    ("value", "kind", "default"),
    [
        ("0.3", "float", 0.3),
        ("True", "boolean", True),
        ("false", "boolean", False),
        ("12", "integer", 12),
        (1000.0, "integer", 1000),
        (1, "float", 1.0),
        ("rate", "string", "rate"),
        ("some words", "string", "some words"),
        ("a - b", "string", "a - b"),
    ],
)
def test_a_text_is_a_literal_of_the_declared_type(value: Any, kind: str, default: Any) -> None:
    program = lower(spec(variables=[variable("rate", 0.5), variable("made", value, kind)]))
    made = program.parameter("made")
    assert made is not None
    assert (made.default, type(made.default)) == (default, type(default))


def test_what_is_assumed_of_a_text_is_said() -> None:
    program = lower(spec(variables=[variable("rate", "0.3", "float")]))
    assert [(each.code, each.path) for each in program.problems] == [
        ("value-assumed", "/globalVariables/0/initialValue")
    ]


def test_agent_attributes_are_computed_in_the_order_of_their_dependencies() -> None:
    program = lower(
        spec(
            attributes=[
                attribute("speed", "self.strength * 2"),
                attribute("strength", "self.random.random()"),
            ]
        )
    )
    ordered = [(each.name, code(each.initial)) for each in program.agent_types[0].attributes]
    assert ordered == [("strength", "self.random.random()"), ("speed", "self.strength * 2")]


def test_an_attribute_that_the_code_passes_is_an_argument() -> None:
    program = lower(
        spec(
            attributes=[attribute("energy", 1), attribute("age", 0)],
            behaviors=[
                behavior("def split(self):\n    Walker(self.model, energy=self.energy / 2)")
            ],
            schedule=["agent.Walker.agentBehavior.split"],
        )
    )
    attributes = program.agent_types[0].attributes
    assert {each.name: each.is_argument for each in attributes} == {"energy": True, "age": False}


def test_initial_values_are_set_in_the_order_of_their_dependencies() -> None:
    program = lower(
        spec(
            functions=[function("def count_all(model):\n    return len(model.agents)")],
            variables=[
                variable("seen", {"function": "count_all", "args": []}),
                variable("twice", "globalVariable.base + 1"),
                variable("base", "globalVariable.root * 2"),
                variable("root", 3),
            ],
        )
    )
    assert program.setup == (
        SetVariable(name="base"),
        SetVariable(name="twice"),
        CreateAgents(agent_type="Walker", place=False),
        SetVariable(name="seen"),
    )


def test_a_circle_of_initial_values_is_an_error_that_names_them() -> None:
    found = refusals(
        spec(variables=[variable("a", "globalVariable.b"), variable("b", "globalVariable.a")])
    )
    assert [each.code for each in found] == ["initialization-cycle"]
    assert "a, b" in found[0].message


def test_an_order_that_cannot_be_kept_is_a_warning() -> None:
    program = lower(
        spec(
            variables=[variable("late", "globalVariable.early"), variable("early", [], "array")],
            initialize=["globalVariable.late", "globalVariable.early"],
        )
    )
    assert [each.code for each in program.problems if each.severity == "warning"] == [
        "initialization-order"
    ]
    assert program.setup[:2] == (SetVariable(name="early"), SetVariable(name="late"))


def test_the_schedule_keeps_its_numbers_and_ties_keep_the_order_of_the_list() -> None:
    model = spec(
        behaviors=[
            behavior("def a(self):\n    pass"),
            behavior("def b(self):\n    pass"),
            behavior("def c(self):\n    pass"),
        ],
        schedule=[f"agent.Walker.agentBehavior.{name}" for name in "abc"],
    ).wire()
    items = model["scheduler"]["schedule"]["scheduleOrder"]
    items[0]["orderInSchedule"], items[1]["orderInSchedule"], items[2]["orderInSchedule"] = 5, 2, 2
    steps = lower(ModelSpec.model_validate(model)).steps
    assert [each.behavior for each in steps if isinstance(each, Activate)] == ["b", "c", "a"]


def test_an_empty_schedule_runs_all_behaviors_in_order_with_a_warning() -> None:
    program = lower(
        spec(
            behaviors=[behavior("def walk(self):\n    pass")],
            world_behaviors=[world_behavior("def warm(self):\n    pass")],
        )
    )
    names = [each.behavior if isinstance(each, Activate) else each.name for each in program.steps]
    assert names == ["warm", "walk"]
    assert "nothing-scheduled" in {each.code for each in program.problems}


def test_arguments_of_planned_calls_are_supplied_by_name() -> None:
    program = lower(
        spec(
            functions=[
                function("def greet(agent, rate):\n    return rate", mode="per-agent"),
                function("def gather(agents):\n    return len(agents)", mode="model-batch"),
                function("def weigh(walkers):\n    return len(walkers)", mode="model-batch"),
            ],
            variables=[variable("rate", 1)],
            behaviors=[behavior("def walk(self, rate):\n    pass")],
            schedule=[
                "globalFunction.greet",
                "globalFunction.gather",
                "globalFunction.weigh",
                "agent.Walker.agentBehavior.walk",
            ],
        )
    )
    greet, gather, weigh, walk = program.steps
    assert isinstance(greet, CallFunction) and greet.each_agent
    assert [code(each) for each in greet.arguments] == ["agent", "self.rate"]
    assert [code(each) for each in gather.arguments] == ["self.agents"]
    assert [code(each) for each in weigh.arguments] == ["self.agents_by_type[Walker]"]
    assert isinstance(walk, Activate)
    assert [code(each) for each in walk.arguments] == ["self.rate"]


def test_a_parameter_that_nothing_supplies_is_an_error() -> None:
    found = refusals(
        spec(
            behaviors=[behavior("def walk(self, stride):\n    pass")],
            schedule=["agent.Walker.agentBehavior.walk"],
        )
    )
    assert [(each.code, each.path) for each in found] == [
        ("missing-argument", "/scheduler/schedule/scheduleOrder/0")
    ]
    assert "stride" in found[0].message


def test_a_declared_output_with_the_name_of_a_variable_is_stored() -> None:
    program = lower(
        spec(
            functions=[function("def count_all(model):\n    return 1", outputs=("seen",))],
            variables=[variable("seen", 0, "integer")],
            schedule=["globalFunction.count_all"],
        )
    )
    call = program.steps[0]
    assert isinstance(call, CallFunction)
    assert call.stores == "seen"
    seen = program.parameter("seen")
    assert seen is not None and seen.is_state


def test_removal_and_movement_are_seen() -> None:
    program = lower(
        spec(
            topology={"type": "grid", "width": 5, "height": 5},
            behaviors=[
                behavior("def walk(self):\n    self.cell = self.cell.neighborhood.cells[0]"),
                behavior("def die(self):\n    self.remove()"),
            ],
            schedule=["agent.Walker.agentBehavior.walk", "agent.Walker.agentBehavior.die"],
        )
    )
    walker = program.agent_types[0]
    assert (walker.moves, walker.is_removed) == (True, True)
    still = lower(spec(topology={"type": "grid", "width": 5, "height": 5})).agent_types[0]
    assert (still.moves, still.is_removed) == (False, False)


SPACES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"type": "grid", "width": 7, "height": 9}, {}, "7 9"),
    ({"type": "grid", "width": "globalVariable.side", "height": 9}, {}, "self.side 9"),
    ({"type": "grid"}, {"variables": [variable("gridSize", 8, "integer")]}, "self.gridSize self.gridSize"),
    ({"type": "grid", "description": "a 40x30 torus"}, {}, "40 30"),
    ({"type": "grid", "description": "40 by 30 cells"}, {}, "40 30"),
    (
        {"type": "grid"},
        {},
        "math.ceil(math.sqrt(2 * (self.initial_walker_count))) "
        "math.ceil(math.sqrt(2 * (self.initial_walker_count)))",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("topology", "changes", "expected"), SPACES)
def test_the_size_of_a_grid_is_found(
    topology: dict[str, Any], changes: dict[str, Any], expected: str
) -> None:
    changes = {"variables": [variable("side", 6, "integer")], **changes}
    space = lower(spec(topology=topology, **changes)).space
    assert f"{code(space.width)} {code(space.height)}" == expected


def test_a_size_that_is_guessed_is_a_warning() -> None:
    program = lower(spec(topology={"type": "grid"}))
    assert [each.code for each in program.problems if each.severity == "warning"] == [
        "space-assumed"
    ]


def test_old_positions_get_the_old_space_and_cells_the_new_one() -> None:
    def api(body: str) -> str:
        model = spec(
            topology={"type": "grid", "width": 5, "height": 5},
            behaviors=[behavior(f"def walk(self):\n    {body}")],
            schedule=["agent.Walker.agentBehavior.walk"],
        )
        return lower(model).space.api

    assert api("self.model.grid.move_agent(self, (0, 0))") == "pos"
    assert api("self.model.grid.get_neighbors(self.pos, moore=True)") == "pos"
    assert api("self.cell = self.cell.neighborhood.select_random_cell()") == "cell"
    assert api("pass") == "cell"


def test_a_space_of_the_authors_own_stays() -> None:
    program = lower(
        spec(
            functions=[
                function(
                    "def build(model):\n"
                    "    from mesa.space import MultiGrid\n"
                    "    model.grid = MultiGrid(5, 5, torus=True)"
                )
            ],
            topology={"type": "grid", "width": 9, "height": 9},
            initialize=["agent.Walker.initialCount", "globalFunction.build"],
        )
    )
    assert program.space.made_by_author
    assert program.imports == ("from mesa.space import MultiGrid",)
    assert [type(each) for each in program.setup] == [CreateAgents, CallFunction]


def test_prose_names_the_network() -> None:
    def generator(text: str) -> str:
        graph = lower(spec(topology={"type": "network", "description": text})).space.graph
        assert graph is not None
        return graph.generator

    assert generator("a scale-free network") == "barabasi_albert"
    assert generator("Erdős–Rényi random network") == "erdos_renyi"
    assert generator("a small-world network") == "watts_strogatz"
    assert generator("friends") == "watts_strogatz"


def test_trackers_know_their_categories_and_rules_their_crossing() -> None:
    program = lower(
        spec(
            variables=[variable("heat", 0.5, "float"), variable("count", 1, "integer")],
            attributes=[attribute("state", "calm", "string"), attribute("sick", False, "boolean")],
            behaviors=[
                behavior('def act(self):\n    self.state = "wild" if self.sick else "calm"')
            ],
            schedule=["agent.Walker.agentBehavior.act"],
            tracked=[
                tracked("agent.Walker.agentAttribute.state"),
                tracked("agent.Walker.agentAttribute.sick"),
                tracked("globalVariable.heat", "agent", "start-of-step"),
            ],
            rules=[
                {"sourceName": "globalVariable.heat", "value": 2},
                {"sourceName": "globalVariable.count", "value": 0},
            ],
        )
    )
    state, sick, heat = program.trackers
    assert state.categories == ("calm", "wild")
    assert sick.categories == (True, False)
    assert (heat.level, heat.at_start) == ("model", True)
    assert [rule.crossing for rule in program.stop_rules] == [True, False]


@pytest.mark.parametrize("part", ["tracked", "rules"])
def test_what_watches_nothing_is_left_out_with_a_warning(part: str) -> None:
    items = {
        "tracked": [tracked("globalVariable.nothing")],
        "rules": [{"sourceName": "globalVariable.nothing", "value": 0}],
    }
    program = lower(spec(**{part: items[part]}))
    assert not program.trackers and not program.stop_rules
    assert [each.code for each in program.problems] == ["dropped"]


def test_a_scheduled_name_that_is_nowhere_is_left_out_with_a_warning() -> None:
    program = lower(
        spec(
            behaviors=[behavior("def walk(self):\n    pass")],
            schedule=["agent.Walker.agentBehavior.walk", "agent.Walker.agentBehavior.bloom"],
        )
    )
    assert len(program.steps) == 1
    (left_out,) = program.problems
    assert (left_out.severity, left_out.code) == ("warning", "dropped")
    assert left_out.path == "/scheduler/schedule/scheduleOrder/1/sourceName"
    assert "Declare agent.Walker.agentBehavior.bloom" in left_out.hint


def test_a_name_that_may_mean_several_things_is_an_error_that_lists_them() -> None:
    found = refusals(
        spec(
            variables=[variable("sick_people", 1), variable("well_people", 1)],
            tracked=[tracked("globalVariable.people")],
        )
    )
    assert [each.code for each in found] == ["ambiguous-reference"]
    assert found[0].path == "/dataAnalytics/trackedVariables/0/sourceName"
    assert "globalVariable.sick_people, globalVariable.well_people" in found[0].message


@pytest.mark.parametrize(
    ("reference", "code_of_problem"),
    [
        ("agent.walker.agentBehavior.walkHome", "name-assumed"),
        ("walk_home", "repaired"),
        ("agent.Walker.agentBehavior.walk_hom", "name-assumed"),
        ("agent.Walker.agentBehavior.walk_home", None),
    ],
)
def test_names_that_are_close_enough_are_found(reference: str, code_of_problem: str | None) -> None:
    program = lower(
        spec(behaviors=[behavior("def walk_home(self):\n    pass")], schedule=[reference])
    )
    assert len(program.steps) == 1
    assert {each.code for each in program.problems} == (
        {code_of_problem} if code_of_problem else set()
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"codingLanguage": "netlogo"}, "unsupported-language"),
        ({"abmLibrary": {"name": "repast4py"}}, "unsupported-language"),
        ({"agents": []}, "no-agents"),
    ],
)
def test_what_cannot_be_compiled_is_refused_with_a_reason(
    change: dict[str, Any], expected: str
) -> None:
    model = ModelSpec.model_validate({**spec().wire(), **change})
    assert [each.code for each in refusals(model)] == [expected]


def test_names_of_the_framework_are_renamed_with_a_warning() -> None:
    program = lower(
        spec(
            variables=[variable("agents", 3, "integer")],
            behaviors=[behavior("def look(self):\n    return globalVariable.agents")],
            schedule=["agent.Walker.agentBehavior.look"],
        )
    )
    assert [each.name for each in program.parameters] == ["agents_value", "initial_walker_count"]
    assert "self.model.agents_value" in code(program.agent_types[0].behaviors[0].definition)
    assert "renamed" in {each.code for each in program.problems if each.severity == "warning"}


def test_names_that_are_used_and_nowhere_defined_are_errors() -> None:
    found = refusals(
        spec(
            behaviors=[behavior("def look(self):\n    return find_it(secret_thing)")],
            schedule=["agent.Walker.agentBehavior.look"],
        )
    )
    assert {each.code for each in found} == {"undefined-function", "undefined-reference"}


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("calm", ("calm",)),
        ('"calm"', ("calm",)),
        ('random.choice(["scout", "worker"])', ("scout", "worker")),
        ({"function": "random.choice", "args": [["scout", "worker"]]}, ("scout", "worker")),
        ("'red' if self.unique_id == 1 else 'blue'", ("red", "blue")),
        ({"function": "draw", "args": []}, ("dry", "wet")),
    ],
)
def test_no_category_that_an_agent_can_start_with_is_lost(
    start: Any, expected: tuple[str, ...]
) -> None:
    program = lower(
        spec(
            functions=[function('def draw(model):\n    return "wet" if model.tick else "dry"')],
            attributes=[attribute("role", start, "string")],
            tracked=[tracked("agent.Walker.agentAttribute.role")],
        )
    )
    assert program.trackers[0].categories == expected


def test_a_text_that_computes_is_an_expression_and_words_are_text() -> None:
    program = lower(
        spec(
            attributes=[
                attribute("role", "'red' if self.unique_id == 1 else 'blue'", "string"),
                attribute("mood", "good if rainy else bad", "string"),
                attribute("name", "'Anna'", "string"),
            ]
        )
    )
    role, mood, name = program.agent_types[0].attributes
    assert code(role.initial) == "'red' if self.unique_id == 1 else 'blue'"
    assert code(mood.initial) == "'good if rainy else bad'"
    assert code(name.initial) == "'Anna'"


def test_a_variable_can_be_tracked_at_both_times_of_a_step() -> None:
    times = ("start-of-step", "end-of-step", "end-of-step")
    program = lower(
        spec(
            variables=[variable("heat", 1)],
            tracked=[tracked("globalVariable.heat", at=time) for time in times],
        )
    )
    assert [each.at_start for each in program.trackers] == [True, False]


def test_types_that_the_set_up_does_not_place_are_placed_at_random() -> None:
    place = (
        "def place(model):\n"
        "    for walker in model.agents_by_type[Walker]:\n"
        "        model.grid.place_agent(walker, (0, 0))"
    )
    raw = spec(
        functions=[function(place)],
        topology={"type": "grid", "width": 5, "height": 5},
        initialize=["agent.Walker.initialCount", "globalFunction.place"],
    ).wire()
    raw["agents"].append([{"name": "Runner", "initialCount": 3}])
    setup = lower(ModelSpec.model_validate(raw)).setup
    made = {each.agent_type: each.place for each in setup if isinstance(each, CreateAgents)}
    assert made == {"Walker": False, "Runner": True}


def test_a_function_with_the_name_of_a_variable_is_renamed_with_a_warning() -> None:
    program = lower(
        spec(
            functions=[function("def heat():\n    return len(model.agents)", outputs=("heat",))],
            variables=[variable("heat", 0, "integer")],
            behaviors=[
                behavior("def act(self):\n    self.model.heat += globalFunction.heat() + heat()")
            ],
            schedule=["agent.Walker.agentBehavior.act", "globalFunction.heat"],
        )
    )
    assert [each.name for each in program.functions] == ["heat_function"]
    body = code(program.agent_types[0].behaviors[0].definition)
    assert "self.model.heat += heat_function(self.model) + heat_function(self.model)" in body
    assert getattr(program.steps[1], "stores", None) == "heat"
    assert [(each.code, each.path) for each in program.problems if each.severity == "warning"] == [
        ("name-clash", "/globalFunctions/0")
    ]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"count": "globalVariable.crowd"}, "/agents/0/0/initialCount"),
        ({"variables": [variable("x", "globalVariable.nope")]}, "/globalVariables/0/initialValue"),
        (
            {"topology": {"type": "grid", "width": "globalVariable.nope", "height": 5}},
            "/environment/topology/width",
        ),
    ],
)
def test_a_source_name_that_is_nowhere_is_an_error(changes: dict[str, Any], path: str) -> None:
    assert [(each.code, each.path) for each in refusals(spec(**changes))] == [
        ("undefined-reference", path)
    ]


@pytest.mark.parametrize("count", ["numSheep", "globalVariable.numSheep"])
def test_a_count_that_names_nothing_is_refused_with_close_names(count: str) -> None:
    raw = spec(variables=[variable("initial_sheep", 3, "integer")]).wire()
    raw["agents"][0][0]["initialCount"] = count
    (found,) = refusals(ModelSpec.model_validate(raw))
    assert found.path == "/agents/0/0/initialCount"
    assert "globalVariable.initial_sheep" in found.hint and "rite a number" in found.hint


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Forest fire", "Forest fire"),
        ("Innovation diffusion by word of mouth", "Innovation diffusion word mouth"),
        ("SIR epidemic on a small-world network", "SIR epidemic"),
        ("Zero-intelligence traders in an order book", "Zero intelligence traders"),
        ("Wolves, sheep, grass and a sheep disease", "Wolves sheep grass disease"),
        ("A model of one two three four five", "model one two three"),
        ("The Bank's run, run, run", "Banks run"),
        ("", ""),
    ],
)
def test_the_class_is_named_by_whole_phrases_of_the_title(title: str, words: str) -> None:
    assert class_words(title) == words.split()

"""Programs made by hand come out as Mesa projects that do what they say."""

import ast
import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import black
import pytest

from abm_quant.compiling.render import environment, require_features
from abm_quant.compiling.targets.mesa import MESA
from abm_quant.compiling.targets.table import target_named
from abm_quant.contracts.program import (
    BuildSpace,
    CallFunction,
    CreateAgents,
    Graph,
    Program,
    SetVariable,
    Space,
    StopRule,
)
from abm_quant.errors import NotFound, TargetLacks
from generated import (
    activate,
    agent_type,
    attribute,
    expression,
    function,
    generate,
    load,
    parameter,
    program,
    run,
    tracker,
    variable,
    write,
)

EXCHANGE = """
def give(self):
    if self.wealth > 0:
        other = self.random.choice(list(self.model.agents))
        other.wealth += 1
        self.wealth -= 1
"""
MOVE = "def move(self):\n    self.cell = self.cell.neighborhood.select_random_cell()\n"
INFECT = """
def infect(self):
    # Only the ill infect.
    if self.state == "I":
        for contact in self.cell.neighborhood.agents:
            contact.state = "I"
"""
HUNT = """
def hunt(self):
    for other in self.cell.agents:
        if isinstance(other, Sheep):
            other.remove()
            self.eaten += 1
"""
BREED = "def breed(self):\n    Sheep(self.model, cell=self.cell, energy=7)\n"
SPACES = {
    "grid": Space(kind="grid", width=expression("self.width"), height=expression("4"), torus=True),
    "single": Space(kind="grid", width=expression("5"), height=expression("4"), capacity=1),
    "room": Space(kind="grid", width=expression("2"), height=expression("3"), capacity=2),
    "network": Space(kind="network", graph=Graph(generator="complete", arguments=())),
}


def wealth(**more: Any) -> Program:
    person = agent_type("Person", EXCHANGE, attributes=(attribute("wealth", "1", "integer"),))
    words: dict[str, Any] = {
        "steps": (activate("Person", "give"),),
        "trackers": (tracker("wealth", "Person", "integer"),),
    }
    return program(person, **(words | more))


def wolves(**more: Any) -> Program:
    energy = attribute("energy", "self.random.uniform(0, 1)", is_argument=True)
    sheep = agent_type("Sheep", MOVE, BREED, attributes=(energy,), is_removed=True)
    wolf = agent_type(
        "Wolf", MOVE, HUNT, attributes=(attribute("eaten", "0"),), count=expression("self.wolves")
    )
    words: dict[str, Any] = {
        "parameters": (parameter("width", 6), parameter("wolves", 3)),
        "space": SPACES["grid"],
        "setup": (BuildSpace(), CreateAgents(agent_type="Sheep"), CreateAgents(agent_type="Wolf")),
        "steps": (
            activate("Sheep", "move"),
            activate("Sheep", "breed"),
            activate("Wolf", "move"),
            activate("Wolf", "hunt"),
        ),
        "trackers": (tracker("energy", "Sheep"), tracker("eaten", "Wolf", "integer")),
        "max_steps": 4,
    }
    return program(sheep, wolf, **(words | more))


def sir(**more: Any) -> Program:
    state = attribute("state", '"I" if self.unique_id == 1 else "S"', "string")
    person = agent_type(
        "Person", INFECT, attributes=(state,), count=expression("self.population"), moves=False
    )
    graph = Graph(
        generator="watts_strogatz", arguments=(("k", expression("4")), ("p", expression("0.1")))
    )
    words: dict[str, Any] = {
        "parameters": (parameter("population", 30),),
        "space": Space(kind="network", graph=graph),
        "setup": (BuildSpace(), CreateAgents(agent_type="Person")),
        "steps": (activate("Person", "infect"),),
        "trackers": (tracker("state", "Person", "string", categories=("S", "I")),),
    }
    return program(person, **(words | more))


def placed(space: Space, *types: Any, **more: Any) -> Program:
    setup = (BuildSpace(), *(CreateAgents(agent_type=each.name) for each in types))
    parameters = (parameter("width", 6),)
    return program(*types, space=space, parameters=parameters, setup=setup, **more)


MODELS = {
    "wealth": wealth(),
    "wolves": wolves(),
    "sir": sir(),
    "agents": wealth(trackers=(tracker("wealth", "Person", "integer", level="agent"),)),
    **{name: placed(space, agent_type("Person", moves=False)) for name, space in SPACES.items()},
}


def records(model: Any) -> dict[str, list[Any]]:
    return dict(model.datacollector.model_vars)


def test_wealth_is_conserved_and_recorded(tmp_path: Path) -> None:
    model = run(generate(wealth()), tmp_path, steps=5)
    data = records(model)
    assert data["Person.wealth.mean"] == [1.0] * 6
    assert data["Person.count"] == [10] * 6
    assert data["Person.wealth.max"][5] > data["Person.wealth.min"][5]
    assert model.tick == 5


@pytest.mark.parametrize("name", MODELS)
def test_the_seed_decides_everything(name: str, tmp_path: Path) -> None:
    bundle = generate(MODELS[name])
    first, second = run(bundle, tmp_path / "a", seed=3), run(bundle, tmp_path / "b", seed=3)
    assert records(first) == records(second)
    assert [place(each) for each in first.agents] == [place(each) for each in second.agents]


def place(agent: Any) -> object:
    return agent.cell.coordinate if getattr(agent, "cell", None) else agent.pos


def test_another_seed_gives_another_run(tmp_path: Path) -> None:
    bundle = generate(wolves())
    assert records(run(bundle, tmp_path / "a", seed=1)) != records(
        run(bundle, tmp_path / "b", seed=2)
    )


@pytest.mark.parametrize("name", MODELS)
def test_generated_python_is_formatted_and_clean(name: str, tmp_path: Path) -> None:
    folder = write(generate(MODELS[name]), tmp_path)
    for file in ("model.py", "run.py", "app.py"):
        text = (folder / file).read_text()
        assert black.format_str(text, mode=black.Mode()) == text, file
    files = [str(folder / file) for file in ("model.py", "run.py", "app.py")]
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", *files]
    checked = subprocess.run(ruff, capture_output=True, text=True, cwd=folder)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("letter", ["a", "\u6587"])
def test_long_names_are_formatted_too(letter: str) -> None:
    long = letter * 45
    kind = agent_type(long.capitalize(), attributes=(attribute(long, "True", "boolean"),))
    other = agent_type("B" + long, attributes=(attribute(long, "True", "boolean"),))
    made = placed(SPACES["single"], kind, other, class_name="C" + long)
    made = replace(made, parameters=(parameter(long, 1),), title=long * 3)
    tracked = tracker(long, kind.name, "boolean", level="agent")
    for name, text in generate(replace(made, trackers=(tracked,))).files.items():
        if name.endswith(".py"):
            assert black.format_str(text, mode=black.Mode()) == text, name


def test_generated_python_passes_mypy(tmp_path: Path) -> None:
    folders = [write(generate(each), tmp_path / name) for name, each in MODELS.items()]
    files = [str(folder / "model.py") for folder in (folders[0], folders[2])]
    options = ["--config-file", "", "--cache-dir", str(tmp_path / "c")]
    for file in files:
        mypy = [sys.executable, "-m", "mypy", *options, file]
        checked = subprocess.run(mypy, capture_output=True, text=True, cwd=tmp_path)
        assert checked.returncode == 0, checked.stdout


def test_removed_agents_stop_at_once_and_newborn_wait(tmp_path: Path) -> None:
    kill = (
        "def kill(self):\n"
        "    self.acted = True\n"
        "    for other in list(self.model.agents):\n"
        "        if other is not self:\n"
        "            self.model.graves.append(other)\n"
        "            other.remove()\n"
        "    Person(self.model)\n"
    )
    person = agent_type(
        "Person", kill, attributes=(attribute("acted", "False", "boolean"),), is_removed=True
    )
    made = program(
        person,
        variables=(variable("graves", "[]", "array"),),
        setup=(SetVariable(name="graves"), CreateAgents(agent_type="Person")),
        steps=(activate("Person", "kill"),),
    )
    model = run(generate(made), tmp_path, steps=1)
    assert len(model.graves) == 9
    assert not any(agent.acted for agent in model.graves)
    assert [agent.acted for agent in model.agents] == [True, False]


def test_predator_and_prey(tmp_path: Path) -> None:
    model = run(generate(wolves()), tmp_path, steps=4)
    data = records(model)
    eaten = [mean * 3 for mean in data["Wolf.eaten.mean"]]
    for step in range(1, 5):
        born = data["Sheep.count"][step - 1]
        change = data["Sheep.count"][step] - data["Sheep.count"][step - 1]
        assert change == pytest.approx(born - (eaten[step] - eaten[step - 1]))
    assert model.running is False and model.stop_reason == "max-steps"
    module = sys.modules[type(model).__module__]
    newborn = [each.energy for each in model.agents_by_type[module.Sheep] if each.unique_id > 13]
    assert set(newborn) == {7}


def test_a_type_without_agents_has_its_set(tmp_path: Path) -> None:
    model = run(generate(wolves()), tmp_path, steps=2, wolves=0)
    assert records(model)["Wolf.count"] == [0, 0, 0]
    assert records(model)["Wolf.eaten.mean"] == [None, None, None]


def test_an_epidemic_spreads_on_the_network(tmp_path: Path) -> None:
    model = run(generate(sir()), tmp_path, steps=10)
    data = records(model)
    assert data["Person.state.I"][0] == 1
    assert data["Person.state.I"][10] > 1
    assert {s + i for s, i in zip(data["Person.state.S"], data["Person.state.I"], strict=True)} == {
        30
    }
    assert len({agent.cell for agent in model.agents}) == 30 == len(model.G)


def test_types_share_the_nodes_of_a_network(tmp_path: Path) -> None:
    made = placed(
        SPACES["network"], agent_type("Person", moves=False), agent_type("Cat", moves=False)
    )
    model = run(generate(made), tmp_path, steps=1)
    assert len(model.G) == 20 == len({agent.cell.coordinate for agent in model.agents})


@pytest.mark.parametrize(
    ("generator", "arguments", "edges"),
    [
        ("erdos_renyi", (("p", "min(1.0, 4 / max(1, n - 1))"),), None),
        ("barabasi_albert", (("m", "2"),), 16),
        ("random_regular", (("d", "3"),), 15),
        ("grid_2d", (), 24),
        ("complete", (), 45),
        ("watts_strogatz", (("k", "2"), ("p", "0.0")), 10),
    ],
)
@pytest.mark.parametrize("api", ["cell", "pos"])
def test_every_network_generator(
    generator: str,
    arguments: tuple[tuple[str, str], ...],
    edges: int | None,
    api: Any,
    tmp_path: Path,
) -> None:
    given = tuple((name, expression(code)) for name, code in arguments)
    space = Space(kind="network", api=api, graph=Graph(generator=generator, arguments=given))
    model = run(generate(placed(space, agent_type("Person"))), tmp_path, steps=1)
    assert edges is None or model.G.number_of_edges() == edges
    assert len({str(each.cell if api == "cell" else each.pos) for each in model.agents}) == 10


def test_one_agent_in_each_cell(tmp_path: Path) -> None:
    model = run(generate(placed(SPACES["single"], agent_type("Person"))), tmp_path)
    assert len({agent.cell for agent in model.agents}) == 10
    assert model.grid.capacity == 1 and model.grid.torus is False


@pytest.mark.parametrize("api", ["cell", "pos"])
def test_too_many_agents_for_the_grid(api: Any, tmp_path: Path) -> None:
    space = Space(kind="grid", api=api, width=expression("3"), height=expression("3"), capacity=1)
    with pytest.raises(ValueError, match="10 agents do not fit into 9 free places"):
        run(generate(placed(space, agent_type("Person"))), tmp_path)


@pytest.mark.parametrize("api", ["cell", "pos"])
def test_cells_with_room_for_two(api: Any, tmp_path: Path) -> None:
    space = Space(kind="grid", api=api, width=expression("5"), height=expression("1"), capacity=2)
    model = run(generate(placed(space, agent_type("Person"))), tmp_path)
    places = [str(each.cell.coordinate if api == "cell" else each.pos) for each in model.agents]
    assert {places.count(place) for place in places} == {2}


@pytest.mark.parametrize("capacity", [1, None])
def test_positions_of_the_older_grids(capacity: int | None, tmp_path: Path) -> None:
    space = Space(
        kind="grid", api="pos", width=expression("self.width"), height=expression("4"),
        capacity=capacity, torus=True,
    )  # fmt: skip
    model = run(generate(placed(space, agent_type("Person"))), tmp_path)
    assert type(model.grid).__name__ == ("SingleGrid" if capacity else "MultiGrid")
    assert all(0 <= x < 6 and 0 <= y < 4 for x, y in (agent.pos for agent in model.agents))


@pytest.mark.parametrize("kind", ["grid", "network", "continuous"])
def test_removed_agents_leave_the_older_spaces(kind: Any, tmp_path: Path) -> None:
    leave = "def leave(self):\n    if self.unique_id > 1:\n        self.remove()\n"
    graph = Graph(generator="complete", arguments=())
    space = Space(
        kind=kind, api="pos", width=expression("6"), height=expression("4"),
        graph=graph if kind == "network" else None,
    )  # fmt: skip
    made = placed(
        space, agent_type("Person", leave, is_removed=True), steps=(activate("Person", "leave"),)
    )
    model = run(generate(made), tmp_path, steps=1)
    assert len(model.agents) == 1
    assert len((model.space if kind == "continuous" else model.grid).agents) == 1


def test_continuous_space(tmp_path: Path) -> None:
    space = Space(
        kind="continuous", api="pos", width=expression("2.5"), height=expression("1.5"), torus=True
    )
    model = run(generate(placed(space, agent_type("Bird"))), tmp_path)
    assert not hasattr(model, "grid")
    assert all(0 <= x < 2.5 and 0 <= y < 1.5 for x, y in (agent.pos for agent in model.agents))


@pytest.mark.parametrize("api", ["cell", "pos"])
@pytest.mark.parametrize("place", ["(agent.unique_id % 5, 1)", "[agent.unique_id % 5, 1]"])
def test_given_positions(api: Any, place: str, tmp_path: Path) -> None:
    space = Space(kind="grid", api=api, width=expression("5"), height=expression("4"))
    person = agent_type("Person", position=expression(place), moves=False)
    model = run(generate(placed(space, person)), tmp_path)
    found = [tuple(each.cell.coordinate if api == "cell" else each.pos) for each in model.agents]
    assert sorted(found) == sorted([(x, 1) for x in range(5)] * 2)


def test_a_space_of_the_authors_own_is_left_alone(tmp_path: Path) -> None:
    build = function("def build(model):\n    model.grid = {}\n")
    made = program(
        agent_type("Person"),
        functions=(build,),
        space=Space(kind="grid", made_by_author=True),
        setup=(
            CallFunction(name="build", arguments=(expression("self"),), path="/x"),
            CreateAgents(agent_type="Person", place=False),
        ),
    )
    bundle = generate(made)
    assert run(bundle, tmp_path).grid == {}
    assert "SpaceRenderer" not in bundle.files["app.py"]


def rule(name: str, value: str, **more: Any) -> StopRule:
    words: dict[str, Any] = {"agent_type": None, "crossing": False, "description": "", "path": "/r"}
    return StopRule(source_name=name, attribute=name, value=expression(value), **(words | more))


def counter(change: str, *rules: StopRule, initial: str = "0") -> Program:
    return program(
        agent_type("Person"),
        functions=(function(f"def advance(x):\n    return {change}\n"),),
        variables=(variable("x", initial),),
        setup=(SetVariable(name="x"), CreateAgents(agent_type="Person")),
        steps=(
            CallFunction(name="advance", arguments=(expression("self.x"),), path="/s", stores="x"),
        ),
        stop_rules=rules,
        trackers=(tracker("x"),),
    )


def steps_until_stop(made: Program, folder: Path) -> tuple[int, str]:
    bundle = generate(made)
    model = getattr(load(bundle, folder), bundle.entry_point)(seed=1)
    while model.running:
        model.step()
    return model.tick, model.stop_reason


@pytest.mark.parametrize(
    ("change", "initial", "value", "crossing", "expected"),
    [
        ("x + 2", "0", "4", False, (2, "x")),
        ("x + 2", "0", "5", False, (10, "max-steps")),
        ("x + 2", "0", "5", True, (3, "x")),
        ("x - 2", "9", "4", True, (3, "x")),
        ("x + 2", "5", "5", True, (10, "max-steps")),
        ("not x", "False", "True", False, (1, "x")),
        ("not x", "True", "False", False, (1, "x")),
        ("None", "1", "None", False, (1, "x")),
        ("x + 1", "0", "2 if True else 9", False, (2, "x")),
    ],
)
def test_stop_rules(
    change: str, initial: str, value: str, crossing: bool, expected: Any, tmp_path: Path
) -> None:
    made = counter(change, rule("x", value, crossing=crossing), initial=initial)
    assert steps_until_stop(made, tmp_path) == expected


def test_two_rules_watch_one_variable(tmp_path: Path) -> None:
    rules = (rule("x", "-3", crossing=True), rule("x", "3", crossing=True))
    assert steps_until_stop(counter("x + 2", *rules), tmp_path) == (2, "x")


@pytest.mark.parametrize(("crossing", "expected"), [(False, (10, "max-steps")), (True, (3, "x"))])
def test_a_rule_on_agents_holds_when_all_of_them_satisfy_it(
    crossing: bool, expected: Any, tmp_path: Path
) -> None:
    grow = "def grow(self):\n    self.x += 2\n"
    person = agent_type("Person", grow, attributes=(attribute("x", "0"),))
    made = program(
        person,
        steps=(activate("Person", "grow"),),
        stop_rules=(rule("x", "5", agent_type="Person", crossing=crossing),),
    )
    assert steps_until_stop(made, tmp_path) == expected


def test_a_rule_on_agents_never_holds_without_agents(tmp_path: Path) -> None:
    person = agent_type("Person", attributes=(attribute("x", "5"),), count=expression("0"))
    made = program(person, stop_rules=(rule("x", "5", agent_type="Person"),))
    assert steps_until_stop(made, tmp_path) == (10, "max-steps")


def test_values_from_the_start_of_a_step(tmp_path: Path) -> None:
    grow = "def grow(self):\n    self.x += 1\n    self.seen.append(1)\n"
    person = agent_type(
        "Person", grow, attributes=(attribute("x", "0"), attribute("seen", "[]", "array"))
    )
    made = program(
        person,
        steps=(activate("Person", "grow"),),
        trackers=(
            tracker("x", "Person", at_start=True),
            tracker("x", "Person", level="agent", at_start=True),
            tracker("seen", "Person", "array", level="agent", at_start=True),
        ),
    )
    model = run(generate(made), tmp_path, steps=3)
    assert records(model)["Person.x.mean"] == [0, 0, 1, 2]
    kind = next(iter(model.agents_by_type))
    table = model.datacollector.get_agenttype_vars_dataframe(kind)
    assert table.loc[(3, 1), "x"] == 2
    assert table.loc[(3, 1), "seen"] == [1, 1]


def test_each_attribute_is_read_once_for_all_that_is_made_of_it(tmp_path: Path) -> None:
    made = program(
        agent_type("Person", attributes=(attribute("x", "self.unique_id"),)),
        parameters=(parameter("person_x", 7),),
        behaviors=(function("def collect(self):\n    self.person_x += 1\n"),),
        steps=(CallFunction(name="collect", arguments=(), path="/s", is_method=True),),
        trackers=(tracker("x", "Person"), tracker("x", "Person", at_start=True)),
    )
    model = run(generate(made), tmp_path, steps=1)
    read: list[str] = []
    kind = next(iter(model.agents_by_type))
    kind.__getattribute__ = lambda self, name: read.append(name) or object.__getattribute__(
        self, name
    )
    model.step()
    assert read.count("x") == 2 * 10
    assert model.person_x == 9
    data = records(model)
    assert [data[f"Person.x.{measure}"] for measure in ("mean", "min", "max")] == [
        [5.5] * 3, [1] * 3, [10] * 3
    ]  # fmt: skip
    assert data["Person.x.max (start)"] == data["Person.x.max"]


def test_numbers_texts_and_lists_of_agents(tmp_path: Path) -> None:
    attributes = (
        attribute("late", "None"),
        attribute("kind", 'self.random.choice("ab")', "string"),
        attribute("happy", "self.unique_id > 3", "boolean"),
        attribute("path", "[self.unique_id]", "array"),
    )
    made = program(
        agent_type("Person", "def age(self):\n    self.late = 4\n", attributes=attributes),
        steps=(activate("Person", "age"),),
        trackers=(
            tracker("late", "Person"),
            tracker("kind", "Person", "string"),
            tracker("happy", "Person", "boolean"),
            tracker("path", "Person", "array"),
        ),
    )
    data = records(run(generate(made), tmp_path, steps=1))
    assert data["Person.late.mean"] == [None, 4.0] and data["Person.late.max"] == [None, 4]
    assert sum(data["Person.kind"][0].values()) == 10
    assert (data["Person.happy.true"][0], data["Person.happy.false"][0]) == (7, 3)
    assert data["Person.path"][0] == [[n] for n in range(1, 11)]


def test_calls_of_functions_and_methods(tmp_path: Path) -> None:
    self_, agent = expression("self"), expression("agent")
    made = program(
        agent_type("Person", attributes=(attribute("x", "0", "integer"),)),
        functions=(
            function("def total(model):\n    return sum(a.x for a in model.agents)\n"),
            function("def bump(agent, by):\n    agent.x += by\n"),
            function("def bump_all(agents):\n    for a in agents:\n        a.x += 1\n"),
            function("def late(model, agent):\n    agent.x += model.by\n"),
        ),
        behaviors=(function("def grow(self):\n    self.by += 1\n"),),
        parameters=(parameter("by", 1, is_state=True), parameter("fixed", 5)),
        variables=(variable("sum_of_x", "total(self)", "integer"),),
        setup=(CreateAgents(agent_type="Person"), SetVariable(name="sum_of_x")),
        steps=(
            CallFunction(name="grow", arguments=(), path="/1", is_method=True),
            CallFunction(
                name="bump", arguments=(agent, expression("self.by")), path="/2", each_agent=True,
                agent_type="Person",
            ),
            CallFunction(
                name="bump", arguments=(agent, expression("self.fixed")), path="/3", each_agent=True
            ),
            CallFunction(name="bump_all", arguments=(expression("self.agents"),), path="/4"),
            CallFunction(name="late", arguments=(self_, agent), path="/5", each_agent=True),
            CallFunction(name="total", arguments=(self_,), path="/6", stores="sum_of_x"),
        ),
        trackers=(tracker("sum_of_x"), tracker("by")),
    )  # fmt: skip
    bundle = generate(made)
    assert "self.agents.shuffle_do(bump, self.fixed)" in bundle.files["model.py"]
    data = records(run(bundle, tmp_path, steps=1))
    assert data["by"] == [1, 2]
    assert data["sum_of_x"] == [0, 10 * (2 + 5 + 1 + 2)]


def test_functions_for_each_agent_skip_the_removed(tmp_path: Path) -> None:
    code = (
        "def purge(agent, model):\n"
        "    model.acted += 1\n"
        "    for other in list(model.agents):\n"
        "        if other is not agent:\n"
        "            model.kept.append(other)\n"
        "            other.remove()\n"
    )
    purge = CallFunction(
        name="purge", arguments=(expression("agent"), expression("self")), path="/p",
        each_agent=True,
    )  # fmt: skip
    made = program(
        agent_type("Person", is_removed=True),
        agent_type("Stone"),
        functions=(function(code),),
        parameters=(parameter("acted", 0, is_state=True),),
        variables=(variable("kept", "[]", "array"),),
        setup=(
            SetVariable(name="kept"),
            CreateAgents(agent_type="Person"),
            CreateAgents(agent_type="Stone"),
        ),
        steps=(purge,),
    )
    assert run(generate(made), tmp_path, steps=1).acted == 1


def test_parameters_that_have_names_of_functions(tmp_path: Path) -> None:
    made = program(
        agent_type("Person", attributes=(attribute("x", "3"),)),
        parameters=(parameter("len", 1), parameter("mean", 2), parameter("n", 4)),
        variables=(variable("size", "len('four')", "integer"),),
        setup=(SetVariable(name="size"), CreateAgents(agent_type="Person")),
        trackers=(tracker("x", "Person"), tracker("mean")),
    )
    model = run(generate(made), tmp_path, steps=1)
    assert (model.size, model.len) == (4, 1)
    assert records(model)["Person.x.mean"] == [3.0, 3.0]
    assert records(model)["mean"] == [2, 2]


def test_agent_types_that_have_names_of_mesa(tmp_path: Path) -> None:
    made = placed(SPACES["network"], agent_type("Network"), class_name="OrthogonalMooreGrid")
    bundle = generate(made)
    assert "Network as MesaNetwork" in bundle.files["model.py"]
    assert records(run(bundle, tmp_path))["Network.count"] == [10] * 6


def test_arguments_of_agents_have_their_literal_as_default(tmp_path: Path) -> None:
    attributes = (
        attribute("size", "3", is_argument=True),
        attribute("double", "2 * self.size", is_argument=True),
    )
    bundle = generate(program(agent_type("Person", attributes=attributes)))
    assert "def __init__(self, model, size=3, double=None):" in bundle.files["model.py"]
    module = load(bundle, tmp_path)
    model = module.TestModel(seed=1)
    person = module.Person(model, size=5)
    assert (person.size, person.double) == (5, 10)
    assert module.Person(model, double=1).double == 1


def test_imports_are_those_that_are_used() -> None:
    made = wealth(
        functions=(
            function("def root(x):\n    return math.sqrt(x)\n"),
            function("def queue():\n    return deque()\n"),
        ),
        imports=("import math", "import random", "from collections import Counter, deque"),
    )
    tree = ast.parse(generate(made).files["model.py"])
    found = [
        ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == [
        "import math",
        "from collections import deque",
        "from mesa import Agent, DataCollector, Model",
        "from mesa.agent import AgentSet",
    ]


def test_requirements_follow_the_imports() -> None:
    assert generate(wealth()).requirements == ("mesa[network,viz]>=3.3,<4", "ipyvuetify<3")
    bundle = generate(sir())
    assert "networkx>=3.2" in bundle.requirements
    assert bundle.files["requirements.txt"].split() == list(bundle.requirements)


def test_the_source_map_leads_to_the_specification() -> None:
    bundle = generate(wolves(stop_rules=(rule("tick", "3"),)))
    lines = bundle.files["model.py"].splitlines()

    def origin(text: str) -> tuple[str, str]:
        number = next(n for n, line in enumerate(lines, 1) if text in line)
        span = bundle.origin(number)
        assert span is not None
        return span.label, span.path

    assert origin("self.eaten += 1") == ("Wolf.hunt", "/Wolf/1")
    assert origin("self.eaten = 0") == ("Wolf.eaten", "/attribute/eaten")
    assert origin("self.wolves = wolves") == ("TestModel.wolves", "/parameter/wolves")
    assert origin("class Sheep") == ("Sheep", "/agents/Sheep")
    assert origin("if self.tick == 3") == ("stop rule tick", "/r")
    assert bundle.origin(1) is None


def test_the_model_says_what_it_is() -> None:
    text = generate(wolves()).files["model.py"]
    tree = ast.parse(text)
    assert ast.get_docstring(tree) == "A test model.\n\nIt is for tests."
    assert "# Only the ill infect." in generate(sir()).files["model.py"]
    assert all(
        ast.get_docstring(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and node.name not in ("__init__", "move", "breed", "hunt")
    )


def project(made: Program, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    write(generate(made), folder)
    command = [sys.executable, "run.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_run_py_writes_what_it_recorded(tmp_path: Path) -> None:
    made = wolves(
        parameters=(
            parameter("width", 6), parameter("wolves", 3), parameter("csv", "a%b"),
            parameter("fast", True), parameter("share", 0.5, description="100% of \"it\""),
        ),
        trackers=(tracker("energy", "Sheep", level="agent"), tracker("fast", type="boolean")),
    )  # fmt: skip
    arguments = ["--steps", "2", "--seed", "1", "--csv", "out.csv", "--agents-csv", "agents.csv"]
    own = ["--wolves", "2", "--no-fast", "--parameter-csv", "x"]
    done = project(made, tmp_path, *arguments, *own)
    assert done.returncode == 0, done.stderr
    assert "Wolf.count" in done.stdout and "2 steps" in done.stdout
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert [row["step"] for row in rows] == ["0", "1", "2"]
    assert {row["Wolf.count"] for row in rows} == {"2"} and {row["fast"] for row in rows} == {
        "False"
    }
    agents = list(csv.DictReader((tmp_path / "agents.csv").read_text().splitlines()))
    assert list(agents[0]) == ["type", "step", "agent", "energy"]
    shown = subprocess.run(
        [sys.executable, "run.py", "--help"], cwd=tmp_path, capture_output=True, text=True
    )
    assert shown.returncode == 0 and '100% of "it"' in shown.stdout


@pytest.mark.parametrize("name", ["wolves", "sir", "wealth"])
def test_app_py_builds_its_page(name: str, tmp_path: Path) -> None:
    write(generate(MODELS[name]), tmp_path)
    code = "import app; print(type(app.page).__name__, sorted(app.model_params))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"MPLBACKEND": "agg", "PATH": "", "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    names = {"seed"} | {each.name for each in MODELS[name].parameters}
    assert done.stdout == f"Element {sorted(names)}\n"


def test_odd_has_its_seven_elements_and_the_code() -> None:
    text = generate(sir()).files["ODD.md"]
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert [head.split(". ")[0] for head in heads] == [f"## {n}" for n in range(1, 8)]
    assert "def infect(self):" in text
    assert "1. Each living `Person`, in random order, does `infect`." in text
    assert "one on each" in text


def test_an_unknown_target_is_named_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="'netlogo'.*mesa"):
        target_named("netlogo")


def test_what_the_target_lacks_is_named() -> None:
    space = Space(kind="continuous", api="cell")
    with pytest.raises(TargetLacks, match="no continuous space"):
        require_features(program(agent_type(), space=space), MESA)


@pytest.mark.parametrize("value", ["text", 1, None, ["x"]])
def test_templates_print_code_only(value: object) -> None:
    template = environment("mesa").from_string("{{ value }}")
    with pytest.raises(TypeError, match="may print only Code"):
        template.render(value=value)

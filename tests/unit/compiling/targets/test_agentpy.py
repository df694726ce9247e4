"""What becomes of code in the one dialect on its way to AgentPy, before and after."""

import importlib.util
import subprocess
import sys
from typing import Any

import agentpy
import pytest

from abm_quant.compiling.render import render
from abm_quant.compiling.targets.agentpy import AGENTPY
from abm_quant.compiling.targets.agentpy_dialect import names
from abm_quant.contracts.program import AgentType, CallFunction, Program, SetVariable
from abm_quant.errors import TargetLacks
from generated import (
    SPEC,
    activate,
    agent_type,
    attribute,
    expression,
    function,
    parameter,
    program,
    tracker,
    variable,
)


def model_of(made: Program) -> str:
    """Give the generated model.py."""
    return render(made, AGENTPY, SPEC).files["model.py"]


def body(source: str, name: str) -> str:
    """Give the statements of a function, without its docstring and indentation."""
    lines = source.split("\n")
    start = next(n for n, line in enumerate(lines) if f"def {name}(" in line)
    margin = len(lines[start]) - len(lines[start].lstrip()) + 4
    found = []
    for line in lines[start + 1 :]:
        if line.strip() and not line.startswith(" " * margin):
            break
        found.append(line[margin:])
    while found and '"""' in found[0]:
        found.pop(0)
    return "\n".join(found).strip()


WOLF = agent_type("Wolf", attributes=(attribute("energy", "1", is_argument=True),))


def of_agent(code: str, *types: AgentType, **more: Any) -> str:
    """Give what becomes of the statements of a wolf's behavior."""
    lines = "\n".join(f"    {line}" for line in code.split("\n"))
    wolf = agent_type(
        "Wolf",
        f"def act(self):\n{lines}",
        attributes=WOLF.attributes,
        is_removed=more.pop("is_removed", False),
    )
    made = program(wolf, *types, steps=(activate("Wolf", "act"),), **more)
    return body(model_of(made), "act")


ONE_TYPE = {
    "a parameter": ("self.energy += self.model.gain", "self.energy += self.p.gain"),
    "a parameter of an alias": ("m = self.model\nx = m.gain", "m = self.model\nx = m.p.gain"),
    "a name of dictionaries": ("x = self.model.items", 'x = self.p["items"]'),
    "chance": ("x = self.random.random()", "x = self.model.random.random()"),
    "an array of chance": ("x = self.rng.normal()", "x = self.model.nprandom.normal()"),
    "time": ("x = self.model.tick + self.model.steps", "x = self.model.t + self.model.t"),
    "an id": ("x = self.unique_id % 2", "x = self.id % 2"),
    "all agents": ("x = len(self.model.agents)", "x = len(self.model.agents)"),
    "agents of a type": ("x = self.model.agents_by_type[Wolf]", "x = self.model.agents"),
    "agents of no type": ("x = self.model.agents_by_type.get(Wolf, [])", "x = self.model.agents"),
    "a birth": (
        "Wolf(self.model, energy=2)",
        "self.model.agents.append(Wolf(self.model, energy=2))",
    ),
    "a birth with a name": (
        "pup = Wolf(self.model)\npup.energy = 3",
        "pup = Wolf(self.model)\nself.model.agents.append(pup)\npup.energy = 3",
    ),
    "many births": (
        "Wolf.create_agents(self.model, 3, energy=[1, 2, 3])",
        "self.model.agents.extend(\n"
        "    ap.AgentList(self.model, 3, Wolf, energy=ap.AttrIter([1, 2, 3]))\n)",
    ),
    "the end": ("self.model.running = False", "self.model.stop()"),
    "values": (
        'x = self.model.agents.get("energy")',
        "x = [agent.energy for agent in self.model.agents]",
    ),
    "a sum": (
        'x = self.model.agents.agg("energy", sum)',
        "x = sum([agent.energy for agent in self.model.agents])",
    ),
    "a selection": (
        "weak = self.model.agents.select(lambda w: w.energy < 2)\nx = len(weak)",
        "weak = [w for w in self.model.agents if w.energy < 2]\nx = len(weak)",
    ),
    "the first of a selection": (
        "weak = self.model.agents.select(lambda w: w.energy < 2, at_most=3)",
        "weak = [w for w in self.model.agents if w.energy < 2][:3]",
    ),
    "a sorting": (
        'x = self.model.agents.sort("energy")',
        "x = sorted(self.model.agents, key=lambda agent: agent.energy, reverse=True)",
    ),
    "a shuffling": (
        "for wolf in self.model.agents.shuffle():\n    wolf.energy = 1",
        "for wolf in self.model.agents.shuffle():\n    wolf.energy = 1",
    ),
    "a shuffling that is kept": (
        "x = self.model.agents.shuffle()",
        "x = self.model.random.sample(self.model.agents, len(self.model.agents))",
    ),
    "an activation": (
        'self.model.agents.shuffle_do("howl", 2)',
        "self.model.agents.shuffle().howl(2)",
    ),
    "an activation of some": (
        'weak = self.model.agents.select(lambda w: w.energy < 2)\nweak.do("howl")',
        "weak = [w for w in self.model.agents if w.energy < 2]\n"
        "for agent in weak:\n    agent.howl()",
    ),
    "an activation with a function": (
        "self.model.agents.do(lambda w: w.howl())",
        "for w in self.model.agents:\n    w.howl()",
    ),
    "a change of all": (
        'self.model.agents.set("energy", 0)',
        "for agent in self.model.agents:\n    agent.energy = 0",
    ),
    "a list of another thing": ('x = {"a": 1}.get("a")', 'x = {"a": 1}.get("a")'),
    "a class of the framework": (
        "x = isinstance(self, Agent)",
        "x = isinstance(self, ap.Agent)",
    ),
}


@pytest.mark.parametrize(("before", "after"), ONE_TYPE.values(), ids=list(ONE_TYPE))
def test_code_of_an_agent(before: str, after: str) -> None:
    given = (parameter("gain", 2), parameter("items", 1))
    imports = ("from mesa import Agent",)
    assert of_agent(before, parameters=given, imports=imports) == after


def test_loops_leave_out_agents_that_they_remove() -> None:
    before = "for wolf in self.model.agents_by_type[Wolf]:\n    wolf.remove()"
    after = "for wolf in self.model.agents.buffer():\n    wolf.remove()"
    assert of_agent(before, is_removed=True) == after
    assert of_agent('self.model.agents.do("howl")', is_removed=True) == (
        "self.model.agents.buffer().howl()"
    )


def test_several_types_have_a_list_each() -> None:
    sheep = agent_type("Sheep")
    assert of_agent("x = self.model.agents_by_type[Sheep]", sheep) == "x = self.model.sheep"
    assert of_agent("Wolf(self.model)", sheep) == "self.model.wolves.append(Wolf(self.model))"
    code = "def act(self):\n    return [len(self.model.agents_by_type[t]) for t in (Wolf, Sheep)]"
    source = model_of(program(agent_type("Wolf", code), sheep))
    assert "return {Wolf: self.wolves, Sheep: self.sheep}" in source
    whole = model_of(program(agent_type("Wolf", "def act(self):\n    self.model.agents"), sheep))
    assert "return ap.AgentList(self, [*self.wolves, *self.sheep])" in whole


@pytest.mark.parametrize(
    "code",
    [
        'self.model.agents.groupby("energy")',
        'self.model.agents.sort("energy", inplace=True)',
        "self.model.agents.select(at_most=0.5)",
        "DataCollector()",
    ],
)
def test_what_agentpy_lacks_is_refused_by_name(code: str) -> None:
    with pytest.raises(TargetLacks, match=r"AgentPy"):
        of_agent(f"x = {code}", imports=("from mesa import DataCollector",))


def test_parameters_that_change_or_are_watched_are_copied() -> None:
    code = "def act(self):\n    self.model.price += self.model.gain"
    made = program(
        agent_type("Wolf", code),
        parameters=(
            parameter("price", 1.5, is_state=True),
            parameter("gain", 2),
            parameter("tax", 3),
        ),
        trackers=(tracker("tax"),),
        steps=(activate("Wolf", "act"),),
    )
    source = model_of(made)
    assert body(source, "act") == "self.model.price += self.p.gain"
    assert "self.price = self.p.price" in source and "self.tax = self.p.tax" in source
    assert "self.gain" not in source


def test_a_parameter_behind_an_unknown_name_is_copied() -> None:
    code = function("def measure(world):\n    return world.gain")
    made = program(WOLF, parameters=(parameter("gain", 2),), functions=(code,))
    assert "self.gain = self.p.gain" in model_of(made)


def test_names_that_agentpy_uses_are_renamed_but_their_series_are_not() -> None:
    code = "def record(self):\n    self.type = self.model.log\n    self.model.log += 1"
    wolf = agent_type("Wolf", code, attributes=(attribute("type", '"grey"', "string"),))
    made = program(
        wolf,
        variables=(variable("log", "0"),),
        setup=(SetVariable(name="log"), *program(wolf).setup),
        trackers=(tracker("log"),),
        steps=(activate("Wolf", "record"),),
    )
    source = model_of(made)
    assert body(source, "record_") == "self.type_ = self.model.log_\nself.model.log_ += 1"
    assert 'self.record("log", self.log_)' in source
    assert 'self.type_ = "grey"' in source


def is_ours(member: Any) -> bool:
    """Tell what a model that is recorded in this process has left in AgentPy's classes."""
    return str(getattr(member, "__module__", "")).startswith("abm_quant")


def test_names_that_agentpy_uses_are_all_known() -> None:
    model = agentpy.Model()
    assert {name for name in dir(model) if name[0] != "_"} <= names.MODEL_NAMES
    assert {name for name in dir(agentpy.Agent(model)) if name[0] != "_"} <= names.AGENT_NAMES
    kinds = (agentpy.AgentList, agentpy.AgentDList, agentpy.AgentDListIter)
    lists = {name for kind in kinds for name in dir(kind) if not is_ours(getattr(kind, name))}
    assert {name for name in lists if name[0] != "_"} <= names.LIST_NAMES | {"items"}


def test_behaviors_with_names_of_lists_are_called_one_by_one() -> None:
    wolf = agent_type("Wolf", "def sort(self):\n    pass")
    source = model_of(program(wolf, steps=(activate("Wolf", "sort"),)))
    assert "for wolf in self.agents.shuffle():\n            wolf.sort()" in source


@pytest.mark.parametrize(
    ("word", "many"),
    [
        ("wolf", "wolves"),
        ("sheep", "sheep"),
        ("person", "people"),
        ("grass_patch", "grass_patches"),
        ("city", "cities"),
        ("salesperson", "salespeople"),
        ("policeman", "policemen"),
        ("human", "humans"),
        ("bus", "buses"),
        ("boy", "boys"),
    ],
)
def test_plurals(word: str, many: str) -> None:
    assert names.plural(word) == many


def test_an_agent_that_reads_its_own_list_while_it_is_set_up_is_on_it() -> None:
    place = attribute("place", "len(self.model.agents)")
    made = program(agent_type("Wolf", attributes=(place,)))
    model = run_model(made)
    assert [wolf.place for wolf in model.agents] == list(range(1, 11))


def run_model(made: Program, steps: int = 0) -> Any:
    """Give the generated model after some steps."""
    scope: dict[str, Any] = {}
    exec(model_of(made), scope)
    model = scope[made.class_name](scope["PARAMETERS"])
    model.sim_setup(seed=1)
    for _ in range(steps):
        model.sim_step()
    return model


def test_newborns_wait_and_the_removed_stop_at_once() -> None:
    act = (
        "def act(self):\n    self.model.acted.append(self.unique_id)\n"
        "    Wolf(self.model)\n"
        "    for other in list(self.model.agents):\n"
        "        if other.unique_id == 2 and self.unique_id != 2:\n            other.remove()"
    )
    wolf = agent_type("Wolf", act, count=expression("3"), is_removed=True)
    made = program(
        wolf,
        variables=(variable("acted", "[]", "array"),),
        setup=(SetVariable(name="acted"), *program(wolf).setup),
        steps=(activate("Wolf", "act"),),
    )
    model = run_model(made, 1)
    assert sorted(model.acted) in ([1, 3], [1, 2, 3])
    assert (2 in model.acted) == (model.acted[0] == 2)
    assert len(model.agents) == 2 + len(model.acted)


def test_functions_for_all_agents_leave_out_the_removed_of_any_type() -> None:
    hunt = function(
        "def hunt(agent):\n    agent.model.seen += 1\n"
        "    for other in list(agent.model.agents):\n"
        "        if other is not agent:\n            other.remove()"
    )
    types = (agent_type("Wolf", is_removed=True), agent_type("Sheep", is_removed=True))
    made = program(
        *types,
        variables=(variable("seen", "0"),),
        setup=(SetVariable(name="seen"), *program(*types).setup),
        functions=(hunt,),
        steps=(
            CallFunction(
                name="hunt", arguments=(expression("agent"),), path="/step", each_agent=True
            ),
        ),
    )
    model = run_model(made, 1)
    assert (model.seen, len(model.agents), len(model.wolves) + len(model.sheep)) == (1, 1, 1)


def test_what_is_recorded_is_recorded_at_its_time() -> None:
    wolf = agent_type(
        "Wolf", "def act(self):\n    self.energy += 1", attributes=(attribute("energy", "1"),)
    )
    made = program(
        wolf,
        steps=(activate("Wolf", "act"),),
        trackers=(
            tracker("energy", "Wolf", at_start=True),
            tracker("energy", "Wolf"),
            tracker("energy", "Wolf", level="agent"),
        ),
    )
    model = run_model(made, 3)
    assert model.log["Wolf.energy.mean"] == [1, 1, 2, 3]
    assert model.log["Wolf.energy.mean (end)"] == [1, 2, 3, 4]
    assert {tuple(agent.log["energy"]) for agent in model.agents} == {(1, 2, 3, 4)}


def test_the_service_does_not_load_agentpy() -> None:
    code = "import abm_quant.pipeline, sys; sys.exit('agentpy' in sys.modules)"
    assert importlib.util.find_spec("agentpy") is not None
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""Each habit of AgentPy's authors, before and after."""

import textwrap
from typing import Any

import libcst as cst
import pytest

from abm_quant.compiling.behaviors.lifecycle import stated
from abm_quant.compiling.behaviors.pieces import Pieces
from abm_quant.compiling.behaviors.translating import translate_pieces
from abm_quant.compiling.naming.declaring import names_of
from abm_quant.contracts.spec import ModelSpec
from small_specs import attribute, behavior, function, variable, wire, world_behavior

AGENT, WORLD, FUNCTION = "agent", "world", "function"
GRID = "model.grid = ap.Grid(model, (9, 9))"
EMPTY = "model.grid = ap.Grid(model, (9, 9), track_empty=True)\n    model.grid.add_agents(model.agents, random=True, empty=True)"
TORUS = "model.grid = ap.Grid(model, (9, 9), torus=True)"
NETWORK = "model.net = ap.Network(model, nx.complete_graph(5))"
SPACE = "model.space = ap.Space(model, shape=(9, 9), torus=True)"
FIELD = "model.space = ap.Space(model, shape=(9, 9))"


def pieces_of(where: str, code: str, *, builds: str = "") -> Pieces:
    """Give the translated code of a small AgentPy model, whose function `build` makes its space."""
    text = textwrap.dedent(code).strip("\n")
    behaviors = [behavior(text)] if where == AGENT else []
    functions = [function(text)] if where == FUNCTION else []
    if builds:
        functions.append(function(f"def build(model):\n    {builds}\n    model.built = 1"))
    raw: dict[str, Any] = wire(
        variables=[variable("price", 1), variable("total", 0)],
        attributes=[attribute("energy", 0), attribute("mood", "calm", "string")],
        behaviors=behaviors,
        functions=functions,
        world_behaviors=[world_behavior(text)] if where == WORLD else [],
    )
    raw["abmLibrary"] = {"name": "agentpy"}
    lifecycle = stated(ModelSpec.model_validate(raw))
    counts = {"Walker": "initial_walker_count"}
    return translate_pieces(names_of(lifecycle.spec), counts, lifecycle=lifecycle)


def translated(where: str, code: str, *, builds: str = "") -> str:
    """Give the function `act` in the one dialect."""
    found = pieces_of(where, code, builds=builds).by_path.values()
    piece = next(each for each in found if each.declared.name == "act")
    return cst.Module([piece.definition]).code


PARAMETERS = [
    (AGENT, "x = self.p.price", "x = self.model.price"),
    (AGENT, "x = self.model.p.price", "x = self.model.price"),
    (AGENT, "x = self.p['price']", "x = self.model.price"),
    (AGENT, "x = self.p.get('price', 3)", "x = self.model.price"),
    (AGENT, "x = self.p.get('unknown', 3)", "x = 3"),
    (AGENT, "p = self.p\n    x = p.price", "x = self.model.price"),
    (AGENT, "for name in 'ab':\n        x = self.p[name]", "x = getattr(self.model, name)"),
    (WORLD, "x = self.p.price", "x = self.price"),
    (FUNCTION, "x = model.p.price", "x = model.price"),
    (AGENT, "x = self.model.t", "x = self.model.steps"),
    (WORLD, "x = self.t", "x = self.steps"),
    (AGENT, "x = self.id", "x = self.unique_id"),
    (AGENT, "x = self.type", "x = type(self).__name__"),
    (AGENT, "x = self.model.nprandom.random()", "x = self.model.rng.random()"),
    (AGENT, "self['energy'] = 2", "self.energy = 2"),
    (WORLD, "for name in ('a', 'b'):\n        self[name] = 2", "setattr(self, name, 2)"),
]
RECORDS = [
    (WORLD, "self.record('total', 3)", "self.total = 3"),
    (WORLD, "self.report('total', 3)", "self.total = 3"),
    (WORLD, "x = 1\n    self.record('total')", "x = 1\n"),
    (WORLD, "x = 1\n    self.agents.record('energy')", "x = 1\n"),
    (WORLD, "self.stop()", "self.running = False"),
    (AGENT, "self.model.stop()", "self.model.running = False"),
]
LISTS = [
    (WORLD, "x = sum(self.agents.energy)", "sum(walker.energy for walker in self.agents)"),
    (WORLD, "x = max(self.agents.energy)", "max(walker.energy for walker in self.agents)"),
    (WORLD, "x = len(self.agents.energy)", "x = len(self.agents)"),
    (WORLD, "x = list(self.agents.energy)", "[walker.energy for walker in self.agents]"),
    (
        WORLD,
        "x = np.mean(self.agents.energy)",
        "np.mean([walker.energy for walker in self.agents])",
    ),
    (WORLD, "x = self.agents.energy[0]", "x = self.agents[0].energy"),
    (WORLD, "x = self.agents.energy * 2", "[walker.energy * 2 for walker in self.agents]"),
    (WORLD, "x = sum(self.agents.mood == 'calm')", "sum(walker.mood == 'calm' for walker in"),
    (
        WORLD,
        "x = self.agents.select(self.agents.energy > self.p.price)",
        "self.agents.select(lambda walker: walker.energy > self.price)",
    ),
    (
        WORLD,
        "x = self.agents.select((self.agents.energy > 1) & (self.agents.mood == 'calm'))",
        "lambda walker: (walker.energy > 1) and (walker.mood == 'calm')",
    ),
    (WORLD, "self.agents.energy = 1", "for walker in self.agents:\n        walker.energy = 1"),
    (WORLD, "self.agents.energy += 1", "for walker in self.agents:\n        walker.energy += 1"),
    (
        WORLD,
        "self.agents.energy = self.agents.energy * 2",
        "for walker in self.agents:\n        walker.energy = walker.energy * 2",
    ),
    (
        WORLD,
        "self.agents.energy = self.random.random()",
        "energy = self.random.random()\n    for walker in self.agents:\n        walker.energy = energy",
    ),
    (WORLD, "self.agents.eat(2)", 'self.agents.do("eat", 2)'),
    (WORLD, "self.agents.shuffle().eat()", 'self.agents.shuffle_do("eat")'),
    (WORLD, "x = self.agents.eat()", "x = [walker.eat() for walker in self.agents]"),
    (WORLD, "if self.t: self.agents.energy = 1", "        for walker in self.agents:"),
    (AGENT, "other = self.model.agents.random()", "other = self.random.choice(self.model.agents)"),
    (
        AGENT,
        "x = self.model.agents.random().energy",
        "self.random.choice(self.model.agents).energy",
    ),
    (WORLD, "x = self.agents.random(3)", "x = self.random.sample(list(self.agents), 3)"),
    (
        WORLD,
        "x = self.agents.random(3, replace=True)",
        "self.random.choices(list(self.agents), k=3)",
    ),
    (WORLD, "self.agents.sort('energy')", "sort('energy', ascending=True, inplace=True)"),
    (WORLD, "x = self.agents.to_list()", "x = list(self.agents)"),
    (WORLD, "self.agents.append(Walker(self))", "    Walker(self)\n"),
    (WORLD, "new = Walker(self)\n    self.agents.append(new)", "    new = Walker(self)\n"),
    (AGENT, "self.model.agents.remove(self)", "    self.remove()\n"),
    (WORLD, "self.agents.extend(ap.AgentList(self, 3, Walker))", "Walker.create_agents(self, 3)"),
    (
        WORLD,
        "self.agents = self.agents.select(self.agents.energy > 0)",
        'self.agents.select(lambda walker: not (walker.energy > 0)).do("remove")',
    ),
    (
        WORLD,
        "calm = [a for a in self.agents if a.energy]\n    calm.mood = 'calm'",
        "for walker in calm:\n        walker.mood = 'calm'",
    ),
    (
        WORLD,
        "self.agents = ap.AgentList(self, 5, Walker, energy=3)",
        "for walker in self.agents:\n        walker.energy = 3",
    ),
]
SPACES = [
    (
        GRID,
        "x = self.model.grid.neighbors(self)",
        "get_neighbors(self.pos, moore=True, include_center=True) if other is not self]",
    ),
    (
        GRID,
        "x = [n for n in self.model.grid.neighbors(self) if n.energy]",
        "include_center=True) if n is not self and n.energy]",
    ),
    (EMPTY, "x = self.model.grid.neighbors(self, distance=2)", "include_center=False, radius=2)"),
    (
        GRID,
        "self.model.grid.move_by(self, (1, 0))",
        "(min(max(self.pos[0] + 1, 0), self.model.grid.width - 1), min(max(self.pos[1] + 0, 0)",
    ),
    (TORUS, "self.model.grid.move_by(self, (1, 0))", "(self, (self.pos[0] + 1, self.pos[1] + 0))"),
    (TORUS, "self.model.grid.move_to(self, (1, 0))", "self.model.grid.move_agent(self, (1, 0))"),
    (
        EMPTY,
        "self.model.grid.move_to(self, self.model.random.choice(self.model.grid.empty))",
        "self.model.grid.move_to_empty(self)",
    ),
    (GRID, "x = self.model.grid.positions[self]", "x = self.pos"),
    (GRID, "x = self.model.grid.shape[0]", "x = self.model.grid.width"),
    (GRID, "self.model.grid.remove_agents(self)", "self.model.grid.remove_agent(self)"),
    (
        GRID,
        "x = self.model.grid.agents[0:2, 3]",
        "[walker for walker in self.model.agents if walker.pos[0] < 2 and walker.pos[1] == 3]",
    ),
    (
        GRID,
        "x = self.model.grid.agents[1, 3]",
        "self.model.grid.get_cell_list_contents([(1, 3)])",
    ),
    (
        GRID,
        "child = Walker(self.model)\n    self.model.grid.add_agents([child], positions=[(1, 1)])",
        "self.model.grid.place_agent(child, (1, 1))",
    ),
    (
        NETWORK,
        "x = self.model.net.neighbors(self).to_list()",
        "x = self.model.grid.get_neighbors(self.pos, include_center=False)",
    ),
    (NETWORK, "x = self.model.net.graph.degree(1)", "x = self.model.grid.G.degree(1)"),
    (SPACE, "x = self.model.space.neighbors(self, 3)", "get_neighbors(self.pos, 3, include_center"),
    (SPACE, "self.model.space.move_by(self, (1, 2))", "tuple(np.add(self.pos, (1, 2))))"),
    (FIELD, "self.model.space.move_by(self, (1, 2))", "tuple(np.clip(np.add(self.pos, (1, 2)), 0,"),
]


@pytest.mark.parametrize(("where", "before", "after"), [*PARAMETERS, *RECORDS, *LISTS])
def test_a_habit_of_agentpy_becomes_plain_mesa(where: str, before: str, after: str) -> None:
    parameter = "model" if where == FUNCTION else "self"
    code = translated(where, f"def act({parameter}):\n    {before}")
    assert after in code, code
    assert "ap." not in code and ".p." not in code and ".record(" not in code


@pytest.mark.parametrize(("builds", "before", "after"), SPACES)
def test_a_space_of_agentpy_becomes_one_of_mesa(builds: str, before: str, after: str) -> None:
    code = translated(AGENT, f"def act(self):\n    {before}", builds=builds)
    assert after in code, code


def test_what_builds_the_space_is_left_out_with_its_comments() -> None:
    code = """
        def act(model):
            # Make the grid
            model.grid = ap.Grid(model, [9] * 2)
            model.grid.add_agents(model.agents, random=True)
            model.total = 1  # one
    """
    assert translated(FUNCTION, code) == "def act(model):\n    model.total = 1  # one\n"


def test_a_function_of_which_nothing_is_left_is_left_out_with_its_calls() -> None:
    code = "def act(model):\n    model.grid = ap.Grid(model, (9, 9))"
    pieces = pieces_of(FUNCTION, code)
    assert "act" not in {each.declared.name for each in pieces.by_path.values()}
    assert any("Nothing is left" in each.message for each in pieces.problems)


def test_what_has_no_counterpart_is_an_error_that_says_what_to_write() -> None:
    found = pieces_of(
        AGENT, "def act(self):\n    x = self.model.grid.attr_grid('energy')", builds=GRID
    )
    lacking = [each for each in found.problems if each.code == "no-counterpart"]
    assert "comprehension" in lacking[0].message

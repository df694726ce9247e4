"""Each habit of authors, before and after."""

import textwrap

import libcst as cst
import pytest

from abm_quant.compiling.behaviors.translating import translate_pieces
from abm_quant.compiling.naming.declaring import names_of
from abm_quant.contracts.spec import ModelSpec

AGENT, WORLD, FUNCTION = "agent", "world", "function"


def spec_with(where: str, code: str, *, inputs: list[str] | None = None) -> ModelSpec:
    """Give a small model in which one piece of code stands at one place."""
    given = [{"name": name, "type": "object"} for name in inputs or []]
    piece = {"name": "act", "description": "", "executionMode": "per-agent", "code": code}
    variables = [
        {"name": name, "type": "number", "initialValue": 1, "sourceName": f"globalVariable.{name}"}
        for name in ("price", "count", "steps")
    ]
    helper = {
        "name": "tally",
        "sourceName": "globalFunction.tally",
        "executionMode": "model-once",
        "code": "def tally(model, kind):\n    return kind",
    }
    functions = [helper]
    if where == FUNCTION:
        function = {**piece, "executionMode": "model-once", "sourceName": "globalFunction.act"}
        functions.append({**function, "functionInputs": given})
    source = {AGENT: "agent.Wolf.agentBehavior.act", WORLD: "environment.environmentBehavior.act"}
    behavior = {**piece, "inputs": given, "sourceName": source.get(where, "")}
    return ModelSpec.model_validate(
        {
            "codingLanguage": "python",
            "globalFunctions": functions,
            "globalVariables": variables,
            "environment": {
                "name": "w",
                "topology": {"type": "none"},
                "environmentAttributes": [
                    {
                        "name": "heat",
                        "type": "number",
                        "initialValue": 1,
                        "sourceName": "environment.environmentAttribute.heat",
                    }
                ],
                "environmentBehaviors": [behavior] if where == WORLD else [],
            },
            "agents": [
                [
                    {
                        "initialCount": 5,
                        "agentAttributes": [
                            {
                                "name": "energy",
                                "type": "number",
                                "initialValue": 1,
                                "sourceName": "agent.Wolf.agentAttribute.energy",
                            }
                        ],
                        "agentBehaviors": [behavior] if where == AGENT else [],
                    }
                ]
            ],
            "terminationCriteria": {"maxSteps": 5},
            "scheduler": {},
        }
    )


def translated(where: str, code: str, **kwargs: list[str]) -> str:
    """Give the code in the one dialect."""
    spec = spec_with(where, textwrap.dedent(code).strip("\n"), **kwargs)
    pieces = translate_pieces(names_of(spec), {"Wolf": "initial_wolf_count"})
    piece = next(each for each in pieces.by_path.values() if each.declared.name == "act")
    return cst.Module([piece.definition]).code


HABITS = [
    # sourceNames as Python
    (AGENT, "def act(self):\n    globalVariable.price += 1", "self.model.price += 1"),
    (AGENT, "def act(self):\n    agent.Wolf.agentAttribute.energy -= 1", "self.energy -= 1"),
    (AGENT, "def act(self):\n    x = environment.environmentAttribute.heat", "x = self.model.heat"),
    (AGENT, "def act(self):\n    n = agent.Wolf.initialCount", "n = self.model.initial_wolf_count"),
    (WORLD, "def act(self):\n    globalVariable.price = 2", "self.price = 2"),
    (WORLD, "def act(self):\n    globalFunction.tally('a')", "tally(self, 'a')"),
    (FUNCTION, "def act():\n    return globalVariable.price", "def act(model):"),
    (FUNCTION, "def act():\n    return globalVariable.price", "return model.price"),
    # bare names
    (AGENT, "def act(self):\n    count += 1", "self.model.count += 1"),
    (AGENT, "def act(self):\n    global count\n    count = 1", "self.model.count = 1"),
    (AGENT, "def act(self):\n    count = 2", "self.model.count = 2"),
    (AGENT, "def act(self):\n    count = 2\n    return count", "return count"),
    (AGENT, "def act(self):\n    energy -= price", "self.energy -= self.model.price"),
    (AGENT, "def act(self, price):\n    self.energy = price", "self.energy = price"),
    (AGENT, "def act(self):\n    self.f(price=price)", "self.f(price=self.model.price)"),
    (
        AGENT,
        "def act(self):\n    return [price for price in (1, 2)]",
        "[price for price in (1, 2)]",
    ),
    # Mesa 2
    (AGENT, "def act(self):\n    n = self.model.schedule.steps", "n = self.model.steps"),
    (AGENT, "def act(self):\n    n = len(self.model.schedule.agents)", "len(self.model.agents)"),
    (AGENT, "def act(self):\n    self.model.schedule.remove(self)", "self.remove()"),
    (
        AGENT,
        "def act(self):\n    a = Wolf(self.model.next_id(), self.model)\n    self.model.schedule.add(a)",
        "a = Wolf(self.model)",
    ),
    (WORLD, "def act(self):\n    t = self.model.schedule.time", "t = self.steps"),
    (WORLD, "def act(self):\n    n = self.schedule.get_agent_count()", "n = len(self.agents)"),
    (
        AGENT,
        "def act(self):\n    a = random.choice(self.model.schedule.agents)",
        "a = self.random.choice(list(self.model.agents))",
    ),
    (
        AGENT,
        "def act(self):\n    a = self.model.get_agents_of_type(Wolf)",
        "a = self.model.agents_by_type[Wolf]",
    ),
    (
        AGENT,
        "def act(self):\n    n = self.model.schedule.get_type_count(Wolf)",
        "n = len(self.model.agents_by_type[Wolf])",
    ),
    (
        AGENT,
        "def act(self):\n    for a in self.model.schedule.agents_by_type[Wolf].values():\n        a",
        "for a in self.model.agents_by_type[Wolf]:",
    ),
    (
        AGENT,
        "def act(self):\n    a = self.model.schedule._agents.values()",
        "a = self.model.agents",
    ),
    (
        AGENT,
        "def act(self):\n    n = self.model.grid.get_neighbors(self.pos)\n"
        "    return self.model.grid.get_cell_list_contents(n)",
        "n = self.model.grid.get_neighborhood(self.pos)",
    ),
    (
        AGENT,
        "def act(self):\n    g = self.model.grid\n"
        "    return g.get_cell_list_contents(g.get_neighbors(self.pos, False))",
        "g.get_cell_list_contents(g.get_neighborhood(self.pos, False))",
    ),
    (
        AGENT,
        "def act(self):\n    n = self.model.grid.get_neighbors(self.pos)\n"
        "    self.model.grid.get_cell_list_contents(n)\n    return n[0].energy",
        "n = self.model.grid.get_neighbors(self.pos)",
    ),
    (
        AGENT,
        "def act(self):\n    self.model.schedule.add(Wolf(self.model.next_id(), self.model))",
        "    Wolf(self.model)",
    ),
    (WORLD, "def act(self):\n    self.running = True\n    self.heat = 1", "):\n    self.heat = 1"),
    (WORLD, "def act(self):\n    super().step()\n    self.heat = 1", "):\n    self.heat = 1"),
    # random numbers
    (AGENT, "def act(self):\n    x = random.random()", "x = self.random.random()"),
    (
        AGENT,
        "def act(self):\n    import random\n    x = random.random()",
        "x = self.random.random()",
    ),
    (
        AGENT,
        "def act(self):\n    from random import choice\n    x = choice([1])",
        "x = self.random.choice([1])",
    ),
    (AGENT, "def act(self):\n    x = np.random.rand()", "x = self.model.rng.random()"),
    (AGENT, "def act(self):\n    x = np.random.rand(2, 3)", "self.model.rng.random((2, 3))"),
    (AGENT, "def act(self):\n    x = np.random.randint(5)", "self.model.rng.integers(5)"),
    (FUNCTION, "def act():\n    return random.random()", "return model.random.random()"),
    (FUNCTION, "def act():\n    return np.random.rand()", "return model.rng.random()"),
    (FUNCTION, "def act():\n    return np.random.rand()", "def act(model):"),
    (
        FUNCTION,
        "def act(n):\n    return nx.barabasi_albert_graph(n, 2)",
        "nx.barabasi_albert_graph(n, 2, seed = model.random.randrange(2**32))",
    ),
    (
        WORLD,
        "def act(self):\n    return nx.erdos_renyi_graph(9, p=0.1)",
        "nx.erdos_renyi_graph(9, p=0.1, seed = self.random.randrange(2**32))",
    ),
    (WORLD, "def act(self):\n    nx.gnp_random_graph(9, 0.1, 5)", "gnp_random_graph(9, 0.1, 5)"),
    (WORLD, "def act(self):\n    nx.gnp_random_graph(9, 0.1, seed=5)", "(9, 0.1, seed=5)"),
    (FUNCTION, "def act(agent):\n    return agent.energy", "def act(agent):"),
    (AGENT, "def act(self):\n    r = random.Random(42)\n    r.random()", "r = self.random\n"),
    (WORLD, "def act(self):\n    g = np.random.default_rng(1)", "g = self.rng"),
    (
        WORLD,
        "def act(self):\n    g = np.random.RandomState(1)",
        "np.random.RandomState(self.random.randrange(2**32))",
    ),
    (FUNCTION, "def act():\n    return rng.integers(5)", "return model.rng.integers(5)"),
    (FUNCTION, "def act(rng):\n    return rng.integers(5)", "return rng.integers(5)"),
    # paths through the environment
    (AGENT, "def act(self):\n    x = self.model.environment.heat", "x = self.model.heat"),
    (AGENT, "def act(self):\n    x = environment.heat", "x = self.model.heat"),
    (WORLD, "def act(self):\n    x = self.model.heat", "x = self.heat"),
    # other spellings, and the names after `def`
    (AGENT, "def act(self):\n    self.Energy = 1", "self.energy = 1"),
    (AGENT, "def act(self):\n    x = self.model.Heat", "x = self.model.heat"),
    (AGENT, "def act(self):\n    x = self.heat", "x = self.model.heat"),
    (AGENT, "def act(self):\n    self.heat = 3\n    x = self.heat", "x = self.heat"),
    (AGENT, "def do_it(self):\n    self.do_it()", "self.act()"),
    (AGENT, "def act(self):\n    x = Price * 2", "x = self.model.price * 2"),
    (AGENT, "def act(self):\n    f(Price=1)", "f(Price=1)"),
    (AGENT, "def act(self):\n    globalVariable.births += 1", "self.model.births += 1"),
    (AGENT, "def act(self):\n    agent.Wolf.agentAttribute.age = 1", "self.age = 1"),
    # bare names of the model, where the author writes them so
    (WORLD, "def act(self):\n    count = price\n    return count", "return self.count"),
    (WORLD, "def act(self):\n    for count in [price]:\n        x = count", "x = count"),
    (WORLD, "def act(self):\n    count = self.count + price\n    return count", "return count"),
    # functions that nobody declares
    (AGENT, "def act(self):\n    x = randomUniform(0, 1)", "x = self.random.uniform(0, 1)"),
    (AGENT, "def act(self):\n    x = getRandomInt(1, 6)", "x = self.random.randint(1, 6)"),
    (AGENT, "def act(self):\n    x = getPrice()", "x = self.model.price"),
    (AGENT, "def act(self):\n    x = get_price(self.model)", "x = self.model.price"),
    # unique ids from 0
    (
        AGENT,
        "def act(self):\n    n = self.model.schedule.steps\n    x = self.unique_id < 5",
        "x = (self.unique_id - 1) < 5",
    ),
    (
        AGENT,
        "def act(self):\n    n = self.model.schedule.steps\n    x = [1][self.unique_id % 2]",
        "[(self.unique_id - 1) % 2]",
    ),
    (
        AGENT,
        "def act(self):\n    a = self.model.schedule.agents\n    x = a[0].unique_id == self.unique_id",
        "x = a[0].unique_id == self.unique_id",
    ),
    (AGENT, "def act(self):\n    x = self.unique_id < 5", "x = self.unique_id < 5"),
    # names of the framework
    (AGENT, "def act(self):\n    x = globalVariable.steps", "x = self.model.steps_value"),
    # shapes of code
    (AGENT, "```python\ndef act(self):\n    return 1\n```", "def act(self):"),
    (AGENT, "def something_else(self):\n    return 1", "def act(self):"),
    (AGENT, "self.energy += 1", "def act(self):\n    self.energy += 1"),
    (AGENT, "class Wolf:\n    def act(self):\n        return 1", "def act(self):\n    return 1"),
    (AGENT, "def act():\n    return 1", "def act(self):"),
    (AGENT, "\tdef act(self):\r\n\t\treturn 1\r\n", "def act(self):\n    return 1"),
    (AGENT, "import math\ndef act(self):\n    return math.pi", "def act(self):"),
    (AGENT, "def act(self):\n    # why\n    return 1  # so", "# why"),
]


@pytest.mark.parametrize(("where", "code", "expected"), HABITS)
def test_a_habit_becomes_the_one_dialect(where: str, code: str, expected: str) -> None:
    assert expected in translated(where, code)


def test_clean_code_stays_as_it_is() -> None:
    code = (
        "def act(self):\n"
        '    """Age."""\n'
        "    # every step\n"
        "    self.energy -= self.model.price * self.random.random()\n"
        "    for wolf in self.model.agents_by_type[Wolf]:\n"
        "        wolf.energy += tally(self.model, 1)\n"
    )
    assert translated(AGENT, code).strip() == code.strip()


def test_seeding_the_module_is_dropped() -> None:
    code = translated(AGENT, "def act(self):\n    random.seed(1)\n    self.energy = 1")
    assert "seed" not in code
    assert "self.energy = 1" in code


def test_a_function_that_needs_the_model_gets_it_through_its_callers() -> None:
    spec = spec_with(FUNCTION, "def act():\n    return globalVariable.price")
    caller = {
        "name": "outer",
        "sourceName": "globalFunction.outer",
        "executionMode": "model-once",
        "code": "def outer():\n    return act() + 1",
    }
    wire = spec.wire()
    wire["globalFunctions"].append(caller)
    pieces = translate_pieces(names_of(ModelSpec.model_validate(wire)), {})
    outer = next(each for each in pieces.by_path.values() if each.declared.name == "outer")
    assert cst.Module([outer.definition]).code == "def outer(model):\n    return act(model) + 1\n"


@pytest.mark.parametrize(
    "code", ["just some words here", "The rent follows prices.", "", "# later"]
)
def test_words_in_the_place_of_code_are_left_out_with_a_warning(code: str) -> None:
    spec = spec_with(AGENT, code)
    found = translate_pieces(names_of(spec), {})
    assert [(each.code, each.path) for each in found.problems] == [
        ("dropped", "/agents/0/0/agentBehaviors/0/code")
    ]
    assert "/agents/0/0/agentBehaviors/0" not in found.by_path


@pytest.mark.parametrize(
    ("code", "place"),
    [("def act(self:\n    pass", "line 1"), ("if self.age > 3 then stop()", "line 1")],
)
def test_code_that_is_not_python_is_a_problem_with_a_place(code: str, place: str) -> None:
    spec = spec_with(AGENT, code)
    found = translate_pieces(names_of(spec), {}).problems
    unreadable = [each for each in found if each.code == "code-unreadable"]
    assert [each.path for each in unreadable] == ["/agents/0/0/agentBehaviors/0/code"]
    assert place in unreadable[0].message

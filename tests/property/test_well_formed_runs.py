"""Any well-formed specification compiles, and its code takes steps and repeats itself."""

import types
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from abm_quant.pipeline import compile_model
from small_specs import (
    attribute,
    behavior,
    function,
    tracked,
    variable,
    wire,
    world_attribute,
    world_behavior,
)

SPACES: list[dict[str, Any]] = [
    {"type": "none"},
    {"type": "grid", "width": 6, "height": 5, "boundaryConditions": "torus"},
    {"type": "grid", "width": 6, "height": 5, "cellCapacity": 1, "neighborhood": "von_neumann"},
    {"type": "network", "graph": {"generator": "watts_strogatz", "averageDegree": 4}},
    {"type": "network", "graph": {"generator": "erdos_renyi", "averageDegree": 3}},
    {"type": "network", "graph": {"generator": "barabasi_albert", "averageDegree": 2}},
    {"type": "network", "graph": {"generator": "complete"}},
    {"type": "network", "graph": {"generator": "grid_2d"}},
    {"type": "network", "graph": {"generator": "random_regular", "averageDegree": 4}},
    {"type": "continuous", "width": 10, "height": 10, "boundaryConditions": "torus"},
]
VALUES: list[tuple[Any, str]] = [
    (3, "integer"),
    (0.5, "float"),
    (True, "boolean"),
    ("calm", "string"),
    ([], "array"),
    ([1, 2], "array"),
    ({}, "object"),
    (None, "object"),
    ("globalVariable.rate", "number"),
    ("rate * 2 + 1", "number"),
    ("random.uniform(0, 1)", "float"),
    ({"function": "draw", "args": []}, "number"),
    ({"function": "scale", "args": ["globalVariable.rate"]}, "number"),
    ({"function": "random.randint", "args": [1, 6]}, "integer"),
]
BODIES = [
    "self.energy = self.random.random()",
    "self.energy += self.model.rate",
    "self.energy -= scale(globalVariable.rate)",
    "self.model.total += 1",
    "if self.random.random() < 0.2:\n        self.remove()",
    "if len(self.model.agents) < 40:\n        Walker(self.model, energy=self.energy / 2)",
    "for other in self.model.agents_by_type[Walker]:\n        other.energy += 0.1",
    "pass",
]
FUNCTIONS = [
    function("def draw(model):\n    return model.random.random()"),
    function("def scale(x):\n    return 2 * x"),
    function("def sum_energy(agents):\n    return sum(a.energy for a in agents)", "model-batch"),
    function("def count_all():\n    return len(model.agents)", outputs=("seen",)),
]


@st.composite
def specifications(draw: st.DrawFn) -> dict[str, Any]:
    """Give the wire form of a well-formed specification."""
    values = draw(st.lists(st.sampled_from(VALUES), max_size=4))
    bodies = draw(st.lists(st.sampled_from(BODIES), min_size=1, max_size=4))
    names = [f"act_{index}" for index in range(len(bodies))]
    world = [world_attribute(f"w{i}", value, kind) for i, (value, kind) in enumerate(values)]
    own = [attribute("energy", 1.0)] + [
        attribute(f"a{i}", value, kind)
        for i, (value, kind) in enumerate(draw(st.lists(st.sampled_from(VALUES), max_size=3)))
    ]
    schedule = [f"agent.Walker.agentBehavior.{name}" for name in names]
    schedule += ["environment.environmentBehavior.age", "globalFunction.count_all"]
    topology = draw(st.sampled_from(SPACES))
    level, time = st.sampled_from(["model", "agent"]), st.sampled_from(["start", "end"])
    at = {"start": "start-of-step", "end": "end-of-step"}
    return wire(
        functions=FUNCTIONS,
        variables=[variable("rate", 0.5), variable("total", 0, "integer"), variable("seen", 0)],
        world=world,
        world_behaviors=[world_behavior("def age(self):\n    self.total += 1")],
        attributes=own,
        behaviors=[
            behavior(f"def {name}(self):\n    {body}")
            for name, body in zip(names, bodies, strict=True)
        ],
        count=10 if topology["type"] == "network" else draw(st.sampled_from([0, 1, 5, 10])),
        topology=topology,
        schedule=draw(st.permutations(schedule)),
        initialize=["globalVariable.rate", "agent.Walker.initialCount"],
        tracked=[tracked("globalVariable.total"), tracked("globalVariable.seen")]
        + [
            tracked(each["sourceName"], draw(level), at[draw(time)])
            for each in own
            if draw(st.booleans())
        ],
        rules=draw(
            st.sampled_from(
                [
                    [],
                    [{"sourceName": "globalVariable.total", "value": 7}],
                    [{"sourceName": "agent.Walker.agentAttribute.energy", "value": 1.0}],
                ]
            )
        ),
        max_steps=6,
    )


def play(source: str, entry_point: str, seed: int) -> dict[str, list[Any]]:
    """Give the tracked variables of a short run of the generated code."""
    module = types.ModuleType("model")
    exec(compile(source, "model.py", "exec"), module.__dict__)
    model = getattr(module, entry_point)(seed=seed)
    while model.running and model.tick < 4:
        model.step()
    return dict(model.datacollector.model_vars)


@settings(max_examples=40, deadline=None)
@given(specifications())
def test_it_compiles_runs_and_repeats_itself(raw: dict[str, Any]) -> None:
    compiled = compile_model(raw)
    bundle = compiled.bundle
    first = play(bundle.files["model.py"], bundle.entry_point, 1)
    assert repr(first) == repr(play(bundle.files["model.py"], bundle.entry_point, 1))
    assert len(first["Walker.count"]) >= 2
    assert first["Walker.count"][0] == raw["agents"][0][0]["initialCount"]
    assert compile_model(raw).bundle == bundle

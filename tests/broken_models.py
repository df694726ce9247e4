"""Small models with one fault each, and what verifying must say of it: the code, and words of it."""

from typing import Any

from small_specs import attribute, behavior, function, tracked, variable, wire

STATE = "agent.Walker.agentAttribute.state"
ENERGY = "agent.Walker.agentAttribute.energy"
WEALTH = "agent.Walker.agentAttribute.wealth"
SPREAD = """def spread(self):
    if self.state != "infected":
        return
    for other in self.model.agents:
        if other.state == "susceptible" and self.random.random() < self.model.infection_rate:
            other.state = "infected"
"""
RECOVER = """def recover(self):
    if self.state == "infected" and self.random.random() < 0.2:
        self.state = "recovered"
"""
FIRST_CASES = """def infect_first(model):
    for walker in list(model.agents)[:model.first_cases]:
        walker.state = "infected"
"""


RATES = [variable("infection_rate", 0.02), variable("first_cases", 3, "integer")]


def acts(*names: str) -> list[str]:
    """Give the sourceNames of behaviors of walkers."""
    return [f"agent.Walker.agentBehavior.{name}" for name in names]


def epidemic(**changes: Any) -> dict[str, Any]:
    """Give a disease among 30 walkers that works, with parts replaced."""
    parts: dict[str, Any] = {
        "count": 30,
        "max_steps": 60,
        "variables": [variable("infection_rate", 0.02), variable("first_cases", 3, "integer")],
        "attributes": [attribute("state", "susceptible", "string")],
        "behaviors": [behavior(SPREAD), behavior(RECOVER)],
        "functions": [function(FIRST_CASES)],
        "initialize": ["agent.Walker.initialCount", "globalFunction.infect_first"],
        "schedule": acts("spread", "recover"),
        "tracked": [tracked(STATE)],
    }
    return wire(**(parts | changes))


def walking(code: str, **changes: Any) -> dict[str, Any]:
    """Give walkers that do something in each step; their energy is tracked."""
    parts: dict[str, Any] = {
        "count": 20,
        "max_steps": 60,
        "attributes": [attribute("energy", 1.0, "float")],
        "behaviors": [behavior(f"def act(self):\n    {code}")],
        "schedule": acts("act"),
        "tracked": [tracked(ENERGY)],
    }
    return wire(**(parts | changes))


def rule(name: str, value: Any) -> dict[str, Any]:
    """Give a stop rule on a global variable."""
    return {"sourceName": f"globalVariable.{name}", "description": "", "value": value}


def trading(code: str, **changes: Any) -> dict[str, Any]:
    """Give walkers that pass money on; the world is said to keep all of it."""
    return walking(
        code,
        attributes=[attribute("wealth", 10, "integer")],
        tracked=[tracked(WEALTH)],
        **changes,
    ) | {"explanation": "Walkers trade. Total wealth is conserved."}


def answered(model: dict[str, Any]) -> dict[str, Any]:
    """Give a model as an author's answer, with the explanation that stands in it."""
    plain = {name: value for name, value in model.items() if name != "explanation"}
    return {"model": plain, "title": "A test", "explanation": model.get("explanation", "")}


COUNTED = """def count_states(model):
    model.susceptible_count = sum(w.state == "susceptible" for w in model.agents)
    model.infected_count = sum(w.state == "infected" for w in model.agents)
    model.recovered_count = sum(w.state == "recovered" for w in list(model.agents)[:25])
"""
COUNTS = [
    variable(f"{state}_count", 0, "integer") for state in ("susceptible", "infected", "recovered")
]
DRAW = "self.energy += self.random.random()"
SETS = """def act(self):
    names = {"a", "bb", "ccc", "dddd", "eeeee", "ffffff"}
    self.mood = list(names)[0]
    self.energy += len(self.mood) * self.random.random()
"""

BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "nobody-infected": (
        epidemic(
            variables=[variable("infection_rate", 0.02), variable("first_cases", 0, "integer")]
        ),
        "nothing-happens",
        "No Walker starts with state 'infected'",
    ),
    "infection-rate-zero": (
        epidemic(
            variables=[variable("infection_rate", 0.0), variable("first_cases", 3, "integer")],
            behaviors=[behavior(SPREAD)],
            schedule=acts("spread"),
        ),
        "nothing-happens",
        "infection_rate is 0",
    ),
    "state-never-written": (
        epidemic(
            behaviors=[behavior(SPREAD.replace('other.state = "infected"', "pass"))],
            schedule=acts("spread"),
        ),
        "nothing-happens",
        "No scheduled code assigns state",
    ),
    "behavior-not-scheduled": (
        epidemic(
            behaviors=[behavior(SPREAD), behavior("def rest(self):\n    self.energy -= 1")],
            attributes=[attribute("state", "susceptible", "string"), attribute("energy", 1)],
            schedule=acts("rest"),
        ),
        "nothing-happens",
        "nothing schedules it",
    ),
    "nobody-there": (epidemic(count=0), "nothing-happens", "There are no agents"),
    "no-links": (
        epidemic(
            topology={
                "description": "",
                "type": "network",
                "graph": {"generator": "erdos_renyi", "averageDegree": 0.001},
            },
            behaviors=[
                behavior(
                    'def spread(self):\n    if self.state != "infected":\n        return\n    for other in self.cell.neighborhood.agents:\n        if self.random.random() < self.model.infection_rate:\n            other.state = "infected"'
                )
            ],
            schedule=acts("spread"),
        ),
        "nothing-happens",
        "the network has no links",
    ),
    "nothing-tracked-moves": (
        walking("self.age += 1", attributes=[attribute("energy", 1.0), attribute("age", 0)]),
        "nothing-happens",
        "Agents do change (Walker.age)",
    ),
    "frozen-category": (
        epidemic(
            attributes=[attribute("state", "susceptible", "string"), attribute("energy", 1.0)],
            behaviors=[
                behavior(SPREAD),
                behavior("def tire(self):\n    self.energy -= self.random.random()"),
            ],
            schedule=acts("spread", "tire"),
            tracked=[tracked(STATE), tracked(ENERGY)],
            variables=[variable("infection_rate", 0.02), variable("first_cases", 0, "integer")],
        ),
        "nothing-happens",
        "No agent ever changes Walker.state",
    ),
    "in-prose-only": (
        walking(
            DRAW,
            variables=[variable("temperature", 20)],
            tracked=[tracked("globalVariable.temperature"), tracked(ENERGY)],
        ),
        "never-updated",
        "keeps its start value",
    ),
    "true-at-step-1": (
        walking(
            DRAW,
            variables=[variable("sick", 0, "integer")],
            functions=[
                function(
                    "def count_sick(model):\n    model.sick = sum(w.energy < 0 for w in model.agents)"
                )
            ],
            schedule=["globalFunction.count_sick", *acts("act")],
            rules=[rule("sick", 0)],
        ),
        "fires-at-once",
        "ends every run in its first step",
    ),
    "steps-over": (
        walking(
            DRAW,
            variables=[variable("day", 0, "integer")],
            functions=[function("def next_day(model):\n    model.day += 2")],
            schedule=["globalFunction.next_day", *acts("act")],
            rules=[rule("day", 7)],
        ),
        "never-fires",
        "asks for exactly 7",
    ),
    "waits-forever": (
        walking(
            DRAW,
            variables=[variable("day", 0, "integer")],
            functions=[function("def next_day(model):\n    model.day = 1")],
            schedule=["globalFunction.next_day", *acts("act")],
            rules=[rule("day", 7)],
        ),
        "never-fires",
        "stays 1",
    ),
    "agents-never-satisfy": (
        walking(
            DRAW,
            attributes=[attribute("energy", 1.0), attribute("home", False, "boolean")],
            rules=[
                {"sourceName": "agent.Walker.agentAttribute.home", "description": "", "value": True}
            ],
        ),
        "never-fires",
        "no scheduled code assigns home",
    ),
    "leaking-counts": (
        epidemic(
            variables=[
                variable("infection_rate", 0.02),
                variable("first_cases", 3, "integer"),
                *COUNTS,
            ],
            functions=[function(FIRST_CASES), function(COUNTED)],
            schedule=[*acts("spread", "recover"), "globalFunction.count_states"],
            tracked=[tracked(f"globalVariable.{each['name']}") for each in COUNTS],
        ),
        "not-conserved",
        "and there are 30 Walker agents",
    ),
    "money-from-nothing": (
        trading("other = self.random.choice(list(self.model.agents))\n    other.wealth += 1"),
        "not-conserved",
        "the sum of Walker.wealth",
    ),
    "not-a-number": (
        walking(
            "self.energy = self.energy * 1e40 if self.energy < 1e300 else self.energy - self.energy * 1e300"
        ),
        "not-a-number",
        "Walker.energy is no number any more",
    ),
    "growth-without-end": (
        walking("self.energy *= 3 + self.random.random()"),
        "explodes",
        "grows without end",
    ),
    "births-without-end": (
        walking("Walker(self.model)", count=3, max_steps=12, tracked=[]),
        "explodes",
        "goes on growing",
    ),
    "global-generator": (
        walking("from scipy.stats import norm\n    self.energy += norm.rvs()", max_steps=10),
        "not-deterministic",
        "on an unseeded generator",
    ),
    "clock": (
        walking("import time\n    self.energy += time.perf_counter()"),
        "not-deterministic",
        "the clock",
    ),
    "address": (walking("self.energy += (id(self) // 16) % 7"), "not-deterministic", "address"),
    "set-order": (
        walking(
            "pass",
            behaviors=[behavior(SETS)],
            attributes=[attribute("energy", 1.0), attribute("mood", "calm", "string")],
        ),
        "not-deterministic",
        "the order of a set",
    ),
    "own-generator": (
        walking(
            "from scipy.stats import norm\n    self.energy += norm.rvs(random_state=42)",
            max_steps=10,
        ),
        "seed-ignored",
        "Seeds 1, 2 and 3 gave the same",
    ),
    "never-read": (
        walking(DRAW, variables=[variable("speed", 3)]),
        "no-effect",
        "No code reads speed",
    ),
    "fewer-than-stated": (
        walking(
            DRAW,
            functions=[
                function(
                    "def thin(model):\n    for w in list(model.agents)[:5]:\n        w.remove()"
                )
            ],
            initialize=["agent.Walker.initialCount", "globalFunction.thin"],
        ),
        "wrong-start",
        "20 agents of the type Walker are stated, and 15",
    ),
    "share-above-one": (
        walking(
            DRAW,
            variables=[variable("happy_share", 0.5, "float")],
            functions=[function("def measure(model):\n    model.happy_share += 0.1")],
            schedule=[*acts("act"), "globalFunction.measure"],
            tracked=[tracked("globalVariable.happy_share")],
        ),
        "out-of-domain",
        "happy_share should be from 0 to 1",
    ),
    "empty-mean": (
        walking(
            DRAW,
            variables=[variable("mean_energy", 0.0, "float")],
            functions=[
                function(
                    "def measure(model):\n    walkers = list(model.agents)\n    model.mean_energy = sum(w.energy for w in walkers) / len(walkers)"
                )
            ],
            schedule=[*acts("act"), "globalFunction.measure"],
            tracked=[tracked("globalVariable.mean_energy")],
        ),
        "fails-at-extremes",
        "initial_walker_count = 0",
    ),
    "scheduled-twice": (
        epidemic(
            variables=[*RATES, variable("recovery_rate", 0.3)],
            behaviors=[
                behavior(SPREAD),
                behavior(RECOVER.replace("0.2", "self.model.recovery_rate")),
            ],
            schedule=acts("spread", "recover", "recover"),
            count=300,
        ),
        "wrong-rate",
        "recovery_rate = 0.3 states 0.3",
    ),
    "compared-the-wrong-way": (
        epidemic(
            variables=[*RATES, variable("recovery_rate", 0.3)],
            behaviors=[
                behavior(SPREAD),
                behavior(RECOVER.replace("< 0.2", "> self.model.recovery_rate")),
            ],
            count=300,
        ),
        "wrong-rate",
        "recovery_rate = 0.3 states 0.3",
    ),
    "breaks": (
        walking("self.energy /= self.energy - self.energy"),
        "run-failed",
        "ZeroDivisionError",
    ),
    "memory-of-its-own": (
        walking(
            "",
            behaviors=[
                behavior(
                    "def act(self, seen=[]):\n    seen.append(self.random.random())\n"
                    "    self.energy += len(seen)"
                )
            ],
        ),
        "hidden-state",
        "goes on differently",
    ),
}
"""Model, the code of the one warning or error that is due, and words of its message."""

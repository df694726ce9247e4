"""What the code of a model tells of its parameters before it runs."""

import pytest

from abm_quant.errors import BadRequest
from abm_quant.running.conversation.parameters import Parameters
from gallery_runs import compiled
from sandboxed import bundle

LIVE = {
    "sir-network": {"infection_probability", "recovery_probability"},
    "boltzmann-wealth": set[str](),
    "predator-prey": {
        *("sheep_gain_from_food", "wolf_gain_from_food", "sheep_reproduction"),
        *("wolf_reproduction", "grass_regrowth_time"),
    },
}


@pytest.mark.parametrize("target", ["mesa", "agentpy"])
@pytest.mark.parametrize("name", LIVE)
def test_what_steps_read_can_be_changed_while_they_are_taken(name: str, target: str) -> None:
    known = Parameters(compiled(name, target).bundle)
    assert known.live == LIVE[name]


@pytest.mark.parametrize("target", ["mesa", "agentpy"])
def test_the_defaults_are_those_of_the_model(target: str) -> None:
    known = Parameters(compiled("boltzmann-wealth", target).bundle)
    assert known.defaults["population"] == 500
    assert known.defaults.keys() >= {"population", "starting_wealth"}


@pytest.mark.parametrize(
    ("code", "live"),
    [
        ("def step(self): self.a", "a"),
        ("def step(self): self.act()\n    def act(self): self.model.b", "b"),
        ("def step(self): self.agents.do('act')\n    def act(self): self.a", "a"),
        ("def step(self): grow(self)\n    def other(self): self.b", "a"),
        ("def step(self): Thing(self)", "b"),
        ("def step(self): Kind(self)\nclass Kind(Thing): pass", "b"),
        ("def step(self): self.agents_by_type[Thing]", ""),
        ("def step(self): vars(self)", "ab"),
        ("def __init__(self): self.a\n    def step(self): self.b", "b"),
        ("def __init__(self): self.series = DataCollector({'a': 'a'})\n    def step(self): 1", "a"),
        ("def __init__(self): self.f = lambda model: model.a\n    def step(self): self.f", "a"),
        ("def step(self", "ab"),
    ],
)
def test_a_parameter_is_live_when_a_step_may_read_it(code: str, live: str) -> None:
    source = "def grow(model): model.a\nclass Thing:\n    def __init__(self): self.b\n"
    known = Parameters(bundle(f"{source}class M:\n    {code}\n", "M", parameters=("a", "b")))
    assert known.live == set(live)


def test_a_text_has_a_bound() -> None:
    known = Parameters(bundle("class M: pass", "M", parameters=("a",)))
    known.check("a", "x" * 10_000)
    with pytest.raises(BadRequest, match="20,000,000 characters") as refusal:
        known.check("a", "x" * 20_000_000)
    assert len(str(refusal.value)) < 200

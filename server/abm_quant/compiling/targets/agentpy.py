"""AgentPy 0.1.5.

How the generated code is laid out, for its templates and for the rewrites that bring the one
dialect of a Program (plain current Mesa) to it:

- `import agentpy as ap`. PARAMETERS is a dictionary of the defaults, with AgentPy's own `steps`, the
  step after which a run ends. `Model(PARAMETERS | {"price": 2}).run(seed=1)` runs the model.
- A parameter that nothing changes is read as `self.p.price`, by agents and by the model; by
  functions as `model.p.price`. One that is changed, recorded or watched is copied to the model
  when it is set up and stays `self.price` and `self.model.price`.
- The model holds one list of agents for each type, `self.wolves` (`self.agents` where there is one
  type only): an AgentDList, whose shuffle() leaves the list as it is, for types whose agents act,
  come or go; else an AgentList. With several types `self.agents` is a property, where it is used.
- Agents get their state in `setup`, in which `self.model` is the model; what the author's code
  passes to `Wolf(self.model, energy=3)` are keyword arguments of `setup`. A new agent is appended
  to the list of its type where it is made: `self.model.wolves.append(Wolf(self.model, energy=3))`.
- `agent.remove()` is a method of the generated class: it takes the agent out of its list and out of
  the space. An agent that was removed is not in its list any more.
- All behaviors act in random order: `self.wolves.shuffle().hunt()`, without those born since it
  began; with `.buffer()`, where agents are removed, also without those removed before their turn.
- Random numbers come from `self.model.random` (random.Random) and `self.model.nprandom` (a numpy
  Generator), time from `self.model.t`; agents are told apart by `self.id`.
- `update` records with `self.record`, under the names that every target uses: AgentPy calls it after
  `setup` and after each step.
- The space is `self.grid`, `self.network` or `self.space` as agentpy_dialect/spaces says.

The rewrites run in order; the space comes first and sees (and leaves) everything else in the one
dialect: `self.random`, `self.model.width`, `Wolf(self.model, energy=3)`, `agent.remove()`.
Never generated: sets of agents that code iterates over (their order is that of addresses in
memory), `agents.random()` (slow), Grid.add_field with one number (broken with numpy 2).
"""

from abm_quant.compiling.targets.agentpy_dialect.names import list_names
from abm_quant.compiling.targets.agentpy_dialect.rewrite import rewrite_to_agentpy
from abm_quant.compiling.targets.target import Target

AGENTPY = Target(
    name="agentpy",
    title="AgentPy",
    template_folder="agentpy",
    files=("model.py", "run.py", "app.py", "ODD.md", "README.md", "requirements.txt"),
    modules={},
    aliases={"ap": "agentpy"},
    requirements=("agentpy>=0.1.5",),
    module_requirements={},
    features=frozenset(
        {
            "space:none:cell",
            "space:none:pos",
            "space:grid:cell",
            "space:grid:pos",
            "space:network:cell",
            "space:network:pos",
            "space:continuous:pos",
        }
    ),
    rewrite=rewrite_to_agentpy,
    lists=list_names,
)

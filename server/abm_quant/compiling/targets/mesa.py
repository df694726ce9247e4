"""Mesa 3.3 and later."""

from abm_quant.compiling.targets.target import Target

MESA = Target(
    name="mesa",
    title="Mesa",
    template_folder="mesa",
    files=("model.py", "run.py", "app.py", "ODD.md", "README.md", "requirements.txt"),
    modules={
        "Agent": "mesa",
        "DataCollector": "mesa",
        "Model": "mesa",
        "AgentSet": "mesa.agent",
        "CellAgent": "mesa.discrete_space",
        "FixedAgent": "mesa.discrete_space",
        "Network": "mesa.discrete_space",
        "OrthogonalMooreGrid": "mesa.discrete_space",
        "OrthogonalVonNeumannGrid": "mesa.discrete_space",
        "ContinuousSpace": "mesa.space",
        "MultiGrid": "mesa.space",
        "NetworkGrid": "mesa.space",
        "SingleGrid": "mesa.space",
    },
    # app.py uses mesa.visualization, which imports networkx and does not work with ipyvuetify 3.
    requirements=("mesa[network,viz]>=3.3,<4", "ipyvuetify<3"),
    module_requirements={"networkx": "networkx>=3.2", "scipy": "scipy>=1.11"},
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
)

"""What only waits, draws or writes files is left out with a warning; what may change more stays."""

import pytest

from abm_quant.contracts.problems import errors
from abm_quant.errors import InvalidModel
from abm_quant.pipeline import compile_model
from small_specs import attribute, behavior, wire, world_behavior

CODE = "/agents/0/0/agentBehaviors/0/code"
LEFT_OUT = [
    "time.sleep(1)",
    "import time\ntime.sleep(0.1)",
    "from time import sleep\nsleep(1)",
    "plt.plot([1, 2])\nplt.show()",
    "import matplotlib.pyplot as plt\nplt.figure()\nplt.savefig('a.png')",
    "from matplotlib import pyplot\npyplot.pause(0.1)",
    "fig, ax = plt.subplots()\nax.plot([each.x for each in self.model.agents])\nplt.close(fig)",
    "import seaborn as sns\nsns.histplot([1])",
    "nx.draw_networkx(self.model.G)",
    "np.savetxt('a.txt', [self.x])",
    "pd.DataFrame({'x': [self.x]}).to_csv('a.csv')",
    "pd.Series([1]).plot()",
    "if self.model.steps % 10 == 0:\n    plt.show()",
    "for each in self.model.agents:\n    if each.x > 3:\n        plt.scatter(each.x, 1)",
    "from IPython.display import clear_output\nclear_output(wait=True)",
    "import gc\ngc.collect()",
]
KEPT = [
    "self.plot()",
    "self.model.show()",
    "show = 3\nself.x += show",
    "import io, json\nout = io.StringIO()\njson.dump({}, out)\nself.x += len(out.getvalue())",
]
REFUSED = [
    "plt.plot(self.model.agents.shuffle())",
    "plt.plot(seen := [1])",
    "fig = plt.figure()\nself.figure = fig",
    "size = plt.figure().get_size_inches()\nself.x += size[0]",
    "with plt.ioff():\n    self.x += 1",
]
"""What may change the model, or gives it what it does not have."""


def model(lines: str) -> dict[str, object]:
    """Give a model whose behavior holds these lines before one that counts."""
    body = "\n".join(f"    {line}" for line in [*lines.split("\n"), "self.x += 1"])
    return wire(
        attributes=[attribute("x", 0)],
        behaviors=[
            behavior(f"def act(self):\n{body}"),
            behavior("def plot(self):\n    self.x += 2"),
        ],
        world_behaviors=[world_behavior("def show(self):\n    print(1)")],
        schedule=["agent.Walker.agentBehavior.act"],
    )


def act_in(source: str) -> str:
    """Give the body of the behavior in a generated model, without its docstring."""
    return source.partition('"""Does act."""')[2].partition("\n\n    def")[0].strip()


@pytest.mark.parametrize("lines", LEFT_OUT)
def test_an_idle_statement_is_left_out_with_a_warning(lines: str) -> None:
    made = compile_model(model(lines))
    assert act_in(made.bundle.files["model.py"]) == "self.x += 1"
    found = [each for each in made.problems if each.code == "left-out"]
    assert found and {(each.severity, each.path) for each in found} == {("warning", CODE)}
    for each in found:
        assert each.message.partition("`")[2].partition("`")[0] in lines


@pytest.mark.parametrize("lines", KEPT)
def test_what_may_change_the_model_is_kept(lines: str) -> None:
    made = compile_model(model(lines))
    assert "left-out" not in {each.code for each in made.problems}
    last = lines.split("\n")[-1]
    assert last in made.bundle.files["model.py"]


@pytest.mark.parametrize("lines", REFUSED)
def test_what_cannot_be_left_out_is_refused(lines: str) -> None:
    with pytest.raises(InvalidModel) as refusal:
        compile_model(model(lines))
    assert "forbidden-code" in {each.code for each in errors(refusal.value.problems)}


def test_a_progress_bar_gives_what_it_goes_through() -> None:
    made = compile_model(
        model("from tqdm import tqdm\nfor step in tqdm(range(3)):\n    self.x += 1")
    )
    assert act_in(made.bundle.files["model.py"]).startswith("for step in range(3):")
    assert "left-out" in {each.code for each in made.problems}


def test_a_behavior_of_which_nothing_is_left_is_not_run() -> None:
    raw = wire(
        behaviors=[behavior("def draw(self):\n    plt.show()")],
        schedule=["agent.Walker.agentBehavior.draw"],
    )
    made = compile_model(raw)
    assert "draw" not in made.bundle.files["model.py"]
    assert {each.code for each in made.problems} == {"left-out", "dialect"}

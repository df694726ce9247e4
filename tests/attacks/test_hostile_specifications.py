"""Hostile text in every field of a specification, on the whole way to every target.

Words, names, values, categories and arguments are all hostile at once; what compiles must run and
do nothing but its own work, and what does not compile must say so.
"""

import ast
import builtins
import types
from typing import Any

import pytest

from abm_quant.compiling.targets.table import TARGETS
from abm_quant.contracts.problems import errors
from abm_quant.errors import InvalidModel
from abm_quant.pipeline import Compiled, compile_model
from abm_quant.running.inside.adapters import ADAPTERS
from payloads import OWNED, PAYLOADS
from small_specs import attribute, behavior, function, tracked, variable, wire, world_behavior

REFUSED = {
    ("wrong-type", PAYLOADS["holds half a character"]),
    ("forbidden-code", PAYLOADS["calls from an f-string"]),
}
"""The value `{__import__('os')}` is an expression, as `{1, 2}` is; it is not available."""
GREET = "def greet(self):\n    if self.mood == 'calm':\n        self.mood = self.model.word\n"


def hostile(text: str, name: str = "word") -> dict[str, Any]:
    """Give a specification with the text in every field, and a name for the declarations."""
    word = variable("word", text, "string") | {"description": text, "name": name}
    mood = attribute("mood", "calm", "string") | {"description": text, "name": name}
    motto = attribute("motto", text, "string") | {"unit": text}
    greet = behavior(GREET) | {
        "description": text,
        "inputs": [{"name": "x", "type": "string", "description": text, "defaultValue": text}],
        "outputs": [{"name": text, "type": "string", "description": text}],
    }
    tally = function("def tally(model, label):\n    return label") | {
        "functionDescription": text,
        "functionInputs": [{"name": "label", "type": "string", "defaultValue": text}],
        "functionOutputs": [{"name": "word", "type": "string", "description": text}],
    }
    raw = wire(
        functions=[tally],
        variables=[word, variable("kept", {"function": "tally", "args": [text]}, "string")],
        attributes=[mood, motto],
        behaviors=[greet],
        world_behaviors=[world_behavior("def rest(self):\n    pass") | {"description": text}],
        schedule=[
            "agent.Walker.agentBehavior.greet",
            "environment.environmentBehavior.rest",
            "globalFunction.tally",
        ],
        topology={"type": "grid", "width": 6, "height": 6, "description": text},
        tracked=[
            tracked("agent.Walker.agentAttribute.mood") | {"description": text},
            tracked("globalVariable.word") | {"description": text},
        ],
        rules=[{"sourceName": "globalVariable.word", "description": text, "value": f"{text}."}],
    )
    raw["environment"] |= {"name": text, "description": text}
    raw["agents"][0][0]["description"] = text
    raw["abmLibrary"]["version"] = text
    raw["scheduler"]["initialization"]["description"] = text
    raw["scheduler"]["schedule"]["description"] = text
    raw[text] = text
    return {"model": raw, "title": text, "explanation": text}


def judge(made: Compiled, target: str) -> None:
    """Look at all files and run the model, with nothing owned in the end."""
    for name, text in made.bundle.files.items():
        text.encode()
        if name != "spec.json":
            assert text.replace("\n", "").isprintable(), name
        if name.endswith(".py"):
            names = {each.id for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Name)}
            assert not names & {"OWNED", "builtins", "alert", "cycler"}, name
    module = types.ModuleType("model")
    exec(compile(made.bundle.files["model.py"], "model.py", "exec"), vars(module))
    adapter = ADAPTERS[target]
    model = adapter.build(module, made.bundle.entry_point, {}, 1)
    adapter.step(model)
    assert adapter.series(model)["Walker.count"] == 5
    assert not hasattr(builtins, "OWNED")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_words_and_values_are_inert(text: str, target: str) -> None:
    try:
        made = compile_model(hostile(text), target)
    except InvalidModel as refusal:
        (code,) = {each.code for each in errors(refusal.problems)}
        assert (code, text) in REFUSED
        return
    judge(made, target)


NAMES = [
    "x\nimport os",
    "x(); y",
    f"x\n{OWNED}",
    "class",
    "__class__",
    "__init__",
    "x\u2028y",
    "{{ x }}",
    '"""',
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_names_become_names_or_are_refused(name: str, target: str) -> None:
    raw = hostile("harmless", name)["model"]
    raw["globalVariables"].append(variable(name, 1))
    raw["agents"][0][0]["agentAttributes"].append(attribute(name, 1))
    raw["agents"].append([raw["agents"][0][0] | {"name": name, "agentAttributes": []}])
    raw["agents"][1][0] |= {"agentBehaviors": [], "initialCount": 1}
    try:
        made = compile_model(raw, target)
    except InvalidModel as refusal:
        assert errors(refusal.problems)
        return
    judge(made, target)
    tree = ast.parse(made.bundle.files["model.py"])
    imported = [each for each in ast.walk(tree) if isinstance(each, ast.Import)]
    assert not {alias.name for each in imported for alias in each.names} & {"os", "builtins"}

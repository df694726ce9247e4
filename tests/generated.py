"""Small Programs made by hand, and the modules that are generated from them."""

import importlib.util
import itertools
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import libcst as cst

from abm_quant.compiling.render import render
from abm_quant.compiling.targets.table import target_named
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.program import (
    Activate,
    AgentType,
    Attribute,
    CreateAgents,
    Function,
    Parameter,
    Program,
    Space,
    Tracker,
    Variable,
)
from abm_quant.contracts.spec import ModelSpec

SPEC = ModelSpec.model_validate(
    {
        "codingLanguage": "python",
        "environment": {"topology": {"type": "none"}},
        "agents": [],
        "terminationCriteria": {"maxSteps": 10},
        "scheduler": {},
    }
)
NUMBERS = itertools.count()


def expression(code: str) -> cst.BaseExpression:
    """Give parsed code."""
    return cst.parse_expression(code)


def function(code: str, description: str = "", path: str = "/code") -> Function:
    """Give a function of the author."""
    definition = cst.ensure_type(cst.parse_module(code).body[0], cst.FunctionDef)
    return Function(
        name=definition.name.value,
        definition=definition,
        description=description,
        mode="per-agent",
        path=path,
    )


def attribute(name: str, initial: str, type: str = "number", **more: Any) -> Attribute:
    """Give an attribute of an agent."""
    words = {"description": f"The {name}.", "path": f"/attribute/{name}"} | more
    return Attribute(name=name, initial=expression(initial), type=type, **words)  # type: ignore[arg-type]


def parameter(name: str, default: Any, **more: Any) -> Parameter:
    """Give a parameter of the model."""
    words = {"description": f"The {name}.", "path": f"/parameter/{name}"} | more
    return Parameter(name=name, default=default, **words)


def variable(name: str, initial: str, type: str = "number", **more: Any) -> Variable:
    """Give a variable of the model."""
    words = {"description": f"The {name}.", "path": f"/variable/{name}"} | more
    return Variable(name=name, initial=expression(initial), type=type, **words)  # type: ignore[arg-type]


def agent_type(name: str = "Person", *behaviors: str, **more: Any) -> AgentType:
    """Give a type of agents; its behaviors as code."""
    words: dict[str, Any] = {
        "description": f"A {name}.",
        "attributes": (),
        "count": expression("10"),
        "path": f"/agents/{name}",
    }
    made = tuple(function(code, path=f"/{name}/{n}") for n, code in enumerate(behaviors))
    return AgentType(name=name, behaviors=made, **(words | more))


def activate(kind: str, behavior: str, *arguments: str) -> Activate:
    """Give an activation."""
    parsed = tuple(expression(each) for each in arguments)
    return Activate(agent_type=kind, behavior=behavior, arguments=parsed, path="/step")


def tracker(name: str, kind: str | None = None, type: str = "number", **more: Any) -> Tracker:
    """Give a recorded variable."""
    words: dict[str, Any] = {
        "level": "model",
        "at_start": False,
        "description": f"The {name}.",
        "path": f"/tracked/{name}",
    }
    words |= more
    source = f"agent.{kind}.agentAttribute.{name}" if kind else f"globalVariable.{name}"
    return Tracker(source_name=source, attribute=name, agent_type=kind, type=type, **words)  # type: ignore[arg-type]


def program(*types: AgentType, **more: Any) -> Program:
    """Give a Program whose agents are created in order, after the space."""
    words: dict[str, Any] = {
        "title": "A test model",
        "class_name": "TestModel",
        "description": "It is for tests.",
        "parameters": (),
        "variables": (),
        "functions": (),
        "behaviors": (),
        "agent_types": types,
        "space": Space(kind="none"),
        "setup": tuple(CreateAgents(agent_type=each.name) for each in types),
        "steps": (),
        "max_steps": 10,
        "stop_rules": (),
        "trackers": (),
        "imports": (),
    }
    return Program(**(words | more))


def generate(made: Program) -> CodeBundle:
    """Give the Mesa project of a Program."""
    return render(made, target_named("mesa"), SPEC)


def write(bundle: CodeBundle, folder: Path) -> Path:
    """Write the files of a project."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in bundle.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def load(bundle: CodeBundle, folder: Path) -> ModuleType:
    """Import the generated model.py."""
    path = write(bundle, folder) / "model.py"
    name = f"generated_model_{next(NUMBERS)}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def run(bundle: CodeBundle, folder: Path, steps: int = 5, seed: int = 1, **parameters: Any) -> Any:
    """Give the generated model after some steps."""
    model = getattr(load(bundle, folder), bundle.entry_point)(seed=seed, **parameters)
    for _ in range(steps):
        model.step()
    return model

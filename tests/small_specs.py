"""A small, well-formed specification for tests to change."""

import copy
from typing import Any

from abm_quant.contracts.spec import ModelSpec

BASE: dict[str, Any] = {
    "codingLanguage": "python",
    "abmLibrary": {"name": "mesa", "version": "3.3"},
    "globalFunctions": [],
    "globalVariables": [],
    "environment": {
        "name": "World",
        "description": "A world.",
        "topology": {"description": "", "type": "none"},
        "environmentAttributes": [],
        "environmentBehaviors": [],
    },
    "agents": [
        [
            {
                "name": "Walker",
                "agentAttributes": [],
                "initialCount": 5,
                "agentBehaviors": [],
            }
        ]
    ],
    "terminationCriteria": {"maxSteps": 10, "terminationRules": []},
    "scheduler": {
        "initialization": {"description": "", "initializationOrder": []},
        "schedule": {"description": "", "scheduleOrder": []},
    },
    "dataAnalytics": {"trackedVariables": []},
}


def variable(name: str, value: Any, kind: str = "number") -> dict[str, Any]:
    """Give a global variable."""
    return _variable(name, value, kind, f"globalVariable.{name}")


def world_attribute(name: str, value: Any, kind: str = "number") -> dict[str, Any]:
    """Give an environment attribute."""
    return _variable(name, value, kind, f"environment.environmentAttribute.{name}")


def attribute(name: str, value: Any, kind: str = "number", of: str = "Walker") -> dict[str, Any]:
    """Give an agent attribute."""
    return _variable(name, value, kind, f"agent.{of}.agentAttribute.{name}")


def _variable(name: str, value: Any, kind: str, source_name: str) -> dict[str, Any]:
    return {
        "name": name,
        "description": f"The {name}.",
        "type": kind,
        "initialValue": value,
        "sourceName": source_name,
    }


def behavior(code: str, of: str = "Walker", mode: str = "per-agent") -> dict[str, Any]:
    """Give an agent behavior named like the function in the code."""
    name = code.split("(")[0].removeprefix("def ")
    return _behavior(name, code, mode, f"agent.{of}.agentBehavior.{name}")


def world_behavior(code: str, mode: str = "model-once") -> dict[str, Any]:
    """Give an environment behavior."""
    name = code.split("(")[0].removeprefix("def ")
    return _behavior(name, code, mode, f"environment.environmentBehavior.{name}")


def _behavior(name: str, code: str, mode: str, source_name: str) -> dict[str, Any]:
    return {
        "name": name,
        "description": f"Does {name}.",
        "inputs": [],
        "outputs": [],
        "executionMode": mode,
        "sourceName": source_name,
        "code": code,
    }


def function(code: str, mode: str = "model-once", outputs: tuple[str, ...] = ()) -> dict[str, Any]:
    """Give a global function."""
    name = code.split("(")[0].removeprefix("def ")
    return {
        "name": name,
        "sourceName": f"globalFunction.{name}",
        "functionDescription": f"Computes {name}.",
        "functionInputs": [],
        "functionOutputs": [{"name": each, "type": "number"} for each in outputs],
        "executionMode": mode,
        "code": code,
    }


def tracked(source_name: str, level: str = "model", at: str = "end-of-step") -> dict[str, Any]:
    """Give a tracked variable."""
    return {
        "description": "",
        "sourceName": source_name,
        "collectionLevel": level,
        "checkTime": at,
    }


def wire(**changes: Any) -> dict[str, Any]:
    """Give the wire form of the small specification with parts replaced.

    Keys: functions, variables, world (attributes), world_behaviors, attributes, behaviors, count,
    agents, topology, initialize, schedule (sourceNames), tracked, rules, max_steps.
    """
    raw = copy.deepcopy(BASE)
    walker = raw["agents"][0][0]
    places: dict[str, tuple[dict[str, Any], str]] = {
        "functions": (raw, "globalFunctions"),
        "variables": (raw, "globalVariables"),
        "world": (raw["environment"], "environmentAttributes"),
        "world_behaviors": (raw["environment"], "environmentBehaviors"),
        "attributes": (walker, "agentAttributes"),
        "behaviors": (walker, "agentBehaviors"),
        "count": (walker, "initialCount"),
        "agents": (raw, "agents"),
        "topology": (raw["environment"], "topology"),
        "tracked": (raw["dataAnalytics"], "trackedVariables"),
        "rules": (raw["terminationCriteria"], "terminationRules"),
        "max_steps": (raw["terminationCriteria"], "maxSteps"),
    }
    for key, value in changes.items():
        if key == "initialize":
            items = [
                {"sourceName": name, "orderInInitialization": n} for n, name in enumerate(value)
            ]
            raw["scheduler"]["initialization"]["initializationOrder"] = items
        elif key == "schedule":
            items = [{"sourceName": name, "orderInSchedule": n} for n, name in enumerate(value)]
            raw["scheduler"]["schedule"]["scheduleOrder"] = items
        else:
            holder, field = places[key]
            holder[field] = value
    return raw


def spec(**changes: Any) -> ModelSpec:
    """Give the small specification with parts replaced; see wire."""
    return ModelSpec.model_validate(wire(**changes))

"""Requests and answers that /docs shows; the tests send the former for real."""

from typing import Any

SPECIFICATION: dict[str, Any] = {
    "codingLanguage": "python",
    "abmLibrary": {"name": "mesa"},
    "globalVariables": [
        {
            "name": "bias",
            "description": "Probability of heads",
            "type": "float",
            "initialValue": 0.5,
            "sourceName": "globalVariable.bias",
        }
    ],
    "environment": {
        "name": "A table",
        "description": "Coins that do not touch one another",
        "topology": {"description": "No space", "type": "none"},
    },
    "agents": [
        [
            {
                "agentAttributes": [
                    {
                        "name": "heads",
                        "description": "Whether the coin shows heads",
                        "type": "boolean",
                        "initialValue": False,
                        "sourceName": "agent.Coin.agentAttribute.heads",
                    }
                ],
                "initialCount": 20,
                "agentBehaviors": [
                    {
                        "name": "flip",
                        "description": "Throw the coin",
                        "executionMode": "per-agent",
                        "sourceName": "agent.Coin.agentBehavior.flip",
                        "code": "def flip(self):\n    self.heads = self.random.random() < self.model.bias",
                    }
                ],
            }
        ]
    ],
    "terminationCriteria": {"maxSteps": 50},
    "scheduler": {
        "schedule": {
            "description": "All coins are thrown",
            "scheduleOrder": [
                {
                    "sourceName": "agent.Coin.agentBehavior.flip",
                    "type": "agentBehavior",
                    "orderInSchedule": 1,
                }
            ],
        }
    },
    "dataAnalytics": {
        "trackedVariables": [
            {
                "description": "How many coins show heads",
                "sourceName": "agent.Coin.agentAttribute.heads",
                "collectionLevel": "model",
                "checkTime": "end-of-step",
            }
        ]
    },
}
"""A complete, small model."""

PROMPT = {"prompt": "an SIR epidemic on a small-world network of 500 people"}
REFINEMENT = {
    "prompt": "use 40 coins and a bias of 0.8",
    "currentModel": SPECIFICATION,
    "underlyingModel": "offline",
}
INITIALIZED = {"success": True, "message": "Diagram generation session is ready."}
GENERATED = {
    "success": True,
    "model": SPECIFICATION,
    "supportingInfo": {
        "explanation": "Twenty coins are thrown at every step.",
        "title": "Coin flips",
        "modelId": "5f0c1d2e3b4a59687f01",
        "problems": [],
        "verification": {
            "verdict": "Verified against its description; this does not show that the model is "
            "like the world. 1 check was not made.",
            "checks": [
                {
                    "name": "runs",
                    "question": "Is it imported, set up and stepped?",
                    "outcome": "passed",
                    "evidence": "50 steps in 0.1 s (seed 1); its own maximum.",
                    "problems": [],
                },
                {
                    "name": "sensitivity",
                    "question": "Does each number change something?",
                    "outcome": "not-checked",
                    "evidence": "Only `abm check --deep` looks at this.",
                    "problems": [],
                },
            ],
            "notChecked": ["agreement with a second implementation or with data"],
            "runs": 6,
            "seconds": 1.4,
        },
        "provider": "offline",
        "usage": {"inputTokens": 0, "outputTokens": 0, "costUsd": 0.0},
        "assumptions": ["The number of steps stayed at 50."],
        "repairs": 0,
        "isDraft": False,
        "changes": [],
    },
}
FAILED = {
    "success": False,
    "message": "Request failed: Error: To access this service you need to send a Google key",
}

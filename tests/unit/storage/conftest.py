"""Small hand-made models for the storage tests."""

from typing import Any

import pytest

from abm_quant.contracts.code import CodeBundle, SourceSpan
from abm_quant.contracts.spec import ModelSpec


def small_spec(**extra: Any) -> ModelSpec:
    return ModelSpec.model_validate(
        {
            "codingLanguage": "python",
            "environment": {"topology": {"type": "none"}},
            "agents": [],
            "terminationCriteria": {"maxSteps": 10},
            "scheduler": {},
            **extra,
        }
    )


def small_bundle(**files: str) -> CodeBundle:
    span = SourceSpan(file="model.py", first_line=1, last_line=2, path="/agents/0/0", label="A")
    return CodeBundle(
        target="mesa",
        files={"model.py": "class Quiet: ...\n", **files},
        entry_point="Quiet",
        parameters=("n",),
        max_steps=10,
        requirements=("mesa>=3.3,<4",),
        source_map=(span,),
    )


@pytest.fixture
def spec() -> ModelSpec:
    return small_spec()


@pytest.fixture
def bundle() -> CodeBundle:
    return small_bundle()

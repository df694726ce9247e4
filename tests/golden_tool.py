"""Rewrites the golden projects: `python tests/golden_tool.py`, or `make golden`.

tests/golden/<example>/<target>/ holds what is generated from each gallery model. A change of the
templates shows there, line by line, before anybody downloads it. tests/golden/prompts/ holds what
language models are told.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from abm_quant.compiling.lower import lower
from abm_quant.compiling.read import read_spec
from abm_quant.compiling.render import render
from abm_quant.compiling.targets.table import TARGETS
from abm_quant.contracts.code import CodeBundle
from abm_quant.errors import TargetLacks
from abm_quant.resources import root
from prompt_texts import TEXTS

GOLDEN = Path(__file__).parent / "golden"


def examples() -> dict[str, Path]:
    """Give the file of each gallery model by its name."""
    return {path.stem: path for path in sorted((root("schemas") / "examples").glob("*.json"))}


def generated(example: Path, target: str) -> CodeBundle:
    """Give the project of a gallery model."""
    reading = read_spec(json.loads(example.read_text(encoding="utf-8")))
    if reading.spec is None:
        raise ValueError(f"{example.name} cannot be read: {reading.problems}")
    program = lower(reading.spec, title=reading.title, explanation=reading.explanation)
    return render(program, TARGETS[target], reading.spec)


def projects() -> Iterator[tuple[str, str, CodeBundle]]:
    """Give the project of each gallery model for each target that can express it."""
    for name, path in examples().items():
        for target in TARGETS:
            with suppress(TargetLacks):
                yield name, target, generated(path, target)


def rewrite() -> None:
    """Write every golden project anew, and remove those that nothing generates."""
    shutil.rmtree(GOLDEN, ignore_errors=True)
    for name, target, bundle in projects():
        folder = GOLDEN / name / target
        folder.mkdir(parents=True)
        for file, text in bundle.files.items():
            (folder / file).write_text(text, encoding="utf-8")
    prompts = GOLDEN / "prompts"
    prompts.mkdir()
    for name, text in TEXTS.items():
        (prompts / f"{name}.md").write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
    print(f"{len(examples())} models were written to {GOLDEN}.")

"""Checks a job before anything is started, and writes it down for the child."""

import ast
import json
import math

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.jobs import ParameterValue, RunJob
from abm_quant.errors import BadRequest

RUNNABLE_TARGETS = ("mesa", "agentpy")
"""The target frameworks whose models can be run here; adapters.py reads them."""
MAX_SEED = 2**63 - 1
_MAX_SOURCE = 5_000_000
_WORDS = {bool: "true or false", int: "a number", float: "a number", str: "a text"}


def check_job(job: RunJob) -> None:
    """Raise BadRequest, with a sentence that says what to change, when a job cannot be run."""
    bundle = job.bundle
    if bundle.target not in RUNNABLE_TARGETS:
        known = ", ".join(RUNNABLE_TARGETS)
        raise BadRequest(f"Models for {bundle.target!r} cannot be run; choose one of: {known}.")
    if len(bundle.files.get("model.py", "")) not in range(1, _MAX_SOURCE):
        raise BadRequest("The project holds no model.py that could be run.")
    if not bundle.entry_point.isidentifier():
        raise BadRequest(f"{bundle.entry_point!r} is not the name of a class.")
    if isinstance(job.seed, bool) or not 0 <= job.seed <= MAX_SEED:
        raise BadRequest(f"The seed {job.seed} is not a whole number from 0 to {MAX_SEED}.")
    if job.steps is not None and job.steps < 0:
        raise BadRequest(f"A run cannot take {job.steps} steps; give 0 or more.")
    _check_parameters(job)


def steps_to_take(job: RunJob) -> int:
    """Give the most steps of a run: the smallest of what is asked, modeled and allowed."""
    most = min(job.bundle.max_steps, job.limits.steps)
    return most if job.steps is None else min(job.steps, most)


def job_line(job: RunJob) -> bytes:
    """Give the message that tells the child what to run."""
    return json.dumps(
        {
            "source": job.bundle.files["model.py"],
            "entry_point": job.bundle.entry_point,
            "target": job.bundle.target,
            "parameters": job.parameters,
            "seed": job.seed,
            "steps": steps_to_take(job),
        },
        allow_nan=False,
    ).encode()


def _check_parameters(job: RunJob) -> None:
    known = job.bundle.parameters
    if unknown := [name for name in job.parameters if name not in known]:
        names = ", ".join(sorted(known)) or "none"
        raise BadRequest(
            f"The model has no parameter {', '.join(map(repr, unknown))}. Its parameters: {names}."
        )
    defaults = _defaults(job.bundle) if job.parameters else {}
    for name, value in job.parameters.items():
        _check_value(name, value, defaults.get(name))


def _check_value(name: str, value: ParameterValue, default: ParameterValue | None) -> None:
    if not isinstance(value, bool | int | float | str):
        raise BadRequest(f"The parameter {name!r} must be a number, a text, true or false.")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadRequest(f"The parameter {name!r} must be a finite number, not {value}.")
    if default is None:
        return
    wanted, given = _WORDS[type(default)], _WORDS[type(value)]
    if wanted != given:
        raise BadRequest(
            f"The parameter {name!r} is {wanted} ({default!r} by default), not {value!r}."
        )


def _defaults(bundle: CodeBundle) -> dict[str, ParameterValue]:
    """Give the literal defaults of the model class's keyword arguments."""
    try:
        tree = ast.parse(bundle.files["model.py"])
    except (SyntaxError, ValueError, RecursionError):
        return {}  # The run itself reports code that cannot be read.
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == bundle.entry_point:
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    return _literal_defaults(method.args)
    return {}


def _literal_defaults(arguments: ast.arguments) -> dict[str, ParameterValue]:
    plain = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(plain), reversed(arguments.defaults), strict=False)]
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    pairs += [(argument, default) for argument, default in named if default is not None]
    found = {}
    for argument, default in pairs:
        try:
            value = ast.literal_eval(default)
        except ValueError:
            continue
        if isinstance(value, bool | int | float | str):
            found[argument.arg] = value
    return found

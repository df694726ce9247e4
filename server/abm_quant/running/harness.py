"""What a run does in its process: load a model, step it, and say what happens.

A run that is to be confined comes from a zygote (zygote.py). Where nothing confines, this module is
a program of its own, `python -m abm_quant.running.harness PLAN` in a fresh process, where PLAN is
a JSON object {channel, parent, target, limits}. Imports nothing of the service but its own few
modules.
"""

import base64
import io
import json
import os
import random
import sys
import types
import warnings
from types import FrameType, TracebackType
from typing import Any, NoReturn

import numpy as np

from abm_quant.running import confinement, descriptors, limits
from abm_quant.running.confining import libraries
from abm_quant.running.inside import asking
from abm_quant.running.inside.adapters import ADAPTERS
from abm_quant.running.inside.course import Course
from abm_quant.running.inside.inbox import Inbox
from abm_quant.running.inside.recording import Recorder
from abm_quant.running.inside.reporting import CHANNEL, MessageTooLong, Printed, Reporter
from abm_quant.running.inside.saving import Saver
from abm_quant.running.inside.values import clean_text, id_number

MODEL_FILE = "model.py"
OWNERS = ("self", "agent")
"""Names of the agent that a function works for."""
_BALLAST_BYTES = 8 * limits.MIB
"""Reserved and never touched: given back when memory ends, so that there is enough to say so."""


def main() -> NoReturn:
    """Run one model without confinement, from start to end; never returns."""
    plan = json.loads(sys.argv[1])
    descriptors.keep_only(int(plan["channel"]), CHANNEL)
    printed = Printed()
    reporter = Reporter(printed=printed)
    try:
        libraries.load(plan["target"])
        libraries.hide_own_code()
        if sys.platform == "linux":
            confinement.end_with_parent(int(plan["parent"]))
            limits.impose(plan["limits"], limits.address_space_bytes())
    except Exception as failure:
        refuse(reporter, failure)
    os.environ.clear()
    perform(reporter, printed)


def refuse(reporter: Reporter, failure: Exception) -> NoReturn:
    """Say why the run cannot begin, and leave without reading the job."""
    reporter.last({"type": "refused", "text": f"{type(failure).__name__}: {failure}"[:2000]})
    os._exit(3)


def perform(reporter: Reporter, printed: Printed) -> NoReturn:
    """Say that all is ready, read the job, run it, and leave."""
    reporter.last({"type": "ready"})
    inbox = Inbox()
    job = inbox.wait()
    settle(job["seed"], printed)
    sys.modules[asking.MODULE] = asking.host_module(asking.Asking(reporter, inbox))
    reporter.last(run(job, reporter, inbox))
    os._exit(0)


def settle(seed: int, printed: Printed) -> None:
    """Seed the global random numbers and catch what is printed."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    sys.argv[:] = [MODEL_FILE]
    sys.stdout = sys.stderr = printed
    sys.stdin = io.StringIO()
    for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
        warnings.simplefilter("ignore", category)
    warnings.formatwarning = _format_warning


def run(job: dict[str, Any], reporter: Reporter, inbox: Inbox) -> dict[str, Any]:
    """Run the job and give the message that ends it; reports the steps on the way."""
    ballast = np.empty(_BALLAST_BYTES, np.uint8)
    try:
        return _follow(job, reporter, inbox)
    except MemoryError as failure:
        del ballast
        line = model_line(failure)
        failure.__traceback__ = None
        return {"type": "failed", "reason": "memory", "line": line}
    except MessageTooLong as failure:
        return {"type": "failed", "reason": "output", "line": None, "message": str(failure)}
    except BaseException as failure:
        return _failed(failure, ADAPTERS[job["target"]].identity)


def load(source: str) -> types.ModuleType:
    """Give the module of a model's source, executed."""
    module = types.ModuleType("model")
    module.__file__ = MODEL_FILE
    sys.modules["model"] = module
    exec(compile(source, MODEL_FILE, "exec", dont_inherit=True), module.__dict__)
    return module


def model_line(failure: BaseException) -> int | None:
    """Give the line of model.py where an exception comes from, None when it is not from there."""
    if isinstance(failure, SyntaxError) and failure.filename == MODEL_FILE:
        return failure.lineno
    lines = [trace.tb_lineno for trace in _model_traces(failure)]
    return lines[-1] if lines else None


def acting_agent(failure: BaseException, identity: str) -> dict[str, Any] | None:
    """Give type and id of the agent in whose turn an exception was raised, None without one.

    `identity` is the attribute that holds the id.
    """
    for trace in reversed(_model_traces(failure)):
        for value in _owners(trace.tb_frame):
            number, name = getattr(value, identity, None), type(value).__name__
            is_model = getattr(value, "model", None) is value
            if id_number(number) >= 0 and name.isidentifier() and not is_model:
                return {"type": name[:100], "id": number}
    return None


def _owners(frame: FrameType) -> list[Any]:
    """Give the values that may be the agent that a function works for.

    A local variable named `agent` is not among them: a loop may have left it behind.
    """
    code = frame.f_code
    given = code.co_varnames[: code.co_argcount]
    names = [*given[:1], *(each for each in given + code.co_freevars if each in OWNERS)]
    return [frame.f_locals[name] for name in names if name in frame.f_locals]


def _model_traces(failure: BaseException) -> list[TracebackType]:
    """Give the entries of a traceback that lie in model.py, the innermost last."""
    found = []
    trace = failure.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == MODEL_FILE:
            found.append(trace)
        trace = trace.tb_next
    return found


def root_cause(failure: BaseException) -> BaseException:
    """Give what happened in the model, where a library has wrapped it in an exception of its own."""
    while failure.__cause__ is not None and not _raised_in_model(failure):
        if model_line(failure.__cause__) is None:
            break
        failure = failure.__cause__
    return failure


def _follow(job: dict[str, Any], reporter: Reporter, inbox: Inbox) -> dict[str, Any]:
    adapter = ADAPTERS[job["target"]]
    module = load(job["source"])
    recorder = Recorder(adapter, job["record"], reporter)
    saver = Saver(module, recorder, reporter, job["checkpoint_every"])
    saved = job["resume"]
    if saved is None:
        name, parameters, seed = job["entry_point"], job["parameters"], job["seed"]
        model = adapter.build(module, name, parameters, seed, recorder.follow)
    else:
        parts = [base64.b64decode(inbox.wait()["data"]) for _ in range(saved["parts"])]
        model = saver.thaw(b"".join(parts), saved["step"])
    course = Course(model, adapter, recorder=recorder, saver=saver, reporter=reporter, inbox=inbox)
    return course.follow(job["steps"], job["changes"], saved and saved["step"])


def _failed(failure: BaseException, identity: str) -> dict[str, Any]:
    cause = root_cause(failure)
    try:
        message = clean_text(str(cause), 2000)
    except BaseException:  # foreign code: __str__ may raise anything
        message = ""
    try:
        agent = acting_agent(cause, identity)
    except BaseException:  # foreign code: an attribute may raise anything
        agent = None
    return {
        "type": "failed",
        "reason": "exception",
        "line": model_line(cause),
        "exception": clean_text(type(cause).__name__, 100),
        "message": message,
        "agent": agent,
    }


def _raised_in_model(failure: BaseException) -> bool:
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename == MODEL_FILE


def _format_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,
) -> str:
    """Give a warning as one line, without the paths of the machine."""
    place = f" ({MODEL_FILE}, line {lineno})" if filename == MODEL_FILE else ""
    return f"{category.__name__}: {message}{place}\n"


if __name__ == "__main__":
    main()

"""How a model asks its host: `import abm_host; abm_host.ask(questions)`.

The module is made for each run in its process; conversation/broker.py is the other side.
"""

import json
import math
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from abm_quant.running.inside.inbox import Inbox
from abm_quant.running.inside.reporting import MessageTooLong, Reporter

MODULE = "abm_host"


class Asking:
    """Sends questions, and waits for the answers."""

    def __init__(self, reporter: Reporter, inbox: Inbox) -> None:
        self._reporter = reporter
        self._inbox = inbox
        self._sent = 0

    def ask(
        self, questions: Iterable[Any], *, timeout_s: float | None = None
    ) -> list[dict[str, Any]]:
        """Give one answer for each question in their order, {"value": ...} or {"error": "..."}.

        A question is a JSON value. Raises RuntimeError, with a sentence that says why, when the host
        refuses them all or does not answer in time; TypeError or ValueError for what is not JSON.
        """
        if timeout_s is not None and not 0 < timeout_s < math.inf:
            raise ValueError(f"timeout_s must be a number above 0, not {timeout_s!r}")
        number = self._sent + 1
        asked = {"id": number, "questions": list(questions), "timeout_s": timeout_s}
        json.dumps(
            asked, allow_nan=False, ensure_ascii=False
        ).encode()  # Raises for what is not JSON.
        try:
            self._reporter.last({"type": "ask", **asked})
        except MessageTooLong as failure:
            raise RuntimeError(
                f"The questions are too long: {failure}. Ask fewer at once."
            ) from None
        self._sent = number
        reply = self._inbox.answer(number)
        if "refused" in reply:
            raise RuntimeError(reply["refused"])
        answers: list[dict[str, Any]] = reply["answers"]
        return answers


def host_module(asking: Asking) -> ModuleType:
    """Give the module that a model imports."""
    module = ModuleType(MODULE, "Asks the host of a run.")
    vars(module)["ask"] = asking.ask
    return module

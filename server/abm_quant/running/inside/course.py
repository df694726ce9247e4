"""The course of a run in its process: steps, and what the service asks for between them."""

from collections.abc import Callable
from typing import Any

from abm_quant.running.inside.adapters import Adapter
from abm_quant.running.inside.inbox import Inbox, Message
from abm_quant.running.inside.recording import Recorder
from abm_quant.running.inside.reporting import Reporter
from abm_quant.running.inside.saving import Saver
from abm_quant.running.inside.values import clean_text

STOPPED = "stopped"
"""The reason of the end of a run that was asked to stop."""


class Course:
    """Steps a model, reports every step, and obeys the service in between."""

    def __init__(
        self,
        model: Any,
        adapter: Adapter,
        *,
        recorder: Recorder,
        saver: Saver,
        reporter: Reporter,
        inbox: Inbox,
    ) -> None:
        self._model = model
        self._adapter = adapter
        self._recorder = recorder
        self._saver = saver
        self._reporter = reporter
        self._inbox = inbox
        self._step = 0
        self._is_halted = False
        self._halts_after_step = False
        self._is_stopped = False
        self._acts: dict[str, Callable[[Message], None]] = {
            "pause": self._pause,
            "resume": self._resume,
            "step": self._take_one_step,
            "stop": self._stop,
            "set": self._set,
            "frame": self._show,
            "checkpoint": lambda _: self._saver.want(),
        }

    def follow(
        self, most_steps: int, changes: list[Message], continued_at: int | None = None
    ) -> Message:
        """Give the message that ends the run, after the steps; `changes` are in their order.

        A run that is continued begins with the step after `continued_at`.
        """
        due = [*reversed(changes)]
        if continued_at is None:
            self._recorder.record(self._step)
        else:
            self._step = continued_at
        while self._step < most_steps and self._adapter.is_running(self._model):
            while due and due[-1]["step"] <= self._step + 1:
                self._set(due.pop())
            self._obey()
            self._saver.save_if_due(self._model, self._step)
            if self._is_stopped:
                return self._end(STOPPED)
            self._adapter.step(self._model)
            self._step += 1
            self._recorder.record(self._step)
            self._saver.save_if_due(self._model, self._step)
        if self._adapter.is_running(self._model):
            return self._end("steps")
        return self._end(str(self._adapter.stop_reason(self._model) or "max-steps"))

    def _end(self, reason: str) -> Message:
        return {"type": "finished", "steps": self._step, "stop_reason": clean_text(reason, 200)}

    def _obey(self) -> None:
        """Do what was asked until now; while the run is halted, wait for what is asked next."""
        if self._halts_after_step:
            self._halts_after_step = False
            self._pause({})
        while not self._is_stopped:
            message = self._inbox.wait() if self._is_halted else self._inbox.poll()
            if message is None:
                return
            if act := self._acts.get(message["type"]):
                act(message)

    def _pause(self, _: Message) -> None:
        self._is_halted = True
        self._reporter.last({"type": "paused", "step": self._step})

    def _resume(self, _: Message) -> None:
        self._is_halted = False
        self._reporter.last({"type": "resumed", "step": self._step})

    def _take_one_step(self, message: Message) -> None:
        self._resume(message)
        self._halts_after_step = True

    def _stop(self, _: Message) -> None:
        self._is_stopped = True

    def _show(self, _: Message) -> None:
        self._recorder.show(self._step)
        self._reporter.flush()

    def _set(self, message: Message) -> None:
        """Change a parameter; the next step is the first that is computed with it."""
        name, value = message["name"], message["value"]
        self._adapter.set_parameter(self._model, name, value)
        self._reporter.send({"type": "set", "step": self._step + 1, "name": name, "value": value})

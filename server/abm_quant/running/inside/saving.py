"""Saves a run in its process between two steps, and continues a saved one."""

import base64
import random
import sys
import types
from typing import Any

import numpy as np

from abm_quant.running.inside.freezing import (
    CannotFreeze,
    CannotThaw,
    Namespaces,
    freeze,
    thaw,
    unordered_set,
)
from abm_quant.running.inside.recording import Recorder
from abm_quant.running.inside.reporting import CHECKPOINT_PART, MOST_CHECKPOINT_BYTES, Reporter
from abm_quant.running.inside.values import clean_text


class CannotContinue(Exception):
    """A checkpoint does not hold what a run can be continued from."""


class Saver:
    """Sends the state of a run after some steps: of all that the next step depends on."""

    def __init__(
        self, module: types.ModuleType, recorder: Recorder, reporter: Reporter, every: int | None
    ) -> None:
        """Take the module of the model as it was just loaded."""
        self._recorder = recorder
        self._reporter = reporter
        self._every = every
        self._names = Namespaces(module)
        self._is_wanted = False
        self._last_step = -1
        self._told: set[str] = set()

    def want(self) -> None:
        """Save before the next step."""
        self._is_wanted = True

    def save_if_due(self, model: Any, step: int) -> None:
        """Save the run after a step, where that was asked for."""
        due = self._every is not None and step > 0 and step % self._every == 0
        if (due or self._is_wanted) and step > self._last_step:
            self._is_wanted, self._last_step = False, step
            self._save(model, step)

    def thaw(self, state: bytes, step: int) -> Any:
        """Give the model of a checkpoint, and bring all else to its state."""
        try:
            world = thaw(state)
            model = world["model"]
            if identities := world["identities"]:
                sys.modules["mesa"].Agent._ids[model] = identities
            self._names.restore(world["names"])
            random.setstate(world["random"])
            np.random.set_state(world["numpy"])
            self._recorder.restore(world["recorder"])
        except (CannotThaw, AttributeError, KeyError, TypeError, ValueError) as failure:
            text = f"The checkpoint cannot be read: {failure}"
            raise CannotContinue(clean_text(text, 500)) from None
        self._recorder.follow(model)
        self._last_step = step
        return model

    def _save(self, model: Any, step: int) -> None:
        tracking = self._recorder.tracking
        tracking.release(model)
        try:
            state = freeze(self._world(model))
        except CannotFreeze as obstacle:
            self._tell("unsaved", step=step, why=clean_text(str(obstacle), 300))
            return
        finally:
            tracking.follow(model)
        if len(state) > MOST_CHECKPOINT_BYTES:
            self._tell("unsaved", step=step, why=f"its state takes {len(state):,} bytes")
            return
        if kind := unordered_set(model):
            self._tell("inexact", of=clean_text(kind, 100))
        self._send(state, step)

    def _world(self, model: Any) -> dict[str, Any]:
        mesa = sys.modules.get("mesa")
        return {
            "model": model,
            "identities": mesa.Agent._ids.get(model) if mesa is not None else None,
            "names": self._names.changed(),
            "random": random.getstate(),
            "numpy": np.random.get_state(),
            "recorder": self._recorder.state(),
        }

    def _send(self, state: bytes, step: int) -> None:
        parts = range(0, len(state), CHECKPOINT_PART)
        for part, first in enumerate(parts):
            data = base64.b64encode(state[first : first + CHECKPOINT_PART]).decode()
            message = {"type": "checkpoint", "step": step, "part": part, "of": len(parts)}
            self._reporter.last(message | {"data": data})

    def _tell(self, kind: str, **what: Any) -> None:
        """Say once what stands in the way."""
        if kind not in self._told:
            self._told.add(kind)
            self._reporter.send({"type": kind, **what})

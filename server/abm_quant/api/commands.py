"""Commands: what a watcher of a run may send while it goes on, one JSON object a message."""

import time
from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationError

from abm_quant.api.bodies import Body
from abm_quant.api.plain import field_errors
from abm_quant.api.problems import InvalidFields, MalformedBody
from abm_quant.api.reading import kind_of, parse_json
from abm_quant.contracts.jobs import ParameterValue
from abm_quant.running.conversation.controls import Controls

MOST_STEPS = 10**9
LONGEST_REF = 100
MOST_A_SECOND = 100
"""Messages that a watcher may send in a second on average; twice as many at once."""


class Command(Body):
    """One wish of a watcher."""

    kind: ClassVar[str]

    type: str
    ref: Annotated[str, Field(max_length=LONGEST_REF)] | int | None = None
    """Comes back in the answer."""

    @abstractmethod
    def give(self, controls: Controls) -> None:
        """Ask the run for it; raises BadRequest when it cannot be asked."""


class Pause(Command):
    """Take no more steps for now."""

    kind = "pause"

    def give(self, controls: Controls) -> None:
        controls.pause()


class Resume(Command):
    """Go on after a pause."""

    kind = "resume"

    def give(self, controls: Controls) -> None:
        controls.resume()


class Step(Command):
    """Take some steps, then pause."""

    kind = "step"
    count: Annotated[int, Field(ge=1, le=MOST_STEPS)] = 1

    def give(self, controls: Controls) -> None:
        controls.step(self.count)


class Stop(Command):
    """End the run in order, with what was recorded."""

    kind = "stop"

    def give(self, controls: Controls) -> None:
        controls.stop()


class Set(Command):
    """Give a parameter another value."""

    kind = "set"
    name: Annotated[str, Field(max_length=1_000)]
    value: ParameterValue

    def give(self, controls: Controls) -> None:
        controls.set(self.name, self.value)


class Speed(Command):
    """Take at most so many steps a second; as many as possible for null."""

    kind = "speed"
    steps_a_second: Annotated[float, Field(gt=0)] | None

    def give(self, controls: Controls) -> None:
        controls.speed(self.steps_a_second)


class Frame(Command):
    """Record a frame of the agents now, of a paused run as well."""

    kind = "frame"

    def give(self, controls: Controls) -> None:
        controls.frame()


COMMANDS: Mapping[str, type[Command]] = {
    each.kind: each for each in (Pause, Resume, Step, Stop, Set, Speed, Frame)
}


def read_message(text: str) -> dict[str, Any]:
    """Give the object of a message; raises MalformedBody in plain words."""
    value = parse_json(text.encode("utf-8", "surrogatepass"), what="message")
    if not isinstance(value, dict):
        raise MalformedBody(f"The message must be a JSON object, and it is {kind_of(value)}.")
    return value


def read_command(message: Mapping[str, Any]) -> Command:
    """Give the command of a message; raises InvalidFields in plain words."""
    kind = _kind(message)
    if kind is None:
        raise InvalidFields([{"path": "type", "message": f"must be one of {', '.join(COMMANDS)}"}])
    try:
        return COMMANDS[kind].model_validate(message)
    except ValidationError as error:
        raise InvalidFields(field_errors(error.errors(include_url=False))) from None


def accepted(command: Command) -> dict[str, Any]:
    """Give the answer to a command that was passed on to the run."""
    return {"type": "command-accepted", "command": command.kind, "ref": command.ref}


def refused(message: Mapping[str, Any], why: str) -> dict[str, Any]:
    """Give the answer to a message that was not, also where it is no command."""
    ref = message.get("ref")
    is_ref = isinstance(ref, int) or (isinstance(ref, str) and len(ref) <= LONGEST_REF)
    return {
        "type": "command-refused",
        "command": _kind(message),
        "ref": ref if is_ref else None,
        "message": why,
    }


def _kind(message: Mapping[str, Any]) -> str | None:
    kind = message.get("type")
    return kind if isinstance(kind, str) and kind in COMMANDS else None


class Allowance:
    """What a watcher may still send: grows by the second, up to a bound."""

    def __init__(self) -> None:
        self._left = 2.0 * MOST_A_SECOND
        self._seen = time.monotonic()

    def take(self) -> bool:
        """Tell whether one more message is within it."""
        now = time.monotonic()
        self._left = min(2.0 * MOST_A_SECOND, self._left + (now - self._seen) * MOST_A_SECOND)
        self._seen = now
        self._left -= 1
        return self._left >= 0

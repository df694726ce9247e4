"""The exceptions of the product: what is wrong with the world.

AbmError
├── InvalidModel            a user's model has errors (carries the problems)
│   ├── SpecRejected        the author's or the user's specification cannot be read
│   ├── CannotCompile       it can be read, and cannot become a Program
│   └── UnsafeCode          the generated code asks for what the sandbox forbids
├── TargetLacks             a target framework has no counterpart for a feature
├── NothingFits             the offline author knows no model like the prompt (carries titles)
├── ModelUnavailable        a language model cannot be asked, or did not answer (carries a wait)
│   ├── MissingKey          no key for its vendor
│   ├── KeyRefused          its vendor does not accept the key
│   ├── CreditExhausted     the account of the key has nothing left to spend
│   ├── RateLimited         too many requests for the key
│   ├── VendorOverloaded    its vendor fails or is too busy
│   ├── ConnectionFailed    its vendor cannot be reached, or the answer broke off
│   ├── ReplyTimeout        no answer within the time allowed
│   ├── ModelUnknown        its vendor has no model of this name
│   ├── ContextTooLong      prompt and current model are too long for it
│   ├── SchemaRefused       its vendor does not take the schema of the answer
│   ├── StreamRefused       its vendor does not send the answer in pieces
│   ├── LengthRefused       its vendor does not allow so long an answer
│   └── RequestRefused      its vendor finds another fault with the request
├── ModelRefused            a language model declined to write the model
├── ReplyTruncated          its answer was cut off at the most it may write
├── ReplyUnreadable         its answer is not what its vendor's protocol promises
├── NotFound                no model, run, engine or example of this name
├── BadRequest              a request cannot be understood
├── BadSetting              a setting has a value that cannot be used
├── StorageError            the data folder cannot be read or written
├── QuestionsRefused        the host of a run does not answer what its model asks
├── SandboxUnavailable      this machine cannot confine foreign code
├── TooManyRuns             as many runs as the service takes are under way
├── WorkTooLarge            work took more time or memory than it may
├── WorkerLost              a process that worked for the service ended before it was done
└── ResourceMissing         schemas/ or templates/ are not where they must be

A message is a sentence for the user: what happened and what to do next. It never holds a key.
Each carries what language models took before it.
"""

from typing import Any, Self

from abm_quant.contracts.problems import Problem
from abm_quant.contracts.usage import Usage


class AbmError(Exception):
    """Any failure that the product foresees."""

    usage: Usage = Usage()
    """What language models took before it."""


class InvalidModel(AbmError):
    """A user's model has errors; `problems` lists them all."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        worst = [each for each in problems if each.severity == "error"] or problems
        super().__init__("; ".join(f"{each.path or '/'}: {each.message}" for each in worst[:3]))

    def __reduce__(self) -> tuple[type[Self], tuple[list[Problem]], dict[str, Any]]:
        """Let it be pickled: it is made again from its problems."""
        return type(self), (self.problems,), vars(self)


class SpecRejected(InvalidModel):
    """The specification cannot be read."""


class CannotCompile(InvalidModel):
    """The specification cannot become a Program."""


class UnsafeCode(InvalidModel):
    """The code asks for what the sandbox forbids."""


class TargetLacks(AbmError):
    """A target framework has no counterpart for a feature of the model."""


class NothingFits(AbmError):
    """The offline author knows no model like the prompt; `closest` lists titles."""

    def __init__(self, message: str, closest: list[str]) -> None:
        self.closest = closest
        super().__init__(message)


class ModelUnavailable(AbmError):
    """A language model cannot be asked; `retry_after_s` is the wait that its vendor asks for."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class MissingKey(ModelUnavailable):
    """No key for the vendor of the language model."""


class KeyRefused(ModelUnavailable):
    """The vendor does not accept the key."""


class CreditExhausted(ModelUnavailable):
    """The account of the key has nothing left to spend."""


class RateLimited(ModelUnavailable):
    """Too many requests for the key."""


class VendorOverloaded(ModelUnavailable):
    """The vendor fails or is too busy."""


class ConnectionFailed(ModelUnavailable):
    """The vendor cannot be reached, or the answer broke off."""


class ReplyTimeout(ModelUnavailable):
    """No answer came within the time allowed."""


class ModelUnknown(ModelUnavailable):
    """The vendor has no model of this name."""


class ContextTooLong(ModelUnavailable):
    """The prompt and the current model are too long for the language model."""


class SchemaRefused(ModelUnavailable):
    """The vendor does not take the schema of the answer."""


class StreamRefused(ModelUnavailable):
    """The vendor does not send the answer in pieces."""


class LengthRefused(ModelUnavailable):
    """The vendor does not allow so long an answer."""


class RequestRefused(ModelUnavailable):
    """The vendor finds another fault with the request."""


class ModelRefused(AbmError):
    """The language model declined to write the model."""


class ReplyTruncated(AbmError):
    """The answer was cut off at the most that the language model may write."""


class ReplyUnreadable(AbmError):
    """The answer is not what the vendor's protocol promises."""


class NotFound(AbmError):
    """Nothing of this name is kept here."""


class BadRequest(AbmError):
    """A request cannot be understood."""


class BadSetting(AbmError):
    """A setting has a value that cannot be used."""


class StorageError(AbmError):
    """The data folder cannot be read or written."""


class QuestionsRefused(AbmError):
    """The host of a run does not answer its questions; the message is for the model."""


class SandboxUnavailable(AbmError):
    """This machine cannot confine foreign code, so the service does not run any."""


class TooManyRuns(AbmError):
    """As many runs as the service takes are under way."""


class WorkTooLarge(AbmError):
    """Work took more time or memory than it may; the text says which."""


class WorkerLost(AbmError):
    """A process that worked for the service ended before it was done."""


class ResourceMissing(AbmError):
    """schemas/ or templates/ are not where they must be."""

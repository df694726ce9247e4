"""The exceptions of the product: what is wrong with the world.

AbmError
├── InvalidModel            a user's model has errors (carries the problems)
│   ├── SpecRejected        the author's or the user's specification cannot be read
│   ├── CannotCompile       it can be read, and cannot become a Program
│   └── UnsafeCode          the generated code asks for what the sandbox forbids
├── TargetLacks             a target framework has no counterpart for a feature
├── NothingFits             the offline author knows no model like the prompt (carries titles)
├── ModelUnavailable        a language model cannot be asked
│   ├── MissingKey          no key for its vendor
│   └── VendorNotConnected  its vendor's adapter is not part of this version
├── NotFound                no model, run, engine or example of this name
├── BadRequest              a request cannot be understood
├── BadSetting              a setting has a value that cannot be used
├── StorageError            the data folder cannot be read or written
├── SandboxUnavailable      this machine cannot confine foreign code
└── ResourceMissing         schemas/ or templates/ are not where they must be

A message is a sentence for the user: what happened and what to do next. It never holds a key.
"""

from abm_quant.contracts.problems import Problem


class AbmError(Exception):
    """Any failure that the product foresees."""


class InvalidModel(AbmError):
    """A user's model has errors; `problems` lists them all."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        worst = [each for each in problems if each.severity == "error"] or problems
        super().__init__("; ".join(f"{each.path or '/'}: {each.message}" for each in worst[:3]))


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
    """A language model cannot be asked."""


class MissingKey(ModelUnavailable):
    """No key for the vendor of the language model."""


class VendorNotConnected(ModelUnavailable):
    """The vendor's adapter is not part of this version."""


class NotFound(AbmError):
    """Nothing of this name is kept here."""


class BadRequest(AbmError):
    """A request cannot be understood."""


class BadSetting(AbmError):
    """A setting has a value that cannot be used."""


class StorageError(AbmError):
    """The data folder cannot be read or written."""


class SandboxUnavailable(AbmError):
    """This machine cannot confine foreign code, so the service does not run any."""


class ResourceMissing(AbmError):
    """schemas/ or templates/ are not where they must be."""

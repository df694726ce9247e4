"""Which specifications are written for what is compiled here; the others are kept as they are."""

from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import ModelSpec

PYTHON = ("python", "python3", "py")
LIBRARIES = ("mesa", "agentpy")
HINT = "The specification is kept and returned; only Python for Mesa or AgentPy is compiled."


def unsupported(spec: ModelSpec) -> list[Problem]:
    """Give an error when the code of a specification is not compiled here."""
    found = _foreign(spec)
    return [problem("unsupported-language", *found, HINT)] if found else []


def foreign_code(spec: ModelSpec) -> list[Problem]:
    """Give a note when the code of a specification cannot be read here, only its format."""
    found = _foreign(spec)
    if found is None:
        return []
    path, message = found
    return [problem("foreign-code", path, f"{message} Only the format was checked.", HINT)]


def _foreign(spec: ModelSpec) -> tuple[str, str] | None:
    """Give where a specification says so, and the sentence; None when it can be compiled."""
    if spec.coding_language.strip().lower() not in PYTHON:
        return "/codingLanguage", f"Code in {spec.coding_language!r} is not compiled."
    library = spec.abm_library.name.strip().lower() if spec.abm_library else ""
    if library and not library.startswith(LIBRARIES):
        message = f"Code for the library {library!r} is not compiled by this version."
        return "/abmLibrary/name", message
    return None

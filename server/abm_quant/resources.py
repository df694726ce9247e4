"""Finds the data folders that travel with the package: schemas/ and templates/."""

from functools import cache
from pathlib import Path

from abm_quant.errors import ResourceMissing

PACKAGE = Path(__file__).resolve().parent


@cache
def root(name: str) -> Path:
    """Give the folder `schemas` or `templates`: beside the package in a wheel, else the checkout's.

    Raises ResourceMissing, naming both places, when it is in neither.
    """
    installed = PACKAGE / "_data" / name
    checkout = PACKAGE.parents[1] / name
    for place in (installed, checkout):
        if place.is_dir():
            return place
    raise ResourceMissing(
        f"The folder {name!r} is neither at {installed} nor at {checkout}. "
        "Install the package again: pip install --force-reinstall abm-quant."
    )


def checkout() -> Path | None:
    """Give the top of the checkout that this package runs from, None when it is installed."""
    top = PACKAGE.parents[1]
    return top if (top / "pyproject.toml").is_file() and (top / "templates").is_dir() else None

"""What models may import and read: Python's libraries, and nothing else that is installed."""

import contextlib
import importlib
import os
import site
import sys
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OWN_PACKAGE = "abm_quant"
LAZY = ("scipy", "scipy.libs", "tzdata", "agentpy")
"""Libraries that models may import and that are not loaded beforehand."""
COMMON = (
    "networkx",
    "numpy.random",
    "pandas",
    "statistics",
    "dataclasses",
    "decimal",
    "encodings.idna",
)
PRELOADED = {
    "mesa": ("mesa", "mesa.discrete_space", "mesa.space", *COMMON),
    "agentpy": ("agentpy", *COMMON),
}
"""By target: what is imported before confinement, so that all that it loads is there."""
ONLY_PRELOADED = (
    "bisect",
    "calendar",
    "cmath",
    "colorsys",
    "csv",
    "difflib",
    "fractions",
    "graphlib",
    "html",
    "pprint",
    "queue",
    "scipy.optimize",
    "scipy.spatial",
    "scipy.stats",
    "textwrap",
    "timeit",
    "uuid",
    "zoneinfo",
)
"""Loaded as well where no file can be opened later."""
KEPT_OUT = ("pyarrow",)
"""For the service alone: pandas would load it, with its threads, and models do without it."""


def load(target: str, *, everything: bool = False) -> None:
    """Import what models of a target use; everything where no file can be opened later."""
    loaded: dict[str, Any] = sys.modules
    loaded.update(dict.fromkeys(KEPT_OUT))
    with _same_drawn_numbers(), _no_threads():
        for name in PRELOADED[target] + (ONLY_PRELOADED if everything else ()):
            importlib.import_module(name)


@contextlib.contextmanager
def _same_drawn_numbers() -> Iterator[None]:
    """Let numpy's generators without a seed draw the same numbers in every process.

    Libraries draw some while they load (scipy.stats does), and so decide where later objects lie in
    memory: sets of them would have another order in another process.
    """
    entropy = importlib.import_module("numpy.random.bit_generator").__dict__
    drawn = entropy["randbits"]
    entropy["randbits"] = lambda bits: 2**bits - 1
    try:
        yield
    finally:
        entropy["randbits"] = drawn


@contextlib.contextmanager
def _no_threads() -> Iterator[None]:
    """Let libraries load without threads, as they do where none can be started.

    Matplotlib starts one to say that it takes long; when that one ends, as chance has it, decides
    where later objects lie in memory.
    """

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    start = threading.Thread.start
    threading.Thread.start = refuse  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        threading.Thread.start = start  # type: ignore[method-assign]


def hide_own_code() -> None:
    """Let nothing more be imported from the folder of this service's code."""
    own_path = os.environ.get("PYTHONPATH", "")
    if own_path in sys.path and Path(own_path).resolve() not in package_folders():
        sys.path.remove(own_path)


def readable_paths() -> Iterator[Path]:
    """Give what a model may read: the standard library, loaded and lazy libraries, time zones.

    Folders that hold installed packages are opened package by package, so that neither this
    service's code nor anything else that happens to be installed can be read.
    """
    installed = package_folders()
    for name in ("stdlib", "platstdlib"):
        folder = Path(sysconfig.get_path(name)).resolve()
        for entry in folder.iterdir():
            if entry not in installed and entry.name not in ("site-packages", "dist-packages"):
                yield entry
    wanted = {*_loaded_packages(installed), *LAZY} - {OWN_PACKAGE}
    for folder in installed:
        for name in wanted:
            yield from (folder / name, folder / f"{name}.libs", folder / f"{name}.py")
    yield Path("/usr/share/zoneinfo")
    yield Path("/dev/null")
    yield Path("/dev/urandom")


def package_folders() -> set[Path]:
    """Give the folders in which packages are installed for this interpreter."""
    named = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    return {Path(name).resolve() for name in named if Path(name).is_dir()}


def _loaded_packages(installed: set[Path]) -> set[str]:
    names = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str):
            place = Path(file).resolve()
            names |= {
                place.relative_to(each).parts[0] for each in installed if each in place.parents
            }
    return names

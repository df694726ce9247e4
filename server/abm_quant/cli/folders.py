"""Writes files where the user wants them, and never over something that was there."""

from collections.abc import Mapping
from pathlib import Path

from abm_quant.errors import BadRequest

STDOUT = Path("-")
"""What is written where a file could be named, for standard output."""


def check_folder(folder: Path, *, force: bool) -> None:
    """Raise BadRequest when a folder holds files already, unless they may be replaced."""
    try:
        if folder.exists() and not folder.is_dir():
            raise BadRequest(f"{str(folder)!r} is a file. Name a folder that is new or empty.")
        if folder.is_dir() and any(folder.iterdir()) and not force:
            raise BadRequest(
                f"The folder {str(folder)!r} is not empty. Name another one, or add --force to "
                "replace the files that have the same names."
            )
    except OSError as error:
        raise BadRequest(f"{str(folder)!r} cannot be used: {error.strerror}.") from error


def check_file(path: Path) -> None:
    """Raise BadRequest when no file can have this path."""
    try:
        if path.is_dir():
            raise BadRequest(f"{str(path)!r} is a folder. Name a file in it.")
    except (OSError, ValueError) as error:
        raise BadRequest(f"{str(path)!r} cannot be the name of a file: {error}.") from error


def write_project(files: Mapping[str, str], folder: Path) -> None:
    """Write the files of a project; raises BadRequest when the disk refuses."""
    for name, text in files.items():
        write_text(folder / name, text)


def write_text(path: Path, text: str) -> None:
    """Write one file with its folders; raises BadRequest when the disk refuses."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    except OSError as error:
        raise BadRequest(f"{str(path)!r} cannot be written: {error.strerror}.") from error

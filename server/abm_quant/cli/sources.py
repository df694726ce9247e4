"""Where a command's model comes from: a file, standard input or the gallery."""

import sys
from pathlib import Path
from typing import Any, BinaryIO

from abm_quant.authoring.offline.gallery import entry_named, load_gallery
from abm_quant.contracts.gallery import GalleryEntry
from abm_quant.errors import BadRequest

MAX_BYTES = 50 * 2**20
GALLERY = "gallery:"


def read_source(source: str) -> Any:
    """Give the text of a specification, or the author's answer of a gallery model.

    Raises BadRequest when there is nothing to read, NotFound for an unknown gallery name. What the
    text holds is not looked at.
    """
    if source.startswith(GALLERY):
        return answer(entry_named(source.removeprefix(GALLERY)))
    if source == "-":
        return _decoded(_limited(sys.stdin.buffer, "Standard input"), "Standard input")
    return _decoded(_file_bytes(source), repr(source))


def answer(entry: GalleryEntry) -> dict[str, Any]:
    """Give a gallery model in the form in which an author answers."""
    return {
        "model": entry.model.wire(),
        "title": entry.title,
        "explanation": entry.explanation,
    }


def _file_bytes(source: str) -> bytes:
    try:
        with Path(source).open("rb") as file:
            return _limited(file, repr(source))
    except FileNotFoundError:
        raise BadRequest(f"There is no file {source!r}.{_gallery_advice(source)}") from None
    except IsADirectoryError:
        raise BadRequest(
            f"{source!r} is a folder. Name the file in it, such as {source.rstrip('/')}/spec.json."
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadRequest(f"The file {source!r} cannot be read: {reason}.") from error


def _gallery_advice(source: str) -> str:
    if any(entry.name == source for entry in load_gallery()):
        return f" The gallery has a model of this name: write {GALLERY}{source}."
    return " A model of the gallery is written gallery:NAME; `abm gallery` lists them."


def _limited(file: BinaryIO, name: str) -> bytes:
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise BadRequest(f"{name} is larger than {MAX_BYTES // 2**20} MB, the most that is read.")
    return content


def _decoded(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"{name} is not UTF-8 text: byte {error.start + 1} cannot be read. "
            "Save the specification as UTF-8 JSON."
        ) from None
    if "\0" in text:
        raise BadRequest(f"{name} is a binary file. A specification is JSON text.")
    return text

"""Reads the built-in gallery, schemas/examples/*.json."""

from functools import cache
from pathlib import Path

from pydantic import ValidationError
from rapidfuzz import process

from abm_quant.contracts.gallery import GalleryEntry
from abm_quant.errors import NotFound, ResourceMissing
from abm_quant.resources import root


@cache
def load_gallery() -> tuple[GalleryEntry, ...]:
    """Give all entries, sorted by name."""
    return read_entries(root("schemas") / "examples")


def read_entries(folder: Path) -> tuple[GalleryEntry, ...]:
    """Give the entries of a folder, sorted by name; raises ResourceMissing for a broken file."""
    return tuple(_read_entry(file) for file in sorted(folder.glob("*.json")))


def entry_named(name: str) -> GalleryEntry:
    """Give the entry of this name; raises NotFound, which says which names are close."""
    entries = {entry.name: entry for entry in load_gallery()}
    if name in entries:
        return entries[name]
    close = process.extract(name, list(entries), limit=3, score_cutoff=50)
    names = ", ".join(each for each, _, _ in close) or ", ".join(entries)
    raise NotFound(f"The gallery has no model {name[:80]!r}. Did you mean: {names}?")


def _read_entry(file: Path) -> GalleryEntry:
    try:
        entry = GalleryEntry.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ResourceMissing(f"The gallery file {file.name} cannot be read: {error}") from error
    return entry.model_copy(update={"name": file.stem})

"""Files of the data folder: written whole or not at all, read with a sentence when they cannot be."""

import json
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from abm_quant.errors import BadRequest, StorageError

T = TypeVar("T")
MAX_PAGE = 100
SLUG_LENGTH = 48


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some entries of a list, newest first."""

    items: list[T]
    next_cursor: str | None
    """Where the next page begins; None when this is the last one."""


@contextmanager
def storage_errors(verb: str) -> Iterator[None]:
    """Turn the system's errors into StorageError; `verb` is `read` or `written`."""
    try:
        yield
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it does not hold what was kept there"
        raise StorageError(
            f"The data folder (ABM_DATA_DIR) cannot be {verb}: {reason}. "
            "Make it accessible, free some space or name another folder."
        ) from error


def write_file(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """Put a file in place in one step, so that a reader sees the old or the new one whole.

    A lasting one survives a power cut; waiting for that takes some milliseconds.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with open(draft, "xb") as stream:
            stream.write(data)
            if lasting:
                stream.flush()
                os.fsync(stream.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Put a JSON file in place in one step, indented for people."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_file(path, text.encode())


def slug(text: str) -> str:
    """Give a short name for a folder: lower-case ASCII letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    return "-".join(words)[:SLUG_LENGTH].strip("-") or "model"


def page_of(
    keys: Iterable[str], load: Callable[[str], T | None], *, limit: int, cursor: str | None
) -> Page[T]:
    """Give the entries after `cursor` in falling order of their keys; None entries are left out.

    `cursor` is the key of the last entry of the page before. Raises BadRequest for a bad limit.
    """
    if not 1 <= limit <= MAX_PAGE:
        raise BadRequest(f"`limit` must be between 1 and {MAX_PAGE}, and it is {limit}.")
    pending = sorted((key for key in keys if cursor is None or key < cursor), reverse=True)
    items: list[T] = []
    last = ""
    for key in pending:
        if len(items) == limit:
            return Page(items=items, next_cursor=last)
        entry = load(key)
        if entry is not None:
            items.append(entry)
        last = key
    return Page(items=items, next_cursor=None)

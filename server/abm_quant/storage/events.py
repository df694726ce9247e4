"""The events of a run on disk: `<data folder>/runs/<id>/events.jsonl`, one line of JSON an event.

Each line begins with the event's number, `{"id":1,`, counted from 1. A log that has reached its
bound takes no more events but the last ones, so numbers may be missing in between.
"""

import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from abm_quant.storage.files import storage_errors

MOST_BYTES = 64 * 2**20
"""Size from which a log takes only the last events of its run."""
CHUNK = 2**18
"""What is read at once, in bytes; a longer line is read whole."""
NUMBER = re.compile(rb'\{"id":(\d{1,15}),')


class EventLog:
    """Keeps the events of one run; one writer appends while any number of readers read."""

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes

    def append(self, lines: Sequence[bytes], *, are_last: bool = False) -> None:
        """Keep some more lines; none where they would pass the bound and others will follow."""
        with storage_errors("written"):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with open(self._path, "ab") as file:
                if are_last or file.tell() + sum(map(len, lines)) <= self._most_bytes:
                    file.writelines(line + b"\n" for line in lines)

    def read(self, place: int, *, after: int) -> tuple[list[bytes], int]:
        """Give the lines of a chunk whose numbers come after `after`, and the place of the next.

        Chunks without such a line are passed over; no lines are given at the end of the log only.
        """
        with storage_errors("read"), self._open() as file:
            file.seek(place)
            while lines := _whole(file.readlines(CHUNK)):
                place = file.seek(place + sum(map(len, lines)))
                if wanted := [line[:-1] for line in lines if number(line) > after]:
                    return wanted, place
        return [], place

    def last(self) -> bytes | None:
        """Give the last whole line, None where there is none."""
        with storage_errors("read"), self._open() as file:
            end = start = file.seek(0, os.SEEK_END)
            while start > 0:
                start = max(0, end - max(CHUNK, 2 * (end - start)))
                file.seek(start)
                lines = file.read(end - start).split(b"\n")[:-1]
                if len(lines) > 1 or (lines and start == 0):
                    return lines[-1]
        return None

    def _open(self) -> BinaryIO:
        """Give the file for reading; an empty one where there is none yet."""
        try:
            return open(self._path, "rb")
        except FileNotFoundError:
            return io.BytesIO()


def number(line: bytes) -> int:
    """Give the number of an event from its line; 0 for a line that is none."""
    found = NUMBER.match(line)
    return int(found[1]) if found else 0


def _whole(lines: Iterable[bytes]) -> list[bytes]:
    """Give the lines that were written to their end."""
    return [line for line in lines if line.endswith(b"\n")]

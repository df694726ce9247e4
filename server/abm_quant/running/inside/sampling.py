"""Chooses agents where there are too many to record: by their ids, and the same through time."""

import zlib
from collections.abc import Sequence
from typing import Any

_GOLDEN = 2654435769
"""2**32 divided by the golden ratio: its multiples spread evenly."""
_RANGE = 2**32


class Samples:
    """A sample of each type of agents.

    Every id has a mark, `id * 2654435769 % 2**32`, and the agents with the lowest marks are chosen.
    The highest mark that counts only ever falls: who is in a sample was in all before, from birth on.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        """Agents of a type, at most."""
        self.highest: dict[str, int] = {}
        """The highest mark that is chosen, by type; nothing where all are."""

    def choose(self, agent_type: str, ids: Sequence[Any]) -> list[int] | None:
        """Give the places of the chosen agents in a sequence of ids, None where all are chosen."""
        if agent_type not in self.highest and len(ids) <= self.most:
            return None
        marks = [mark(each) for each in ids]
        highest = self.highest.get(agent_type, _RANGE)
        chosen = [place for place, each in enumerate(marks) if each <= highest]
        if len(chosen) > self.most:
            chosen = sorted(sorted(chosen, key=marks.__getitem__)[: self.most])
            self.highest[agent_type] = max(marks[place] for place in chosen)
        return chosen


def mark(identity: Any) -> int:
    """Give the mark of an id, from 0 to 2**32 - 1; ids that are no numbers have one as well."""
    number = identity if type(identity) is int else zlib.crc32(repr(identity).encode())
    return number * _GOLDEN % _RANGE

"""Watches the tables that a run fills on the service's side: they grow only with what is sent."""

from collections.abc import Set

from abm_quant.contracts.jobs import Limits
from abm_quant.contracts.results import OWN_COLUMNS, name_in_table
from abm_quant.running.child import ProtocolBroken, TooMuchOutput
from abm_quant.running.limits import MIB

_MAX_SERIES = 10_000
"""Series of the model, and attributes of all types of agents together."""
_MAX_TYPES = 1_000
_MAX_NAME = 1_000
_MAX_SERIES_NAME = 20_000
"""Every step is told with the names of its series, so a long one costs more than its own bytes."""
_NAME_OF_A_CELL = 64
"""Letters of a name that cost no more than its value does; each so many more cost another cell."""
_TOLD_APART = {name_in_table(name) for name in OWN_COLUMNS}
_CELL_BYTES = 2
"""A value and the comma behind it."""


class Tables:
    """The columns of a run's tables. A name that comes late gets a gap for every earlier step, and
    one that stays away for every later step; so cells are counted, not only bytes."""

    def __init__(self, limits: Limits) -> None:
        self._cells_left = int(limits.output_mb * MIB / _CELL_BYTES)
        self._series: set[str] = set()
        self._attributes: dict[str, Set[str]] = {}

    def add_steps(self, names: Set[str], first: int, count: int) -> None:
        """Take in some steps with values of these series, the first of them of this number.

        Raises ProtocolBroken or TooMuchOutput.
        """
        new = names - self._series
        self._series |= new
        if len(self._series) > _MAX_SERIES:
            raise ProtocolBroken("more series than a model can have")
        if any(len(name) > _MAX_SERIES_NAME for name in new):
            raise ProtocolBroken("a name that no series has")
        long = sum(len(name) // _NAME_OF_A_CELL for name in names)
        self._cells_left -= (len(self._series) + long) * count + len(new) * first
        if self._cells_left < 0:
            raise TooMuchOutput

    def add_agents(self, agent_type: str, attributes: Set[str], rows: int) -> None:
        """Take in rows of agents of a type with these attributes; raises ProtocolBroken.

        Types have the names of Python's classes.
        """
        known = self._attributes.get(agent_type)
        if not known:
            self._require_names(agent_type, attributes)
            self._attributes[agent_type] = attributes
        if rows and not attributes or known and attributes and attributes != known:
            raise ProtocolBroken("agents whose columns change")

    def _require_names(self, agent_type: str, attributes: Set[str]) -> None:
        known = sum(map(len, self._attributes.values()))
        if len(self._attributes) >= _MAX_TYPES or known + len(attributes) > _MAX_SERIES:
            raise ProtocolBroken("more types or attributes than a model can have")
        if attributes & _TOLD_APART:
            raise ProtocolBroken("an attribute called as the one beside the id")
        if not agent_type.isidentifier() or max(map(len, {agent_type, *attributes})) > _MAX_NAME:
            raise ProtocolBroken("a name that no type or attribute has")

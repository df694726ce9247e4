"""The tracked variables of a run as CSV: one table of the model's, one of the agents'."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from abm_quant.contracts.results import RunResult, Series
from abm_quant.errors import BadRequest

MOST_CELLS = 32_000_000
"""Of a table of all agents; most of them can be gaps, which no run has sent."""
RFC_4180 = "\r\n"
"""The end of a line in `text/csv`; files on disk have plain newlines."""


def model_table(result: RunResult) -> dict[str, Series]:
    """Give the columns `step` and one for each model-level series; one row a step."""
    length = max((len(series) for series in result.model.values()), default=0)
    return {"step": list(range(result.first_step, result.first_step + length)), **result.model}


def agent_table(result: RunResult) -> dict[str, Series]:
    """Give the columns `type`, `step`, `id` and every attribute; one row an agent and step.

    Agents of a type without an attribute have a gap in its column. Raises BadRequest where the
    types have so little in common that the table would hold hardly anything but gaps.
    """
    columns: dict[str, Series] = {"type": [], "step": [], "id": []}
    for tracked in result.agents.values():
        columns |= {name: [] for name in tracked if name not in columns}
    rows = sum(len(tracked.get("step", [])) for tracked in result.agents.values())
    if rows * len(columns) > MOST_CELLS:
        raise BadRequest(
            f"One table of all agents would have {rows:,} rows and {len(columns):,} columns, more "
            f"than {MOST_CELLS:,} values with its gaps. Take JSON, where each type has its own."
        )
    for type_name, tracked in result.agents.items():
        count = len(tracked.get("step", []))
        for name, column in columns.items():
            column += [type_name] * count if name == "type" else tracked.get(name, [None] * count)
    return columns


def csv_text(columns: Mapping[str, Series], *, line_end: str = "\n") -> str:
    """Give columns of one length as CSV: a gap is empty, a list or object is JSON."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=line_end)
    writer.writerow(columns)
    writer.writerows([_cell(each) for each in row] for row in zip(*columns.values(), strict=True))
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list | dict) else value

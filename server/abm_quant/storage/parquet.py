"""The tracked variables of a run as Parquet, for those who go on with data frames."""

import json
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from abm_quant.contracts.results import Series

KINDS: tuple[tuple[frozenset[type], pa.DataType], ...] = (
    (frozenset(), pa.null()),
    (frozenset({bool}), pa.bool_()),
    (frozenset({int}), pa.int64()),
    (frozenset({int, float}), pa.float64()),
    (frozenset({str}), pa.string()),
)
"""The type of a column by the types of its values, gaps aside; the first that holds them all."""


def parquet_bytes(columns: Mapping[str, Series]) -> bytes:
    """Give columns of one length as a Parquet file.

    A column of booleans, whole numbers, numbers or texts keeps its type, with nulls for gaps. In
    any other, and in one with a number that 64 bits cannot hold, each value is its JSON text.
    """
    sink = pa.BufferOutputStream()
    table = pa.table({name: _column(values) for name, values in columns.items()})
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


def _column(values: Series) -> pa.Array:
    kinds = {type(each) for each in values if each is not None}
    for types, column_type in KINDS:
        if kinds <= types:
            try:
                return pa.array(values, column_type)
            except (OverflowError, pa.ArrowInvalid):
                break
    texts = [None if each is None else json.dumps(each, ensure_ascii=False) for each in values]
    return pa.array(texts, pa.string())

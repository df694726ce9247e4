"""Parquet: what is read back is what was recorded, with its type."""

import io
import json
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from abm_quant.storage.parquet import parquet_bytes


def read(values: list[Any]) -> tuple[str, list[Any]]:
    """Give the type and the values of a column that was written and read again."""
    table = pq.read_table(io.BytesIO(parquet_bytes({"x": values})))
    return str(table.schema.field("x").type), table.column("x").to_pylist()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, -3], "int64"),
        ([1, None, 3], "int64"),
        ([1, 0.5], "double"),
        ([True, False, None], "bool"),
        (["a", "ä", None], "string"),
        ([None, None], "null"),
        ([], "null"),
        ([2**63 - 1], "int64"),
    ],
)
def test_a_column_of_one_kind_keeps_its_type(values, kind):
    assert read(values) == (kind, values)


@pytest.mark.parametrize(
    "values",
    [[2**63], [1, "a"], [True, 1], [[1, 2], None], [{"a": 1}, 2], [2**53 + 1, 0.5]],
)
def test_any_other_column_holds_the_json_of_its_values(values):
    kind, texts = read(values)
    assert kind == "string"
    assert [text if text is None else json.loads(text) for text in texts] == values


def test_data_frames_read_it():
    frame = pd.read_parquet(io.BytesIO(parquet_bytes({"step": [0, 1], "n": [5, 4]})))
    assert frame.to_dict("list") == {"step": [0, 1], "n": [5, 4]}

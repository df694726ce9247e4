"""Tables of results as CSV."""

import csv
import io

import pytest

from abm_quant.contracts.results import RunResult
from abm_quant.errors import BadRequest
from abm_quant.storage.tables import RFC_4180, agent_table, csv_text, model_table


def test_csv_is_read_back_as_it_was_written():
    text = csv_text(
        {"step": [0, 1], 'a "b", c': [None, 0.1], "flag": [True, False], "at": [[1], []]}
    )
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [
        ["step", 'a "b", c', "flag", "at"],
        ["0", "", "true", "[1]"],
        ["1", "0.1", "false", "[]"],
    ]


def test_columns_of_different_length_are_no_table():
    with pytest.raises(ValueError, match="shorter"):
        csv_text({"step": [0, 1], "x": [1]})


def test_model_variables_are_columns():
    result = RunResult(steps=1, model={"n, of all": [1, None], "on": [True, False]})
    assert csv_text(model_table(result)) == 'step,"n, of all",on\n0,1,true\n1,,false\n'


def test_a_result_without_steps_is_a_header():
    assert csv_text(model_table(RunResult())) == "step\n"
    assert csv_text(agent_table(RunResult())) == "type,step,id\n"


def test_agents_of_all_types_share_one_table():
    result = RunResult(
        agents={
            "Wolf": {"step": [0, 1], "id": [1, 1], "energy": [2.5, 3.0]},
            "Sheep": {"step": [0], "id": [2], "name": ['say "baa"']},
        }
    )
    rows = list(csv.reader(io.StringIO(csv_text(agent_table(result)))))
    assert rows == [
        ["type", "step", "id", "energy", "name"],
        ["Wolf", "0", "1", "2.5", ""],
        ["Wolf", "1", "1", "3.0", ""],
        ["Sheep", "0", "2", "", 'say "baa"'],
    ]


def test_a_line_ends_as_asked():
    assert csv_text({"step": [0], "at": [{"x": 1}]}, line_end=RFC_4180) == (
        'step,at\r\n0,"{""x"": 1}"\r\n'
    )


def test_types_that_share_no_attribute_may_not_fill_the_memory_with_gaps() -> None:
    """A run of 64 MiB can hold 1,000 types and so many rows that their gaps are thousands of times more."""
    result = RunResult(
        agents={
            f"Type{number}": {
                "step": [1] * 100,
                "id": [*range(100)],
                **{f"{number}.{attribute}": [0] * 100 for attribute in range(10)},
            }
            for number in range(1_000)
        }
    )
    with pytest.raises(BadRequest, match="100,000 rows and 10,003 columns"):
        agent_table(result)

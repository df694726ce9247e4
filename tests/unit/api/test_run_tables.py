"""Tables of results, and how long a caller wants to wait."""

import csv
import io

import pytest

from abm_quant.api.routes.runs import MAX_WAIT_S, agent_rows, csv_text, model_rows, wanted_wait
from abm_quant.contracts.results import RunResult


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("wait=10", 10),
        ("respond-async, wait=5", 5),
        ("WAIT = 7", 7),
        ('wait="3"', 3),
        ("wait=5; foo=bar", 5),
        ("wait=0", 0),
        ("wait=-5", 0),
        ("wait=soon", 0),
        ("await=10", 0),
        ("wait=999999", MAX_WAIT_S),
    ],
)
def test_prefer(prefer, seconds):
    assert wanted_wait(prefer) == seconds


def test_model_variables_are_columns():
    result = RunResult(steps=1, model={"n, of all": [1, None], "on": [True, False]})
    assert csv_text(model_rows(result)) == 'step,"n, of all",on\r\n0,1,true\r\n1,,false\r\n'


def test_a_result_without_steps_is_a_header():
    assert csv_text(model_rows(RunResult())) == "step\r\n"
    assert csv_text(agent_rows(RunResult())) == "type,step,id\r\n"


def test_agents_of_all_types_share_one_table():
    result = RunResult(
        agents={
            "Wolf": {"step": [0, 1], "id": [1, 1], "energy": [2.5, 3.0]},
            "Sheep": {"step": [0], "id": [2], "name": ['say "baa"']},
        }
    )
    rows = list(csv.reader(io.StringIO(csv_text(agent_rows(result)))))
    assert rows == [
        ["type", "step", "id", "energy", "name"],
        ["Wolf", "0", "1", "2.5", ""],
        ["Wolf", "1", "1", "3.0", ""],
        ["Sheep", "0", "2", "", 'say "baa"'],
    ]

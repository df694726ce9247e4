"""RunStore: records and results survive the process, in the order of time."""

import uuid
from datetime import UTC, datetime

import pytest

from abm_quant.contracts.results import RunResult
from abm_quant.errors import NotFound, StorageError
from abm_quant.storage.runs import RunRecord, RunStatus, RunStore, new_run_id


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path)


def record(status: RunStatus = "finished") -> RunRecord:
    return RunRecord(
        id=new_run_id(),
        status=status,
        model_id="0" * 20,
        target="mesa",
        seed=7,
        of=10,
        created=datetime.now(UTC),
    )


def test_ids_are_uuids_of_version_7_that_sort_by_time():
    ids = [new_run_id() for _ in range(200)]
    assert all(uuid.UUID(each).version == 7 for each in ids)
    assert len(set(ids)) == 200
    assert ids[0] < ids[-1]


def test_record_and_result_come_back(store, tmp_path):
    kept = record()
    result = RunResult(seed=7, steps=1, stop_reason="steps", model={"n": [1, None]})
    store.save(kept, result)
    again = RunStore(tmp_path)
    assert again.get(kept.id) == kept
    assert again.result(kept.id) == result


def test_a_run_without_result_says_so(store):
    kept = record("running")
    store.save(kept)
    with pytest.raises(NotFound, match="no result"):
        store.result(kept.id)


@pytest.mark.parametrize(
    "run_id", ["", "..", "../x", "x" * 36, "858BF613-A9AC-4F36-9BBE-BD9A48CE86D0"]
)
def test_unknown_and_malformed_ids_are_not_found(store, run_id):
    with pytest.raises(NotFound, match="GET /runs"):
        store.get(run_id)


def test_damaged_files_are_sentences_and_do_not_break_the_list(store, tmp_path):
    good, bad = record(), record()
    store.save(good, RunResult())
    store.save(bad, RunResult())
    (tmp_path / "runs" / bad.id / "record.json").write_bytes(b"\xff{")
    (tmp_path / "runs" / bad.id / "result.json").write_bytes(b"{")
    (tmp_path / "runs" / "stray").mkdir()
    assert [each.id for each in store.page().items] == [good.id]
    with pytest.raises(StorageError, match="damaged"):
        store.get(bad.id)
    with pytest.raises(StorageError, match="damaged"):
        store.result(bad.id)


def test_pages_are_newest_first(store):
    ids = []
    for _ in range(3):
        each = record()
        store.save(each)
        ids.append(each.id)
    page = store.page(limit=2)
    rest = store.page(limit=2, cursor=page.next_cursor)
    assert [each.id for each in page.items + rest.items] == sorted(ids, reverse=True)
    assert rest.next_cursor is None


def test_runs_of_a_process_that_died_are_closed(store):
    running, done = record("running"), record("finished")
    store.save(running)
    store.save(done)
    assert store.close_interrupted() == 1
    closed = store.get(running.id)
    assert (closed.status, closed.failure) == ("failed", "crash")
    assert "stopped while this run was under way" in closed.problems[0].message
    assert store.get(done.id).status == "finished"
    assert store.close_interrupted() == 0

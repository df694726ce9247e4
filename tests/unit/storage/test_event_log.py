"""Logs of events: what was appended comes back, whatever the place from which it is read."""

import pytest

from abm_quant.errors import StorageError
from abm_quant.storage.events import CHUNK, EventLog, number


def line(event_id: int, length: int = 0) -> bytes:
    return b'{"id":%d,"type":"x","text":"%s"}' % (event_id, b"y" * length)


def everything(log: EventLog, after: int = 0) -> list[bytes]:
    found, place = [], 0
    while True:
        lines, place = log.read(place, after=after)
        if not lines:
            return found
        found += lines


@pytest.fixture
def log(tmp_path) -> EventLog:
    return EventLog(tmp_path / "run" / "events.jsonl", most_bytes=3 * CHUNK)


def test_a_log_that_is_not_there_is_empty(log):
    assert everything(log) == []
    assert log.last() is None


def test_what_was_appended_comes_back(log):
    log.append([line(1), line(2)])
    log.append([line(3)], are_last=True)
    assert everything(log) == [line(1), line(2), line(3)]
    assert everything(log, after=2) == [line(3)]
    assert log.last() == line(3)


@pytest.mark.parametrize("length", [10, CHUNK // 2, CHUNK, 5 * CHUNK])
def test_lines_of_any_length_are_read_whole(tmp_path, length):
    log = EventLog(tmp_path / "events.jsonl")
    lines = [line(each, length) for each in range(1, 5)]
    log.append(lines)
    assert everything(log) == lines
    assert everything(log, after=3) == lines[3:]
    assert log.last() == lines[-1]


def test_reading_goes_on_where_it_ended(log):
    log.append([line(1)])
    _, place = log.read(0, after=0)
    assert log.read(place, after=1) == ([], place)
    log.append([line(2)])
    assert log.read(place, after=1)[0] == [line(2)]


def test_a_line_that_was_not_written_to_its_end_is_left_out(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    log.append([line(1), line(2)])
    with open(tmp_path / "events.jsonl", "ab") as file:
        file.write(line(3)[:-4])
    lines, place = log.read(0, after=0)
    assert lines == [line(1), line(2)]
    assert log.last() == line(2)
    with open(tmp_path / "events.jsonl", "ab") as file:
        file.write(line(3)[-4:] + b"\n")
    assert log.read(place, after=2)[0] == [line(3)]


def test_a_full_log_takes_only_the_last_lines(log):
    log.append([line(1, CHUNK), line(2, CHUNK)])
    log.append([line(3, CHUNK), line(4, CHUNK)])
    log.append([line(5, CHUNK)], are_last=True)
    assert [number(each) for each in everything(log)] == [1, 2, 5]


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="ABM_DATA_DIR"):
        EventLog(tmp_path / "file" / "events.jsonl").append([line(1)])

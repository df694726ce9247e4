"""Files that are whole or absent, pages of a list, names of folders."""

import pytest

from abm_quant.errors import BadRequest, StorageError
from abm_quant.storage.files import page_of, slug, storage_errors, write_file, write_json


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "record.json"
    write_file(path, b"old")
    write_json(path, {"title": "Wölfe"})
    assert path.read_text("utf-8") == '{\n  "title": "Wölfe"\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_keeps_the_old_file(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    told = pytest.raises(StorageError, match="cannot be written: Is a directory")
    with told, storage_errors("written"):
        write_file(path, b"new")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Wolves, sheep & grass", "wolves-sheep-grass"),
        ("Épidémie", "epidemie"),
        ("../../etc/passwd", "etc-passwd"),
        ("模型", "model"),
        ("", "model"),
        ("a" * 47 + " b", "a" * 47),
    ],
)
def test_a_slug_is_a_safe_name(title, name):
    assert slug(title) == name


def load(key):
    return None if key == "damaged" else key.upper()


def test_pages_hold_every_entry_once_newest_first():
    keys = ["c", "a", "damaged", "b"]
    first = page_of(keys, load, limit=2, cursor=None)
    assert (first.items, first.next_cursor) == (["C", "B"], "b")
    rest = page_of(keys, load, limit=2, cursor=first.next_cursor)
    assert (rest.items, rest.next_cursor) == (["A"], None)
    assert page_of([], load, limit=1, cursor=None).items == []


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_bounds(limit):
    with pytest.raises(BadRequest, match="between 1 and 100"):
        page_of(["a"], load, limit=limit, cursor=None)

"""Where a command reads a model from, and what it says when it cannot."""

import io
import json
import sys

import pytest

from abm_quant.cli import sources
from abm_quant.cli.sources import read_source
from abm_quant.errors import BadRequest, NotFound


def test_a_file_is_read_as_text_without_its_byte_order_mark(tmp_path):
    file = tmp_path / "model.json"
    file.write_bytes(b'\xef\xbb\xbf{"a": "\xc3\xa9"}')
    assert read_source(str(file)) == '{"a": "é"}'


def test_a_gallery_model_comes_with_its_title():
    answer = read_source("gallery:sir-network")
    assert answer["title"] == "SIR epidemic on a small-world network"
    assert answer["model"]["codingLanguage"] == "python"
    json.dumps(answer)


def test_a_dash_is_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{}")))
    assert read_source("-") == "{}"


def test_a_close_gallery_name_is_offered():
    with pytest.raises(NotFound, match="sir-network"):
        read_source("gallery:sir-netwrk")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x7fELF\x02\x01\x01\x00\x00", "binary file"),
        (b'{"name": "caf\xe9"}', "not UTF-8 text: byte 14"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8 text"),
    ],
)
def test_what_is_not_text_is_refused(tmp_path, content, sentence):
    file = tmp_path / "model.json"
    file.write_bytes(content)
    with pytest.raises(BadRequest, match=sentence):
        read_source(str(file))


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(BadRequest, match="There is no file .*none.json"):
        read_source(str(tmp_path / "none.json"))
    with pytest.raises(BadRequest, match="is a folder.*spec.json"):
        read_source(str(tmp_path))
    with pytest.raises(BadRequest, match="write gallery:sir-network"):
        read_source("sir-network")
    with pytest.raises(BadRequest, match="cannot be read"):
        read_source("nul\0name")
    with pytest.raises(BadRequest, match="cannot be read: File name too long"):
        read_source("n" * 5000)


def test_a_file_above_the_bound_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 10)
    file = tmp_path / "model.json"
    file.write_bytes(b"x" * 11)
    with pytest.raises(BadRequest, match="larger than"):
        read_source(str(file))
    with pytest.raises(BadRequest, match="larger than"):
        read_source("/dev/zero")

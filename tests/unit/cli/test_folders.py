"""Writing projects and files without harming what is there."""

import pytest

from abm_quant.cli.folders import check_file, check_folder, write_project, write_text
from abm_quant.errors import BadRequest


def test_new_and_empty_folders_are_accepted(tmp_path):
    check_folder(tmp_path, force=False)
    check_folder(tmp_path / "new" / "deeper", force=False)


def test_a_folder_in_use_needs_force(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadRequest, match="--force"):
        check_folder(tmp_path, force=False)
    check_folder(tmp_path, force=True)


def test_a_file_is_no_folder_and_a_folder_no_file(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadRequest, match="is a file"):
        check_folder(tmp_path / "file", force=True)
    with pytest.raises(BadRequest, match="is a folder"):
        check_file(tmp_path)


def test_a_project_is_written_and_other_files_stay(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write_project({"model.py": "x = 'é'\n", "README.md": "a\r\n"}, tmp_path)
    assert (tmp_path / "model.py").read_bytes() == "x = 'é'\n".encode()
    assert (tmp_path / "README.md").read_bytes() == b"a\r\n"
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_what_the_disk_refuses_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadRequest, match="cannot be written"):
        write_text(tmp_path / "file" / "model.py", "x")

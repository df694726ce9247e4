"""zip_bytes: a project to download, the same bytes each time."""

import io
import zipfile

from abm_quant.contracts.code import CodeBundle
from abm_quant.storage.archive import zip_bytes


def test_all_files_are_in_it(bundle):
    more = CodeBundle(**{**vars(bundle), "files": {"model.py": "ä = 1\n", "README.md": "# Hi\n"}})
    with zipfile.ZipFile(io.BytesIO(zip_bytes(more))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name).decode() for name in archive.namelist()} == more.files


def test_bytes_do_not_depend_on_time_or_order(bundle):
    forward = CodeBundle(**{**vars(bundle), "files": {"a.py": "1", "b.py": "2"}})
    backward = CodeBundle(**{**vars(bundle), "files": {"b.py": "2", "a.py": "1"}})
    assert zip_bytes(forward) == zip_bytes(backward)
    with zipfile.ZipFile(io.BytesIO(zip_bytes(forward))) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {each.external_attr >> 16 for each in archive.infolist()} == {0o100644}

"""A project as one file to download."""

import io
import zipfile

from abm_quant.contracts.code import CodeBundle

MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: the earliest that the format can hold."""
READABLE_FILE = 0o100644 << 16
UNIX = 3


def zip_bytes(bundle: CodeBundle) -> bytes:
    """Give the project as a zip file; the same bundle gives the same bytes."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(bundle.files):
            entry = zipfile.ZipInfo(name, date_time=MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = UNIX
            entry.external_attr = READABLE_FILE
            archive.writestr(entry, bundle.files[name].encode())
    return memory.getvalue()

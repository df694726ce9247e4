"""Checkpoints come out of files as they went in, and nothing else is taken for one."""

from pathlib import Path

import pytest

from abm_quant.contracts.jobs import Checkpoint
from abm_quant.errors import BadRequest
from abm_quant.storage.checkpoints import read_checkpoint, write_checkpoint

SAVED = Checkpoint(
    step=3,
    target="mesa",
    source="ab",
    seed=7,
    parameters={"rate": 0.5, "name": "ä", "on": True},
    versions={"python": "3.11.0"},
    state=bytes(range(256)) + b"\n{}\n",
)


def test_a_checkpoint_comes_out_as_it_went_in_and_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.checkpoint"
    write_checkpoint(path, SAVED)
    write_checkpoint(path, SAVED.model_copy(update={"step": 4}))
    assert read_checkpoint(path) == SAVED.model_copy(update={"step": 4})
    assert [each.name for each in path.parent.iterdir()] == ["run.checkpoint"]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda data: b"", "not a checkpoint"),
        (lambda data: b"step,wolves\n0,5\n", "not a checkpoint"),
        (lambda data: b"[]\n" + data, "not a checkpoint"),
        (lambda data: b"9" * 5_000 + data, "not a checkpoint"),
        (lambda data: b"[" * 500_000 + b"\n" + data, "not a checkpoint"),
        (lambda data: data.replace(b'"step": 3', b'"step": "x"'), "not a checkpoint"),
        (lambda data: data.replace(b'"seed": 7, ', b""), "not a checkpoint"),
        (lambda data: data.replace(b'"seed": 7', b'"seed": 7, "more": 1'), "not a checkpoint"),
        (lambda data: data.replace(b"checkpoint 1", b"checkpoint 2"), "has the format"),
        (lambda data: data[:-1], "is damaged"),
        (lambda data: data + b"x", "is damaged"),
        (lambda data: data[:-3] + b"x" + data[-2:], "is damaged"),
    ],
)
def test_a_broken_file_is_refused_with_a_sentence(damage, sentence, tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    write_checkpoint(path, SAVED)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BadRequest, match=sentence):
        read_checkpoint(path)


def test_files_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="cannot be read"):
        read_checkpoint(tmp_path)
    with pytest.raises(BadRequest, match="cannot be written"):
        write_checkpoint(tmp_path / "a" / "\0", SAVED)

"""ModelStore: the same input is the same model, and nothing on disk makes it break."""

import json
import os
import threading

import pytest

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.problems import problem
from abm_quant.contracts.program import Parameter
from abm_quant.contracts.spec import ModelSpec
from abm_quant.errors import BadRequest, NotFound, StorageError
from abm_quant.storage import files as files_module
from abm_quant.storage.models import KeptModel, ModelStore, Origin, identify


@pytest.fixture
def store(tmp_path) -> ModelStore:
    return ModelStore(tmp_path / "data")


def keep(store: ModelStore, spec: ModelSpec, bundle: CodeBundle, title: str = "Quiet") -> KeptModel:
    return store.save(
        spec,
        bundle,
        title=title,
        explanation="Nothing *moves*.",
        problems=[problem("unused-declaration", "/agents/0", "Never used.")],
        origin=Origin(prompt="be quiet", author="offline"),
        parameters=[
            Parameter(name="n", default=3, description="How many", path="/globalVariables/0")
        ],
    )


def variant(spec: ModelSpec, number: int) -> ModelSpec:
    return spec.model_copy(update={"coding_language": f"python{number}"})


def test_what_is_kept_comes_back(store, spec, bundle):
    kept = keep(store, spec, bundle)
    assert store.get(kept.id) == kept
    assert store.spec(kept.id) == spec
    assert store.bundle(kept.id) == bundle
    assert kept.parameters[0].default == 3
    assert kept.origin.prompt == "be quiet"
    assert kept.problems[0].code == "unused-declaration"


def test_the_folder_is_readable_for_people(store, spec, bundle, tmp_path):
    kept = keep(store, spec, bundle, title="Wölfe & Schafe: 2 Arten!")
    folder = tmp_path / "data" / f"wolfe-schafe-2-arten-{kept.id}"
    assert (folder / "model.py").read_text() == bundle.files["model.py"]
    assert json.loads((folder / "record.json").read_text())["origin"]["author"] == "offline"
    assert not list(folder.glob(".*.part"))


def test_the_same_input_is_the_same_model(store, spec, bundle):
    first = keep(store, spec, bundle)
    second = keep(store, spec, bundle, title="Another title")
    assert second == first
    assert len(store.page().items) == 1


def test_the_id_depends_on_specification_target_and_text(spec, bundle):
    ids = {
        identify(spec, bundle),
        identify(variant(spec, 2), bundle),
        identify(spec, CodeBundle(**{**vars(bundle), "target": "agentpy"})),
        identify(spec, CodeBundle(**{**vars(bundle), "files": {"model.py": "x = 1\n"}})),
    }
    assert len(ids) == 4


def test_editing_the_project_does_not_change_what_an_id_means(store, spec, bundle, tmp_path):
    kept = keep(store, spec, bundle)
    next((tmp_path / "data").glob("*/model.py")).write_text("import os\n")
    assert store.bundle(kept.id).files == bundle.files


@pytest.mark.parametrize(
    "model_id",
    ["", "..", "../../etc/passwd", "0" * 20, "0" * 19, "A" * 20, "0" * 20 + "\n", "*", "%2e%2e"],
)
def test_an_unknown_or_malformed_id_is_not_found(store, spec, bundle, model_id):
    keep(store, spec, bundle)
    for read in (store.get, store.spec, store.bundle):
        with pytest.raises(NotFound):
            read(model_id)


def test_a_bundle_cannot_write_outside_its_folder(store, spec, bundle, tmp_path):
    for name in (
        "../evil.py",
        "/tmp/evil.py",
        ".hidden",
        "a/b.py",
        "record.json",
        ".kept.json",
        "",
    ):
        bad = CodeBundle(**{**vars(bundle), "files": {**bundle.files, name: "x"}})
        with pytest.raises(StorageError):
            keep(store, spec, bad)
    assert not list(tmp_path.rglob("evil.py"))


def test_pages_are_newest_first_and_follow_on_one_another(store, spec, bundle):
    kept = [keep(store, variant(spec, number), bundle, title=f"M{number}") for number in range(5)]
    titles, cursor = [], None
    while True:
        page = store.page(limit=2, cursor=cursor)
        titles.append([each.title for each in page.items])
        cursor = page.next_cursor
        if cursor is None:
            break
    assert titles == [["M4", "M3"], ["M2", "M1"], ["M0"]]
    assert {each.id for each in kept} == {each.id for each in store.page(limit=100).items}


def test_bad_pages_are_refused(store):
    with pytest.raises(BadRequest, match="between 1 and 100"):
        store.page(limit=0)
    with pytest.raises(NotFound, match="cursor"):
        store.page(cursor="../x")


def test_broken_folders_do_not_break_the_list(store, spec, bundle, tmp_path):
    kept = keep(store, spec, bundle)
    data = tmp_path / "data"
    (data / "README.md").write_text("hello")
    (data / "notes").mkdir()
    for number, text in enumerate([b"", b"{", b"\xff\xfe", b"[]", b'{"id": 3}']):
        broken = data / f"broken-{number:020x}"
        broken.mkdir()
        (broken / "record.json").write_bytes(text)
    (data / f"dangling-{9:020x}").symlink_to(data / "nowhere")
    assert [each.id for each in store.page().items] == [kept.id]
    with pytest.raises(StorageError, match="damaged"):
        store.get(f"{1:020x}")


def test_a_damaged_model_is_mended_by_keeping_it_again(store, spec, bundle, tmp_path):
    kept = keep(store, spec, bundle)
    next((tmp_path / "data").glob("*/.kept.json")).write_text("{")
    with pytest.raises(StorageError, match="damaged"):
        store.bundle(kept.id)
    next((tmp_path / "data").glob("*/record.json")).unlink()
    with pytest.raises(NotFound):
        store.get(kept.id)
    keep(store, spec, bundle)
    assert store.bundle(kept.id) == bundle


def test_writers_at_the_same_time_leave_one_whole_model(store, spec, bundle):
    results: list[KeptModel] = []
    threads = [
        threading.Thread(target=lambda: results.append(keep(store, spec, bundle))) for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert {each.id for each in results} == {identify(spec, bundle)}
    assert len(results) == 8
    assert store.bundle(results[0].id) == bundle


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_written(
    store, spec, bundle, tmp_path, monkeypatch
):
    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files_module.os, "replace", full)
    with pytest.raises(StorageError, match="cannot be written: No space left on device"):
        keep(store, spec, bundle)
    monkeypatch.undo()
    assert store.page().items == []
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


def test_a_data_folder_that_is_a_file_is_a_sentence(tmp_path, spec, bundle):
    (tmp_path / "data").write_text("not a folder")
    store = ModelStore(tmp_path / "data")
    with pytest.raises(StorageError, match="ABM_DATA_DIR"):
        keep(store, spec, bundle)
    assert store.page().items == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_data_folder_is_a_sentence(store, spec, bundle, tmp_path):
    keep(store, spec, bundle)
    (tmp_path / "data").chmod(0)
    with pytest.raises(StorageError, match="cannot be read: Permission denied"):
        store.page()
    (tmp_path / "data").chmod(0o700)

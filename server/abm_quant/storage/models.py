"""Models on disk: one folder for each, with the project for people and a record for the service.

    <data folder>/<title>-<id>/   model.py, run.py, ...  the generated project
                                  record.json            what is known about the model
                                  .kept.json             the specification and the code as checked

The id is a hash of the specification, the target, the version and the generated text, so the same
input is the same model, and keeping it again changes nothing. The service answers and runs what is
in `.kept.json`: editing the files of the project does not change what an id means.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.program import Parameter
from abm_quant.contracts.spec import ModelSpec
from abm_quant.contracts.wire import Wire
from abm_quant.errors import NotFound, StorageError
from abm_quant.storage.files import Page, page_of, slug, storage_errors, write_file, write_json
from abm_quant.version import __version__

RECORD, KEPT, SPECIFICATION = "record.json", ".kept.json", "spec.json"
ID = re.compile(r"[0-9a-f]{20}")
FOLDER = re.compile(r"(?:[a-z0-9-]+-)?([0-9a-f]{20})")
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
CURSOR = re.compile(r"[0-9]{20}-[0-9a-f]{20}")

_bundles: TypeAdapter[CodeBundle] = TypeAdapter(CodeBundle)


class _Stored(Wire):
    """A piece of a record: camelCase in the file."""

    model_config = ConfigDict(frozen=True)


class Origin(_Stored):
    """Where a model comes from."""

    prompt: str | None = None
    """The user's own words; None when the specification was sent as it is."""
    author: str
    """Who wrote it: `offline`, `vendor:model`, or `user` for a specification that was sent."""
    parent: str | None = None
    """The id of the model that it was made from."""


class KeptParameter(_Stored):
    """A parameter of a kept model."""

    name: str
    default: bool | int | float | str
    """Its value where a run gives none."""
    description: str = ""
    """What it means."""


class KeptModel(_Stored):
    """What is known about a model without opening its code."""

    id: str
    """Name of the model in the interface: 20 hexadecimal digits."""
    title: str
    """At most seven words."""
    explanation: str = ""
    """The model in Markdown."""
    target: str | None
    """The framework that its code is written for; None where it has no code."""
    version: str = __version__
    """The version of the product that wrote the code."""
    created: datetime
    """When it was kept first."""
    origin: Origin
    """Where it comes from."""
    parameters: list[KeptParameter] = []
    """The keyword arguments of the model class, without the seed."""
    max_steps: int
    """The step after which every run ends."""
    problems: list[Problem] = []
    """Warnings and notes: what was assumed."""


class ModelStore:
    """Keeps models in a data folder. Safe for several writers at once."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def save(
        self,
        spec: ModelSpec,
        bundle: CodeBundle | None,
        *,
        title: str,
        explanation: str,
        problems: Sequence[Problem],
        origin: Origin,
        parameters: Sequence[Parameter] = (),
    ) -> KeptModel:
        """Give the kept model; the one that is there already where the same was kept before.

        `bundle` is None for a specification in a language that is not compiled.
        """
        model_id = identify(spec, bundle)
        known = self._known(model_id)
        if known is not None:
            return known
        kept = KeptModel(
            id=model_id,
            title=title,
            explanation=explanation,
            target=bundle.target if bundle else None,
            created=datetime.now(UTC),
            origin=origin,
            parameters=[
                KeptParameter(name=each.name, default=each.default, description=each.description)
                for each in parameters
            ],
            max_steps=spec.termination_criteria.max_steps,
            problems=list(problems),
        )
        self._write(kept, spec, bundle)
        return kept

    def get(self, model_id: str) -> KeptModel:
        """Give a kept model; raises NotFound."""
        record = _read_record(self.folder(model_id))
        if record is None:
            raise StorageError(f"The record of model {model_id} is damaged. Keep the model again.")
        return record

    def spec(self, model_id: str) -> ModelSpec:
        """Give the specification of a kept model; raises NotFound."""
        return ModelSpec.model_validate(self._kept(model_id)["spec"])

    def bundle(self, model_id: str) -> CodeBundle:
        """Give the code of a kept model, as it was checked; raises NotFound where it has none."""
        if self.get(model_id).target is None:
            raise NotFound(f"Model {model_id} has no code: its language is not compiled.")
        return _bundles.validate_python(self._kept(model_id)["bundle"])

    def folder(self, model_id: str) -> Path:
        """Give the folder with the project of a kept model; raises NotFound."""
        if ID.fullmatch(model_id):
            with storage_errors("read"):
                for key, folder in self._folders():
                    if key.endswith(f"-{model_id}"):
                        return folder
        raise NotFound("There is no model with this id. GET /models lists those that are kept.")

    def page(self, *, limit: int = 20, cursor: str | None = None) -> Page[KeptModel]:
        """Give kept models, newest first; folders that hold none are passed over."""
        if cursor is not None and not CURSOR.fullmatch(cursor):
            raise NotFound("There is no page with this cursor. Leave it out to begin again.")
        with storage_errors("read"):
            folders = dict(self._folders())
            return page_of(
                folders, lambda key: _read_record(folders[key]), limit=limit, cursor=cursor
            )

    def _write(self, kept: KeptModel, spec: ModelSpec, bundle: CodeBundle | None) -> None:
        """Put all files in place, the record last: its presence makes the model kept."""
        files = bundle.files if bundle else {SPECIFICATION: _alone(kept, spec)}
        unsafe = [name for name in files if not FILE_NAME.fullmatch(name)]
        if unsafe or {RECORD, KEPT} & set(files):
            raise StorageError(f"A project cannot hold files with these names: {unsafe}.")
        with storage_errors("written"):
            folder = self._data_dir / f"{slug(kept.title)}-{kept.id}"
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                write_file(folder / name, text.encode())
            code = _bundles.dump_python(bundle, mode="json") if bundle else None
            write_json(folder / KEPT, {"spec": spec.wire(), "bundle": code})
            write_json(folder / RECORD, kept.model_dump(mode="json"))

    def _known(self, model_id: str) -> KeptModel | None:
        try:
            folder = self.folder(model_id)
        except NotFound:
            return None
        return _read_record(folder) if (folder / KEPT).is_file() else None

    def _kept(self, model_id: str) -> dict[str, Any]:
        with storage_errors("read"):
            try:
                kept = json.loads((self.folder(model_id) / KEPT).read_bytes())
                return {"spec": kept["spec"], "bundle": kept["bundle"]}
            except (ValueError, KeyError, TypeError) as error:
                raise StorageError(
                    f"The file {KEPT} of model {model_id} is damaged. Keep the model again."
                ) from error

    def _folders(self) -> Iterator[tuple[str, Path]]:
        """Give each folder that holds a record, with its place in time as a key."""
        if not self._data_dir.is_dir():
            return
        with os.scandir(self._data_dir) as entries:
            for entry in entries:
                match = FOLDER.fullmatch(entry.name)
                record = Path(entry.path) / RECORD
                if match and record.is_file():
                    yield f"{record.stat().st_mtime_ns:020d}-{match[1]}", record.parent


def identify(spec: ModelSpec, bundle: CodeBundle | None) -> str:
    """Give the id of a model: a hash of the specification, the target, the version and the text."""
    target, files = (bundle.target, bundle.files) if bundle else (None, {})
    content = [__version__, target, spec.wire(), sorted(files.items())]
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _alone(kept: KeptModel, spec: ModelSpec) -> str:
    """Give the text of spec.json for a model that has no other file."""
    words = {"title": kept.title, "explanation": kept.explanation}
    return json.dumps({**words, "model": spec.wire()}, indent=2, ensure_ascii=False) + "\n"


def _read_record(folder: Path) -> KeptModel | None:
    """Give the record of a folder; None when it cannot be read as one."""
    try:
        return KeptModel.model_validate_json((folder / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None

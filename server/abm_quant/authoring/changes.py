"""What is different between two specifications, as a person would say it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from abm_quant.authoring.naming import declared_name
from abm_quant.contracts.problems import pointer
from abm_quant.contracts.spec import ModelSpec

Kind = Literal["added", "removed", "changed"]
ORDERS = ("orderInInitialization", "orderInSchedule")
FOLLOWING = ("/terminationRules/", "/initializationOrder/")
_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference."""

    kind: Kind
    path: str
    """JSON pointer: into the new specification, for what was removed into the old one."""
    description: str
    """What was done, in one line."""
    name: str = ""
    """The sourceName of a declaration that was added or removed."""


def changes(old: ModelSpec, new: ModelSpec) -> tuple[Change, ...]:
    """Give what was added, removed and changed; the order of lists does not count."""
    return tuple(_differences(_plain(old), _plain(new), (), (), "the model"))


def unasked_removals(found: tuple[Change, ...], prompt: str) -> tuple[Change, ...]:
    """Give what was removed although the prompt has none of its words.

    Stop rules and the order of set-up follow from what the model does, and may go.
    """
    said = {_stem(word) for word in _words(prompt)}
    return tuple(
        each
        for each in found
        if each.kind == "removed"
        and each.name
        and not any(part in each.path for part in FOLLOWING)
        and not said & set(map(_stem, _words(each.name)))
    )


def _plain(spec: ModelSpec) -> dict[str, Any]:
    """Give the JSON object without what is at its default."""
    return spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _differences(
    old: Any, new: Any, old_path: tuple[str | int, ...], new_path: tuple[str | int, ...], where: str
) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_objects(old, new, old_path, new_path, _place(new, where))
    elif isinstance(old, list) and isinstance(new, list) and _keyed(old + new):
        yield from _of_lists(old, new, old_path, new_path, where)
    elif not _same(old, new):
        text = f"{where}: {_short(old)} became {_short(new)}"
        yield Change(kind="changed", path=pointer(*new_path), description=text)


def _of_objects(
    old: dict[str, Any],
    new: dict[str, Any],
    old_path: tuple[str | int, ...],
    new_path: tuple[str | int, ...],
    where: str,
) -> Iterator[Change]:
    for key in [*new, *(key for key in old if key not in new)]:
        yield from _differences(
            old.get(key), new.get(key), (*old_path, key), (*new_path, key), f"{key} of {where}"
        )


def _of_lists(
    old: list[Any],
    new: list[Any],
    old_path: tuple[str | int, ...],
    new_path: tuple[str | int, ...],
    where: str,
) -> Iterator[Change]:
    """Compare lists of declarations by their names; numbers of order only where places change."""
    if _sequence(old, new) == _sequence(new, old):
        old, new = _unnumbered(old), _unnumbered(new)
    before = {declared_name(each): (place, each) for place, each in enumerate(old)}
    after = {declared_name(each): (place, each) for place, each in enumerate(new)}
    for name, (place, each) in after.items():
        if name not in before:
            yield Change(
                kind="added",
                path=pointer(*new_path, place),
                description=f"added {name} to {where}",
                name=name,
            )
        else:
            old_place, known = before[name]
            yield from _differences(known, each, (*old_path, old_place), (*new_path, place), name)
    for name, (place, _) in before.items():
        if name not in after:
            yield Change(
                kind="removed",
                path=pointer(*old_path, place),
                description=f"removed {name} from {where}",
                name=name,
            )


def _sequence(items: list[Any], others: list[Any]) -> list[str]:
    """Give the names that both lists have, in the order in which they run."""
    common = set(map(declared_name, others))
    numbered = [each for each in items if declared_name(each) in common]
    return [declared_name(each) for each in sorted(numbered, key=_number_of)]


def _number_of(item: Any) -> float:
    found = [item.get(key) for key in ORDERS] if isinstance(item, dict) else []
    return next((float(each) for each in found if isinstance(each, (int, float))), 0.0)


def _unnumbered(items: list[Any]) -> list[Any]:
    return [
        (
            {key: value for key, value in each.items() if key not in ORDERS}
            if isinstance(each, dict)
            else each
        )
        for each in items
    ]


def _keyed(items: list[Any]) -> bool:
    """Tell whether a list holds things with names."""
    return bool(items) and all(declared_name(each) for each in items)


def _place(item: dict[str, Any], where: str) -> str:
    name = declared_name(item)
    return name if name and "sourceName" in item else where


def _same(old: Any, new: Any) -> bool:
    """Tell whether two values mean the same; null, absent, [] and "" all mean none."""
    blank: tuple[Any, ...] = (None, [], "", {})
    return old == new or (old in blank and new in blank)


def _short(value: Any) -> str:
    if value in (None, [], {}, ""):
        return "nothing"
    text = " ".join(str(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _words(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    generic = {"agent", "global", "variable", "function", "environment", "attribute", "behavior"}
    return [
        word.lower() for word in re.findall(r"[^\W\d_]{3,}", spaced) if word.lower() not in generic
    ]


def _stem(word: str) -> str:
    return word[:5]

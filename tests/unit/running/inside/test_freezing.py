"""What is frozen comes back as it was: shared, ordered, bound to the model's module."""

import sys
import types
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pytest

from abm_quant.running.harness import load
from abm_quant.running.inside.freezing import (
    CannotFreeze,
    CannotThaw,
    Namespaces,
    freeze,
    thaw,
    unordered_set,
)

SOURCE = """
LIMIT = 3
KNOWN = []


class Node:
    made = 0

    def __init__(self, other=None):
        self.other = other


def below(value):
    return value < LIMIT
"""


@pytest.fixture
def module() -> Iterator[types.ModuleType]:
    """Give a loaded model."""
    before = sys.modules.get("model")
    yield load(SOURCE)
    sys.modules.pop("model")
    if before is not None:
        sys.modules["model"] = before


def test_a_chain_of_any_length_keeps_its_links_and_cycles(module: Any) -> None:
    first = node = module.Node()
    for _ in range(50_000):
        node.other = module.Node()
        node = node.other
    node.other = first
    again, same = thaw(freeze([first, first]))
    assert again is same
    seen = 0
    node = again.other
    while node is not again:
        node, seen = node.other, seen + 1
    assert seen == 50_000


def test_a_function_without_a_name_reads_the_module_that_is_loaded(module: Any) -> None:
    exec("check = [lambda value: value < LIMIT]", module.__dict__)
    (check,) = thaw(freeze(module.check))
    assert check(2)
    module.LIMIT = 1
    assert not check(2)


def test_a_view_of_an_array_stays_one(module: Any) -> None:
    field = np.arange(12.0).reshape(3, 4)
    whole, column = thaw(freeze([field.copy(), field[:, 1]]))
    assert column.tolist() == [1, 5, 9] and whole.shape == (3, 4)
    own = np.zeros(6)
    base, part, turned = thaw(freeze([own, own[1:5:2], own[::-1]]))
    base[1], base[5] = 7, 8
    assert part.tolist() == [7, 0]
    assert turned[0] == 8


def test_what_is_kept_weakly_and_sets_of_a_kind_of_their_own_come_back(module: Any) -> None:
    class Marked(set):  # type: ignore[type-arg]
        """A set that is made with more than its items."""

        def __init__(self, owner: str, items: Any = ()) -> None:
            super().__init__(items)
            self.owner = owner

    node = module.Node()
    weak, marked, held = thaw(freeze([WeakKeyDictionary({node: 5}), Marked("me", [node]), node]))
    assert dict(weak) == {held: 5}
    assert marked == {held} and marked.owner == "me"


def test_names_of_the_module_and_its_classes_are_kept_where_they_changed(module: Any) -> None:
    names = Namespaces(module)
    module.LIMIT = 9
    module.Node.made = 4
    module.KNOWN.append(1)
    saved = thaw(freeze(names.changed()))
    assert saved == {"": {"LIMIT": 9, "KNOWN": [1]}, "Node": {"made": 4}}
    fresh = load(SOURCE)
    Namespaces(fresh).restore(saved)
    assert (fresh.LIMIT, fresh.KNOWN, fresh.Node.made) == (9, [1], 4)


def test_what_stands_in_the_way_is_named(module: Any) -> None:
    node = module.Node(n for n in range(3))
    with pytest.raises(CannotFreeze, match=r"`other` of Node \(generator\): cannot pickle"):
        freeze([node])
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(CannotFreeze, match="nested too deeply"):
        freeze([module.Node(deep)])


def test_bytes_of_something_else_are_refused() -> None:
    for data in (b"", b"abc", freeze([1])[:-3]):
        with pytest.raises(CannotThaw):
            thaw(data)


def test_sets_whose_order_is_lost_are_found(module: Any) -> None:
    model = types.SimpleNamespace(values={1, 2, 3}, words={"a", "b"}, one={module.Node()})
    assert unordered_set(model) == ""
    model.deep = [{"x": {module.Node(), module.Node()}}]
    assert unordered_set(model) == "Node"
    shrunk = set(range(100))
    for number in set(range(100)) - {1, 8}:
        shrunk.discard(number)
    model.deep = [shrunk]
    assert unordered_set(model) == "int"

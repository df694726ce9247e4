"""Turns a running model into bytes and back, so that it goes on as if nothing had happened.

Both happen inside the sandbox only: what bytes do when they are read is up to who wrote them.

Agents, cells and models refer to each other in chains of any length, too long for a pickler that
follows each reference. Therefore such objects are written empty at first, and their attributes
afterwards, one generation of objects after the other.
"""

import copyreg
import gc
import io
import pickle
import sys
import types
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import cloudpickle
import numpy as np

_new: Any = copyreg.__newobj__  # type: ignore[attr-defined]
_HEAP_TYPE = 1 << 9
_FRAMEWORKS = ("mesa", "agentpy")
_OWN_STATE = ("__getnewargs__", "__getnewargs_ex__")
_ATOMS = (int, float, str, bytes, bool, complex, type(None), type, types.ModuleType)
_CODE = (types.FunctionType, types.BuiltinFunctionType, types.CodeType, types.MethodType)


class CannotFreeze(Exception):
    """A model cannot be turned into bytes; the text says what stands in the way."""


class CannotThaw(Exception):
    """Bytes do not hold a frozen model; the text says why."""


def freeze(world: Any) -> bytes:
    """Give the bytes of the values of a model; raises CannotFreeze."""
    target = io.BytesIO()
    pickler = _Pickler(target, protocol=pickle.HIGHEST_PROTOCOL)
    with _without_collections():
        batch: list[Any] = [world]
        while batch:
            try:
                pickler.dump(batch)
            except BaseException as failure:  # foreign code: __reduce__ may raise anything
                raise CannotFreeze(_obstacle(batch, failure)) from None
            batch, pickler.waiting = [_state(each) for each in pickler.waiting], []
        pickler.dump(None)
    return zlib.compress(target.getbuffer(), 1)


def thaw(data: bytes) -> Any:
    """Give what was frozen; raises CannotThaw where the bytes hold something else."""
    try:
        with _without_collections():
            return _thawed(zlib.decompress(data))
    except MemoryError:
        raise
    except BaseException as failure:  # foreign code: what is unpickled may raise anything
        raise CannotThaw(f"{type(failure).__name__}: {_words(failure)}") from None


def _thawed(data: bytes) -> Any:
    unpickler = pickle.Unpickler(io.BytesIO(data))
    (world,) = unpickler.load()
    while (batch := unpickler.load()) is not None:
        for owner, attributes, slots in batch:
            if attributes:
                owner.__dict__.update(attributes)
            for name, value in slots.items():
                object.__setattr__(owner, name, value)
    return world


def unordered_set(model: Any) -> str:
    """Give the kind of a value in a set that has another order once it was frozen, "" without one.

    That is so where values are told apart by their place in memory, and where a set has shrunk. The
    frameworks' own sets do not count: nothing in them depends on their order.
    """
    seen: set[int] = set()
    generation: list[Any] = [model]
    while generation:
        fresh = []
        for each in gc.get_referents(*generation):
            if id(each) in seen or isinstance(each, _ATOMS + _CODE):
                continue
            seen.add(id(each))
            fresh.append(each)
            if type(each).__module__.split(".")[0] in _FRAMEWORKS:
                seen.update(
                    id(own) for own in getattr(each, "__dict__", {}).values() if type(own) is set
                )
            if type(each) in (set, frozenset) and len(each) > 1 and list(each) != _again(each):
                return type(next(iter(each))).__name__
        generation = fresh
    return ""


def _again(values: Any) -> list[Any]:
    """Give the order of a set that is made anew; of values without a hash of their own, none."""
    own_hash: Any = object.__hash__
    if any(type(each).__hash__ is own_hash for each in values):
        return []
    return list(set(list(values)))


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Writes objects without their attributes, and keeps them waiting."""

    def __init__(self, target: io.BytesIO, protocol: int) -> None:
        super().__init__(target, protocol=protocol)
        self.waiting: list[Any] = []
        self._is_plain: dict[type, bool] = {}

    def reducer_override(self, value: Any) -> Any:
        """Give how a value is written."""
        kind = type(value)
        if kind is types.FunctionType:
            return self._function(value)
        if kind is WeakKeyDictionary:
            return WeakKeyDictionary, (), None, None, iter(list(value.items()))
        if kind is not set and issubclass(kind, set):
            state = getattr(value, "__dict__", {}), list(value)
            return _new, (kind,), state, None, None, _fill_set
        if issubclass(kind, np.ndarray) and _is_view(value):
            return _view_of, (value.base, *_window(value))
        plain = self._is_plain.get(kind)
        if plain is None:
            plain = self._is_plain[kind] = _is_plain(kind)
        if plain:
            self.waiting.append(value)
            return _new, (kind,)
        return super().reducer_override(value)

    def _function(self, value: types.FunctionType) -> Any:
        """Let a function of the model keep the names of its module."""
        reduced = super().reducer_override(value)
        module = sys.modules.get(value.__module__)
        if reduced is NotImplemented or value.__globals__ is not getattr(module, "__dict__", None):
            return reduced
        _, arguments, (attributes, slots), _, _, fill = reduced
        slots["__globals__"] = {}
        made_of = (value.__module__, arguments[0], arguments[4])
        return _function_of, made_of, (attributes, slots), None, None, fill


def _function_of(module: str, code: types.CodeType, closure: Any) -> types.FunctionType:
    return types.FunctionType(code, sys.modules[module].__dict__, None, None, closure)


def _fill_set(value: set[Any], state: tuple[dict[str, Any], list[Any]]) -> None:
    value.__dict__.update(state[0])
    set.update(value, state[1])


def _is_view(array: Any) -> bool:
    """Tell whether an array shows a part of another one, so that a change is one of both."""
    base = array.base
    return type(base) is np.ndarray and base.base is None and not base.dtype.hasobject


def _window(array: Any) -> tuple[Any, ...]:
    offset = array.__array_interface__["data"][0] - array.base.__array_interface__["data"][0]
    return array.shape, array.dtype, offset, array.strides, type(array)


def _view_of(base: Any, *window: Any) -> Any:
    shape, dtype, offset, strides, kind = window
    return np.ndarray(shape, dtype, base, offset, strides).view(kind)


def _is_plain(kind: type) -> bool:
    """Tell whether its attributes are all that there is to an object, and identity its hash."""
    if issubclass(kind, type | types.ModuleType) or kind.__hash__ is not object.__hash__:
        return False
    if any(not base.__flags__ & _HEAP_TYPE for base in kind.__mro__[:-1]):
        return False
    if kind.__new__ is not object.__new__ or any(hasattr(kind, name) for name in _OWN_STATE):
        return False
    if any(base.__module__.split(".")[0] in _FRAMEWORKS for base in kind.__mro__):
        return True
    return (
        kind.__reduce_ex__ is object.__reduce_ex__
        and kind.__reduce__ is object.__reduce__
        and kind.__getstate__ is object.__getstate__
        and not hasattr(kind, "__setstate__")
    )


def _state(value: Any) -> tuple[Any, dict[str, Any] | None, dict[str, Any]]:
    """Give an object with its attributes, those in slots apart."""
    names = copyreg._slotnames(type(value))  # type: ignore[attr-defined]
    slots = {name: getattr(value, name) for name in names if hasattr(value, name)}
    return value, getattr(value, "__dict__", None), slots


def _obstacle(batch: list[Any], failure: BaseException) -> str:
    """Give what of a batch cannot be written, in words."""
    if isinstance(failure, MemoryError):
        return _words(failure)
    for each in batch:
        owner, attributes, slots = each if type(each) is tuple else (None, each, {})
        for name, value in [*(attributes or {}).items(), *slots.items()]:
            reason = _reason(value)
            if reason:
                where = f"`{name}` of {type(owner).__name__}" if owner is not None else f"`{name}`"
                return f"{where} ({type(value).__name__}): {reason}"
    return _words(failure)


def _reason(value: Any) -> str:
    """Give why a value alone cannot be written, "" where it can."""
    try:
        _Pickler(io.BytesIO(), pickle.HIGHEST_PROTOCOL).dump(value)
    except BaseException as failure:  # foreign code: __reduce__ may raise anything
        return _words(failure)
    return ""


def _words(failure: BaseException) -> str:
    if isinstance(failure, MemoryError):
        return "there is not enough memory left"
    cause = failure.__cause__
    if isinstance(failure, RecursionError) or isinstance(cause, RecursionError):
        return "it is nested too deeply"
    try:
        return str(failure)[:200] or type(failure).__name__
    except BaseException:  # foreign code: __str__ may raise anything
        return type(failure).__name__


@contextmanager
def _without_collections() -> Iterator[None]:
    """Let the garbage collector rest while many objects are made."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Namespaces:
    """The names of a model's module and classes, with what they meant when it was loaded."""

    def __init__(self, module: types.ModuleType) -> None:
        self._module = module
        self._at_start = {owner: dict(vars(value)) for owner, value in self._owners().items()}

    def changed(self) -> dict[str, dict[str, Any]]:
        """Give the values that were bound later or can change in place, by owner and name."""
        found: dict[str, dict[str, Any]] = {}
        for owner, value in self._owners().items():
            before = self._at_start.get(owner, {})
            for name, each in vars(value).items():
                if name.startswith("__") or isinstance(each, (type, types.ModuleType, *_CODE)):
                    continue
                if isinstance(each, list | dict | set | deque) or before.get(name) is not each:
                    found.setdefault(owner, {})[name] = each
        return found

    def restore(self, changed: dict[str, dict[str, Any]]) -> None:
        """Bind the names as they were."""
        owners = self._owners()
        for owner, names in changed.items():
            for name, value in names.items():
                setattr(owners[owner], name, value)

    def _owners(self) -> dict[str, Any]:
        named = vars(self._module).items()
        own = self._module.__name__
        classes = {k: v for k, v in named if isinstance(v, type) and v.__module__ == own}
        return {"": self._module, **classes}

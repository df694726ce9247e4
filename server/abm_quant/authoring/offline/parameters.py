"""Sets in a specification what a prompt names, and says what it set from which words."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from abm_quant.authoring.offline.derived import (
    COUNT,
    DENSITY,
    SIZE,
    crowding,
    density_behind_count,
    derived_slots,
    population_slot,
)
from abm_quant.authoring.offline.matching import KNOWN_WORDS, pair_up
from abm_quant.authoring.offline.numbers import Token, read_tokens
from abm_quant.authoring.offline.slots import Path, Slot, slots_of, wire_value, without_small_world
from abm_quant.authoring.offline.space import cells_of, change_space, size_paths
from abm_quant.authoring.offline.unread import Vocabulary, find_unread, quote, vocabulary_of
from abm_quant.authoring.offline.values import LARGEST, fit, plain, show
from abm_quant.authoring.offline.words import has_meaning, nearest, stem
from abm_quant.contracts.gallery import GalleryEntry
from abm_quant.contracts.spec import ModelSpec


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A specification with what a prompt set in it."""

    model: dict[str, Any]
    """The specification in the wire format; what was not set is as it was."""
    said: tuple[str, ...]
    """Sentences: what was set, from which words."""
    changes: tuple[str, ...]
    """In a few words each: what is different from before."""
    refused: tuple[str, ...]
    """Sentences: what was named and cannot be."""
    kept: tuple[str, ...]
    """The parameters that were not named, with their values."""
    unread: tuple[str, ...]
    """Quotes of what was not understood."""
    renamed: tuple[str, str] | None = None
    """The kind of network that was replaced, and that which took its place."""


@dataclass(frozen=True, kw_only=True)
class _Setting:
    """A value for a slot, with the words that it is from."""

    slot: Slot
    value: int | float
    words: str
    remark: str = ""


@dataclass(kw_only=True)
class _Reading:
    """What has been found in a prompt so far."""

    settings: dict[str, _Setting] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)


def set_parameters(spec: ModelSpec, prompt: str, entry: GalleryEntry | None) -> Outcome:
    """Give the specification with the numbers and the space that the prompt names.

    The words that stand for a parameter are its name, those of its description, and the aliases of
    the gallery entry that the specification comes from.
    """
    vocabulary = vocabulary_of(spec, entry)
    tokens = [_correct(token, vocabulary) for token in read_tokens(prompt)]
    space = change_space(spec, prompt, tokens)
    slots = slots_of(spec, entry.aliases if entry else {})
    if space.renamed:
        slots = without_small_world(slots, spec)
    reading = _Reading(used=set(space.used))
    _read_size(spec, slots, tokens, reading)
    _read_numbers([*slots, *derived_slots(spec, slots)], slots, tokens, reading)
    before = spec.wire()
    wire = copy.deepcopy(before)
    wire["environment"]["topology"] = copy.deepcopy(space.topology)
    _apply(spec, slots, wire, reading)
    settings = list(reading.settings.values())
    return Outcome(
        model=wire,
        said=(*map(_say, settings), *space.said),
        changes=(*_changes(slots, before, wire), *space.changes),
        refused=(*reading.refused, *space.refused),
        kept=tuple(_kept(slots, before, wire, settings)),
        unread=tuple(find_unread(tokens, reading.used, vocabulary)),
        renamed=space.renamed,
    )


def _correct(token: Token, vocabulary: Vocabulary) -> Token:
    """Give a word in the spelling that the model's own texts use."""
    word = token.word
    if token.kind != "word" or word in KNOWN_WORDS or not has_meaning(word):
        return token
    if token.stem in vocabulary.stems:
        return token
    known = nearest(word, vocabulary.words | KNOWN_WORDS)
    return replace(token, word=known, stem=stem(known)) if known else token


def _read_size(
    spec: ModelSpec, slots: Sequence[Slot], tokens: Sequence[Token], reading: _Reading
) -> None:
    """Read the first pair such as 40x40 as the size of the space."""
    paths = size_paths(spec, slots)
    pairs = [place for place, token in enumerate(tokens) if token.kind == "pair"]
    if paths is None or not pairs:
        return
    token = tokens[pairs[0]]
    reading.used.add(pairs[0])
    for label, path, value in zip(
        ("width", "height"), paths, (token.value, token.second), strict=True
    ):
        if not 1 <= value <= LARGEST or value != int(value):
            reading.refused.append(
                f"Did not set the size to {token.text}: width and height must be whole numbers "
                f"from 1 to {LARGEST:g}."
            )
            reading.settings.clear()
            return
        slot = _slot_at(path, label, slots)
        words = quote([token.text])
        reading.settings[slot.source_name] = _Setting(slot=slot, value=int(value), words=words)


def _slot_at(path: Path, label: str, slots: Sequence[Slot]) -> Slot:
    """Give the slot at a path, or one for a place that has no slot of its own."""
    own = next((slot for slot in slots if slot.path == path), None)
    name = ".".join(str(each) for each in path)
    return own or Slot(
        source_name=name, label=label, path=path, value=0, kind="whole", phrases=(), least=1
    )


def _read_numbers(
    candidates: Sequence[Slot], slots: Sequence[Slot], tokens: Sequence[Token], reading: _Reading
) -> None:
    """Read each number as the value of the slot that stands nearest."""
    refusals: dict[int, str] = {}
    for pairing in pair_up(tokens, candidates):
        slot, token = pairing.slot, tokens[pairing.index]
        if pairing.index in reading.used or slot.source_name in reading.settings:
            continue
        fitted = fit(pairing, token, _populations(slots, reading))
        if fitted.value is None:
            if fitted.refusal:
                refusals.setdefault(pairing.index, fitted.refusal)
            continue
        places = {pairing.index, *pairing.words}
        span = range(min(places), max(places) + 1)
        reading.settings[slot.source_name] = _Setting(
            slot=slot,
            value=fitted.value,
            words=quote([tokens[place].text for place in span]),
            remark=fitted.remark,
        )
        reading.used.update(places)
    for place, refusal in refusals.items():
        if place not in reading.used:
            reading.refused.append(refusal)
            reading.used.add(place)


def _populations(slots: Sequence[Slot], reading: _Reading) -> dict[str, float]:
    """Give the numbers of agents, as far as they are known by now."""
    sizes = [slot for slot in slots if slot.is_population]
    return {
        slot.source_name: (
            reading.settings[slot.source_name].value
            if slot.source_name in reading.settings
            else slot.value
        )
        for slot in sizes
    }


def _apply(spec: ModelSpec, slots: Sequence[Slot], wire: dict[str, Any], reading: _Reading) -> None:
    """Write the settings into the wire format; those that cannot be are dropped and told."""
    _drop_surplus(slots, reading)
    untouched = copy.deepcopy(wire)
    _write(spec, slots, wire, reading)
    crowd = crowding(spec, slots, wire)
    dropped = [each for each in reading.settings.values() if _takes_room(each.slot, spec, slots)]
    if crowd and dropped:
        words = ", ".join(dict.fromkeys(each.words for each in dropped))
        reading.refused.append(f"Did not use {words}: {crowd}.")
        for each in dropped:
            reading.settings.pop(each.slot.source_name)
        wire.clear()
        wire.update(untouched)
        _write(spec, slots, wire, reading)


def _takes_room(slot: Slot, spec: ModelSpec, slots: Sequence[Slot]) -> bool:
    paths = size_paths(spec, slots) or ()
    topology = spec.environment.topology
    named = [each for each in (topology.width, topology.height) if isinstance(each, str)]
    return (
        slot.is_population
        or slot.source_name in (SIZE, DENSITY, COUNT)
        or slot.path in paths
        or slot.source_name in named
        or slot.label in named
    )


def _drop_surplus(slots: Sequence[Slot], reading: _Reading) -> None:
    """Drop what is set to more than there are agents, such as the first cases."""
    populations = _populations(slots, reading)
    if len(populations) != 1:
        return
    (count,) = populations.values()
    for name, setting in list(reading.settings.items()):
        slot = setting.slot
        if slot.kind == "count" and slot.label.startswith("initial_") and setting.value > count:
            del reading.settings[name]
            reading.refused.append(
                f"Did not set {slot.label} to {show(setting.value)}: there are only "
                f"{show(count)} agents. It keeps {show(slot.value)}."
            )


def _write(spec: ModelSpec, slots: Sequence[Slot], wire: dict[str, Any], reading: _Reading) -> None:
    """Write the settings: first what stands there itself, then what others are reckoned from."""
    derived = {SIZE, DENSITY, COUNT}
    for setting in reading.settings.values():
        if setting.slot.source_name not in derived:
            _put(wire, setting.slot.path, setting.value)
    size = reading.settings.get(SIZE)
    if size:
        for path in size_paths(spec, slots) or ():
            _put(wire, path, size.value)
    cells = cells_of(wire)
    density, count = reading.settings.get(DENSITY), reading.settings.get(COUNT)
    target = population_slot(next(spec.agent_types())[1], slots) if density else None
    if density and target and cells:
        _put(wire, target.path, max(1, round(density.value * cells)))
    source = density_behind_count(spec, slots)
    if count and source and cells:
        share = count.value / cells
        if share > 1:
            del reading.settings[COUNT]
            reading.refused.append(
                f"Did not use {count.words}: there are only {show(cells)} cells."
            )
        else:
            _put(wire, source.path, plain(share))


def _put(wire: Any, path: Path, value: int | float) -> None:
    """Set the value at a path of the wire format."""
    place = wire_value(wire, path[:-1])
    place[path[-1]] = value


def _say(setting: _Setting) -> str:
    remark = f"; {setting.remark}" if setting.remark else ""
    return f"Set {setting.slot.label} to {show(setting.value)} ({setting.words}{remark})."


def _changes(
    slots: Sequence[Slot], before: Mapping[str, Any], wire: Mapping[str, Any]
) -> Iterable[str]:
    """Give what is different from before among the slots."""
    for slot in slots:
        old, new = wire_value(before, slot.path), _present(wire, slot.path)
        if new is not None and new != old:
            yield f"{slot.label} is {show(new)} instead of {show(old)}"


def _kept(
    slots: Sequence[Slot],
    before: Mapping[str, Any],
    wire: Mapping[str, Any],
    settings: Sequence[_Setting],
) -> Iterable[str]:
    """Give the slots that the prompt did not name, with their values."""
    named = {setting.slot.source_name for setting in settings}
    for slot in slots:
        value = _present(wire, slot.path)
        is_same = value is not None and value == wire_value(before, slot.path)
        if value is not None and is_same and slot.source_name not in named:
            yield f"{slot.label} = {show(value)}"


def _present(wire: Any, path: Path) -> float | None:
    """Give the number at a path, None where there is none any more."""
    for key in path:
        if isinstance(wire, dict) and key not in wire:
            return None
        wire = wire[key]
    return float(wire)

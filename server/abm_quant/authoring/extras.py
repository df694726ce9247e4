"""Keeps what a client sends beyond the format, which language models are not shown."""

from typing import Any

from abm_quant.authoring.naming import declared_name
from abm_quant.authoring.wire import format_keys


def keep_extras(old: Any, new: Any) -> Any:
    """Give the new model with the keys that only the old one has and that the format lacks.

    Declarations are found again by their names. Keys of the format are the author's: what is
    missing there was left out on purpose.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        kept = {key: keep_extras(old.get(key), value) for key, value in new.items()}
        beyond = old.keys() - format_keys() - new.keys()
        return kept | {key: value for key, value in old.items() if key in beyond}
    if isinstance(old, list) and isinstance(new, list):
        by_name = {name: each for each in old if (name := declared_name(each))}
        return [keep_extras(by_name.get(declared_name(each)), each) for each in new]
    return new

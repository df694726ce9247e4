"""The table of language models agrees with itself."""

import re
from datetime import date

import pytest

from abm_quant.llm.catalogue import EFFORTS, MODELS, VENDORS, choices

DAY = date(2026, 11, 21)


def test_every_model_has_a_vendor_and_known_efforts() -> None:
    for model in MODELS.values():
        assert model.vendor in VENDORS, model.id
        assert set(model.effort_levels) <= set(EFFORTS), model.id


def test_what_replaces_a_model_is_served_and_of_the_same_vendor() -> None:
    for model in MODELS.values():
        if model.replaced_by is not None:
            heir = MODELS[model.replaced_by]
            assert heir.replaced_by is None, model.id
            assert heir.vendor == model.vendor, model.id


@pytest.mark.parametrize("name", ["google", "openai", "anthropic"])
def test_default_models_are_in_the_table_and_not_on_their_way_out(name: str) -> None:
    default = VENDORS[name].default_model
    assert default is not None
    assert MODELS[default].vendor == name
    assert MODELS[default].replaced_by is None


def test_bare_names_are_recognized_by_their_vendor_alone() -> None:
    for model in MODELS.values():
        owners = [v.name for v in VENDORS.values() if v.pattern and re.match(v.pattern, model.id)]
        assert owners == [model.vendor], model.id


def test_choices_begin_with_the_offline_author() -> None:
    first = choices(DAY)[0]
    assert (first.value, first.label) == ("offline", "Offline gallery (no key)")


def test_choices_leave_out_what_is_retired_and_keep_what_is_announced() -> None:
    values = {choice.value for choice in choices(DAY)}
    assert "gemini-3.6-flash" in values
    assert "gpt-5" in values
    assert "o3-mini" not in values
    assert "gpt-5" not in {choice.value for choice in choices(date(2026, 12, 11))}

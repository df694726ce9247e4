"""Settings: defaults, environment, refusals in plain words."""

from pathlib import Path

import pytest

from abm_quant import settings as module
from abm_quant.contracts.jobs import Limits
from abm_quant.errors import BadSetting
from abm_quant.settings import Settings, env_name, is_loopback, load_settings, settings_table


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(env_name(field), raising=False)
    for name in ("AUTHENTICATION_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_defaults_are_those_of_the_interface():
    settings = load_settings()
    assert (settings.host, settings.port, settings.sandbox) == ("127.0.0.1", 3001, "auto")
    assert settings.limits == Limits()
    assert settings.vendor_keys == {}


def test_data_dir_is_in_the_checkout_or_in_the_users_folder(monkeypatch, tmp_path):
    assert load_settings().data_dir.name == "generated"
    monkeypatch.setattr(module.resources, "checkout", lambda: None)
    assert load_settings().data_dir.name == "abm-quant"


def test_environment_is_read_and_arguments_win(monkeypatch, tmp_path):
    monkeypatch.setenv("ABM_PORT", "4000")
    monkeypatch.setenv("ABM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ABM_LIMIT_STEPS", "7")
    settings = load_settings()
    assert (settings.port, settings.data_dir, settings.limits.steps) == (4000, tmp_path, 7)
    assert load_settings(port=5000).port == 5000


@pytest.mark.parametrize("name", ["ABM_AUTHENTICATION_KEY", "AUTHENTICATION_KEY"])
def test_authentication_key_is_read_under_both_names_and_never_printed(monkeypatch, name):
    monkeypatch.setenv(name, "open-sesame")
    settings = load_settings()
    assert settings.authentication_key.get_secret_value() == "open-sesame"
    assert "open-sesame" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("OPENAI_API_KEY", "openai"),
        ("ANTHROPIC_API_KEY", "anthropic"),
        ("GOOGLE_API_KEY", "google"),
        ("GEMINI_API_KEY", "google"),
    ],
)
def test_vendor_keys_are_read_under_the_vendors_names(monkeypatch, name, vendor):
    monkeypatch.setenv(name, "k-123")
    assert load_settings().vendor_keys[vendor].get_secret_value() == "k-123"


def test_an_empty_variable_is_not_a_value(monkeypatch):
    monkeypatch.setenv("ABM_PORT", "")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert load_settings().port == 3001
    assert load_settings().vendor_keys == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ABM_PORT", "many"),
        ("ABM_PORT", "70000"),
        ("ABM_SANDBOX", "maybe"),
        ("ABM_LIMIT_CPU_S", "-1"),
        ("ABM_LIMIT_WALL_S", "nan"),
        ("ABM_LIMIT_MEMORY_MB", "inf"),
        ("ABM_MAX_BODY_MB", "0"),
    ],
)
def test_a_bad_value_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=f"^{name}: "):
        load_settings()


def test_all_bad_values_are_reported_at_once(monkeypatch):
    monkeypatch.setenv("ABM_PORT", "many")
    monkeypatch.setenv("ABM_LIMIT_STEPS", "0")
    with pytest.raises(BadSetting) as refusal:
        load_settings()
    assert {line.split(":")[0] for line in str(refusal.value).splitlines()} == {
        "ABM_PORT",
        "ABM_LIMIT_STEPS",
    }


def test_unconfined_runs_are_for_this_computer_only():
    assert load_settings(sandbox="none", host="localhost").sandbox == "none"
    with pytest.raises(BadSetting, match="ABM_HOST must be 127.0.0.1"):
        load_settings(sandbox="none", host="0.0.0.0")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("example.org", False),
        ("127.0.0.1.example.org", False),
    ],
)
def test_loopback_addresses(host, expected):
    assert is_loopback(host) is expected


def test_the_table_names_every_setting_once_with_help():
    table = settings_table()
    assert len({name for name, _, _ in table}) == len(Settings.model_fields)
    assert all(help_text.endswith(".") for _, _, help_text in table)
    assert ("ABM_PORT", "3001") in [(name, default) for name, default, _ in table]
    assert not any(str(Path.home()) in default for _, default, _ in table)

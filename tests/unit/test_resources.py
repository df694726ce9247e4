"""The data folders are found beside the package first, then in the checkout."""

import pytest

from abm_quant import resources
from abm_quant.errors import ResourceMissing


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Let the package lie in an empty checkout."""
    place = tmp_path / "server" / "abm_quant"
    place.mkdir(parents=True)
    monkeypatch.setattr(resources, "PACKAGE", place)
    resources.root.cache_clear()
    yield place
    resources.root.cache_clear()


def test_the_checkout_has_both_folders():
    assert (resources.root("schemas") / "abm-model.schema.json").is_file()
    assert (resources.root("templates") / "mesa").is_dir()
    assert resources.checkout() == resources.PACKAGE.parents[1]


def test_the_folder_beside_the_package_is_taken_first(package, tmp_path):
    (tmp_path / "schemas").mkdir()
    assert resources.root("schemas") == tmp_path / "schemas"
    resources.root.cache_clear()
    (package / "_data" / "schemas").mkdir(parents=True)
    assert resources.root("schemas") == package / "_data" / "schemas"


def test_a_folder_that_is_nowhere_is_told_with_both_places(package, tmp_path):
    with pytest.raises(ResourceMissing) as failure:
        resources.root("schemas")
    assert str(package / "_data" / "schemas") in str(failure.value)
    assert str(tmp_path / "schemas") in str(failure.value)


def test_an_installed_package_is_in_no_checkout(package, tmp_path):
    assert resources.checkout() is None
    (tmp_path / "pyproject.toml").touch()
    assert resources.checkout() is None
    (tmp_path / "templates").mkdir()
    assert resources.checkout() == tmp_path

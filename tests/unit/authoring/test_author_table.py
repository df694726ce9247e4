"""Routes find their author."""

import pytest

from abm_quant.authoring.language_model import LanguageModelAuthor
from abm_quant.authoring.offline.author import OfflineAuthor
from abm_quant.authoring.table import author_for
from abm_quant.llm.catalogue import OFFLINE, VENDORS
from abm_quant.llm.connecting import Connections
from abm_quant.llm.routing import Route


def test_the_offline_route_has_the_offline_author() -> None:
    route = Route(vendor=OFFLINE, model=OFFLINE)
    assert isinstance(author_for(route, Connections()), OfflineAuthor)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_of_the_catalogue_is_asked(vendor: str) -> None:
    route = Route(vendor=vendor, model="m-1")
    assert isinstance(author_for(route, Connections()), LanguageModelAuthor)

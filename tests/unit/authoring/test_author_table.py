"""Routes find their author, or the sentence that there is none yet."""

import pytest

from abm_quant.authoring.offline.author import OfflineAuthor
from abm_quant.authoring.table import author_for
from abm_quant.errors import VendorNotConnected
from abm_quant.llm.routing import Route


def test_the_offline_route_has_the_offline_author() -> None:
    assert isinstance(author_for(Route(vendor="offline", model="offline")), OfflineAuthor)


@pytest.mark.parametrize(
    ("vendor", "label"),
    [("google", "Google"), ("local", "a local server"), ("elsewhere", "elsewhere")],
)
def test_other_vendors_are_plainly_not_connected(vendor: str, label: str) -> None:
    with pytest.raises(VendorNotConnected) as failure:
        author_for(Route(vendor=vendor, model="m-1"))
    message = str(failure.value)
    assert f"cannot talk to {label} yet" in message
    assert "'offline'" in message

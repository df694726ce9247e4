"""Which author writes for which vendor."""

from collections.abc import Callable, Mapping

from abm_quant.authoring.author import Author
from abm_quant.authoring.offline.author import OfflineAuthor
from abm_quant.errors import VendorNotConnected
from abm_quant.llm.catalogue import OFFLINE, VENDORS
from abm_quant.llm.routing import Route

AUTHORS: Mapping[str, Callable[[Route], Author]] = {
    OFFLINE: lambda route: OfflineAuthor(),
}
"""By vendor. A vendor is connected when it has a row."""


def author_for(route: Route) -> Author:
    """Give the author that writes for a route; raises VendorNotConnected where there is none."""
    make = AUTHORS.get(route.vendor)
    if make is None:
        label = VENDORS[route.vendor].label if route.vendor in VENDORS else route.vendor
        raise VendorNotConnected(
            f"This version cannot talk to {label} yet, so {route.model} cannot be asked. "
            f"Choose {OFFLINE!r} instead (underlyingModel in a request, --model on the command "
            "line, ABM_DEFAULT_MODEL for all): it works without a key and answers from the "
            "built-in gallery."
        )
    return make(route)

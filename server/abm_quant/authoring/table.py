"""Which author writes for which route."""

from abm_quant.authoring.author import Author
from abm_quant.authoring.language_model import LanguageModelAuthor
from abm_quant.authoring.offline.author import OfflineAuthor
from abm_quant.llm.catalogue import OFFLINE
from abm_quant.llm.connecting import Connections, connect
from abm_quant.llm.routing import Route


def author_for(route: Route, connections: Connections) -> Author:
    """Give the author that writes for a route: the gallery's, or one that asks a language model."""
    if route.vendor == OFFLINE:
        return OfflineAuthor()
    return LanguageModelAuthor(connect(route, connections), route)

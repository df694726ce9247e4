"""GalleryEntry: a model of the built-in gallery, with what a person needs to find and trust it."""

from pydantic import ConfigDict, Field

from abm_quant.contracts.spec import ModelSpec
from abm_quant.contracts.wire import Wire


class GalleryEntry(Wire):
    """One file of schemas/examples: what an author returns, and what the gallery adds to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="", exclude=True)
    """The file's name without its ending; not in the file."""
    title: str
    """At most seven words."""
    explanation: str
    """The model in Markdown: what happens, what to watch, who described it first."""
    expected: str
    """The fact that a correct run must show."""
    reference: str
    """The publication that the model follows."""
    tags: list[str]
    """Words and phrases in which people ask for this model; the search index reads them."""
    aliases: dict[str, list[str]] = {}
    """By sourceName of a parameter: the words that stand for it after or before a number in a
    prompt, such as `people` for globalVariable.population."""
    model: ModelSpec
    """The specification."""

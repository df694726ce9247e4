"""The gallery: the built-in example models."""

from typing import Annotated

from fastapi import APIRouter, Path

from abm_quant.api.bodies import GalleryPage, GallerySummary, GalleryView
from abm_quant.api.documenting import failures
from abm_quant.api.words import clean_markdown
from abm_quant.authoring.offline.gallery import entry_named, load_gallery

router = APIRouter(prefix="/gallery", tags=["gallery"])


@router.get("", summary="List the example models", responses=failures())
def list_gallery() -> GalleryPage:
    """Gives name, title and publication of each model of the gallery."""
    items = [
        GallerySummary(
            name=each.name,
            title=each.title,
            reference=each.reference,
            tags=each.tags,
            link=f"/api/v1/gallery/{each.name}",
        )
        for each in load_gallery()
    ]
    return GalleryPage(items=items)


@router.get("/{name}", summary="Read an example model", responses=failures(404))
def read_gallery(name: Annotated[str, Path(examples=["sir-network"])]) -> GalleryView:
    """Gives one model of the gallery with its specification."""
    entry = entry_named(name)
    return GalleryView(
        name=entry.name,
        title=entry.title,
        explanation=clean_markdown(entry.explanation),
        expected=entry.expected,
        reference=entry.reference,
        tags=entry.tags,
        model=entry.model.wire(),
    )

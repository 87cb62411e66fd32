"""Passages that may be quoted."""

from typing import Annotated, TypedDict

from testimonies import models
from testimonies.access import Use
from testimonies.models.codings import Anchor
from testimonies.models.persons import NameKind
from testimonies.models.quotes import QuoteStatus
from testimonies.models.testimonies import Kind, SpeakingConditions
from testimonies.models.testimonies import Warning as ContentWarning
from testimonies.projections.shapes.base import Described, Id, Moment, TierWord, of
from testimonies.projections.shapes.codebooks import CodeRef
from testimonies.projections.shapes.testimonies import CitationEntry


class QuoteTranslation(TypedDict):
    """The same passage in a translation."""

    quote_id: Annotated[Id, Described("The quote that says it in another language.")]
    language: Annotated[str, of(models.Text)]
    quote: Annotated[str, of(models.Quote)]


class Quote(TypedDict):
    """A passage that may be quoted, with all that must stand beside it.

    Below restricted it is there only while it is approved, its words stand in its text, and its testimony is seen and
    cleared for quoting.
    """

    id: Id
    testimony_id: Annotated[Id, of(models.Quote, "testimony")]
    testimony_ref: Annotated[str, of(models.Testimony, "ref")]
    text_id: Annotated[Id | None, of(models.Quote, "text")]
    language: Annotated[str, Described("Language of the passage; empty once its text is removed.", models.Text)]
    quote: Annotated[str, of(models.Quote)]
    start: Annotated[int, of(models.Quote)]
    end: Annotated[int, of(models.Quote)]
    prefix: Annotated[str, of(models.Quote)]
    suffix: Annotated[str, of(models.Quote)]
    attribution: Annotated[
        str, Described("Whom to name: the shown name, to which outlets, when, and the testimony's reference.")
    ]
    name: Annotated[str, Described("An outlet's pseudonym, or `unnamed`. Other names are filled from tier restricted.")]
    name_kind: Annotated[str, Described(model=models.Person, choices=NameKind)]
    outlets: Annotated[list[str], Described("Outlets of the sources that the caller may see.")]
    given: Annotated[str | None, of(models.Testimony)]
    kind: Annotated[str, Described(model=models.Testimony, choices=Kind)]
    speaking_conditions: Annotated[str, Described(model=models.Testimony, choices=SpeakingConditions)]
    citations: list[CitationEntry]
    content_warnings: Annotated[list[str], Described(model=models.Testimony, choices=ContentWarning)]
    collections: Annotated[
        list[str], Described("Slugs of the collections. Records of `invented` are made up: nobody said this.")
    ]
    caveats: Annotated[list[str], Described("Caveats of the record's collections: read them before using it.")]
    codes: Annotated[list[CodeRef], Described("Consensus codes of the whole testimony.")]
    cleared_for: Annotated[list[str], Described("Uses that a clearance covers now.", choices=Use)]
    expires_at: Annotated[
        Moment | None,
        Described(
            "Until when a clearance covers quoting, and the use that `cleared_for` asked for; null: no end is known. "
            "It may end sooner: ask again before each use."
        ),
    ]
    translation_of: Annotated[Id | None, of(models.Quote)]
    translations: Annotated[list[QuoteTranslation], Described("The passage in other languages.")]
    status: Annotated[str, Described(model=models.Quote, choices=QuoteStatus)]
    anchor: Annotated[str, Described(model=models.Quote, choices=Anchor)]
    note: Annotated[str, of(models.Quote)]
    version: Annotated[int | None, Described(model=models.Quote)]
    tier: TierWord

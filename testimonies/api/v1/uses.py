"""/api/v1/uses/: what campaigns use of testimonies, and how far it reached."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from testimonies import models
from testimonies.access import Capability, Use
from testimonies.api.history import HistoryMixin
from testimonies.api.parsing import Id, StrictSerializer, Text
from testimonies.api.reading import SharedViewSet, shared
from testimonies.api.v1 import fields
from testimonies.api.v1.campaigns import TellingSourceWrite
from testimonies.api.writing import WriteMixin
from testimonies.models.campaigns import UseKind
from testimonies.projections import shapes
from testimonies.selectors import documents, filters, parameters
from testimonies.selectors import uses as selected
from testimonies.selectors.exports import Listing
from testimonies.selectors.filters import Filter, enumeration
from testimonies.services import uses


class UsedTestimonyWrite(StrictSerializer):
    """A testimony that is used."""

    testimony_id = Id(help_text="The testimony.")
    quote_id = Id(
        allow_null=True, required=False, default=None, help_text="The quote of it that is used, where one is."
    )


UseWriteSerializer = fields.body(
    "CampaignUseWrite",
    "A use, as written. What it uses must be published, and cleared for its purpose on its day.",
    campaign=Text(max_length=80, help_text="Slug of the campaign."),
    **fields.of(models.CampaignUse, "kind", "title", "url", "description", "audience", "language", "published"),
    **fields.of(models.CampaignUse, "purpose"),
    testimonies=fields.whole_list(
        UsedTestimonyWrite, "What it uses: the whole list; none is a use of no testimony.", max_length=200
    ),
    sources=fields.whole_list(TellingSourceWrite, "Who tells of it: the whole list."),
    **fields.of(models.CampaignUse, "tier"),
)


class UseViewSet(HistoryMixin, WriteMixin, SharedViewSet):
    """Uses in campaigns of none, one or several testimonies. Of these each caller is shown those that they may see now."""

    noun = selected.NOUN
    service = uses
    write = UseWriteSerializer
    capability = Capability.CURATE
    shape = item = shapes.CampaignUse
    declared = shared(
        "uses",
        (
            Filter("campaign", "Slug of the campaign.", filters.as_written, filters.facet("campaign")),
            enumeration("kind", "What it is.", UseKind, filters.facet("kind")),
            enumeration("purpose", "As what it uses testimonies.", Use, filters.facet("purpose")),
            Filter("language", "Its language: a BCP 47 tag.", filters.language, filters.facet("language")),
            Filter(
                "testimony", "A testimony that it uses, by id or reference.", filters.key("T"), selected.of_testimony
            ),
            Filter(
                "code",
                "A consensus code of what it uses: slug, or codebook/slug; counts its children.",
                filters.code,
                selected.of_code,
            ),
            Filter("collection", "Collection of what it uses.", filters.slug_of("collection"), selected.of_collection),
            Filter(
                "has_testimonies",
                "true: it uses a testimony that the caller may see.",
                filters.yes_or_no,
                selected.uses_some,
            ),
            Filter(
                "is_covered",
                "false: a testimony that the caller may see is not cleared for this use now.",
                filters.yes_or_no,
                selected.is_covered,
            ),
        ),
    )

    def listing(self, request: Any, query: parameters.Query) -> Listing:
        return replace(super().listing(request, query), rows=None)  # each page is asked which testimonies it may show

    def page(self, request: Any, query: parameters.Query) -> Any:
        return selected.page(query, request.user)

    def document(self, request: Any, pk: str) -> documents.Document:
        return selected.document(pk, request.user)

    def _id(self, request: Any, pk: str) -> UUID:
        """Through the door of its own document: what it uses is not asked for."""
        return UUID(json.loads(documents.shared_document(self.noun, pk, "", request.user).body)["id"])

    def as_of(self, request: Any, found: UUID, moment: dt.datetime) -> documents.Document:
        return selected.as_of(found, moment, request.user)

"""/api/v1/testimonies/: filters, list, detail, citation."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action

from testimonies import models
from testimonies.access import Tier, Use
from testimonies.api import concurrency
from testimonies.api.history import HistoryMixin
from testimonies.api.parsing import Choice, Flag, Id, StrictSerializer, Text
from testimonies.api.reading import ReadViewSet
from testimonies.api.saying import Node, query, says
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin
from testimonies.models.groups import Belonging
from testimonies.models.persons import Gender
from testimonies.models.sources import Medium
from testimonies.models.testimonies import Credibility, Kind, SpeakingConditions, Status
from testimonies.projections import shapes
from testimonies.selectors import citations, documents, filters, parameters, search
from testimonies.selectors.exports import Listing
from testimonies.selectors.filters import Filter, enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.services import testimonies

FIRST, LAST = "-infinity", "infinity"

FILTERS = (
    Filter("person", "The person, by id or reference.", filters.key("P"), filters.id_or_ref("person_id", "person_ref")),
    enumeration("gender", "Gender of the person, as reported.", Gender, filters.column("gender")),
    Filter(
        "nationality", "Nationality of the person: ISO 3166-1 alpha-2.", filters.country, filters.column("nationality")
    ),
    Filter(
        "nationality_region",
        "Nationality within a region: a slug such as western-asia.",
        filters.region,
        filters.column("nationality"),
    ),
    Filter(
        "residence_before",
        "Where the person lived before joining: ISO 3166-1 alpha-2.",
        filters.country,
        filters.column("residence_before"),
    ),
    Filter(
        "residence_region",
        "Residence before joining within a region.",
        filters.region,
        filters.column("residence_before"),
    ),
    Filter("group", "Slug of the group.", filters.slug_of("group"), filters.column('"group"')),
    enumeration("membership", "On whose word the person belonged.", Belonging, filters.column("membership")),
    Filter("collection", "Slug of a collection.", filters.slug_of("collection"), filters.array("collections")),
    Filter(
        "codebook", "Coded with this codebook: its slug, or slug@version.", filters.codebook, filters.array("codebooks")
    ),
    Filter(
        "code",
        "Has at least one of the codes or of their children: slug, or codebook/slug.",
        filters.code,
        filters.any_code,
    ),
    Filter("code_all", "Has every one of the codes, or a child of each.", filters.code, filters.all_codes),
    Filter(
        "code_none",
        "Has none of the codes nor of their children. Absent means not mentioned; it was not denied.",
        filters.code,
        filters.no_code,
    ),
    Filter("source", "Cites the source, by id or reference.", filters.key("S"), filters.ids_and_refs("sources")),
    Filter(
        "outlet",
        "Cites a source of this outlet; case and accents do not matter.",
        filters.folded,
        filters.array("outlets"),
    ),
    enumeration("medium", "Cites a source of this medium.", Medium, filters.array("media")),
    Filter(
        "account_language",
        "Language of the published account: a BCP 47 tag.",
        filters.language,
        filters.column("account_language"),
    ),
    enumeration("kind", "How the account came about.", Kind, filters.column("kind")),
    enumeration(
        "speaking_conditions", "How freely the person spoke.", SpeakingConditions, filters.column("speaking_conditions")
    ),
    Filter(
        "given_country", "Where it was given: ISO 3166-1 alpha-2.", filters.country, filters.column("given_country")
    ),
    Filter("given_after", "Given on or after this date (EDTF).", filters.day(last=False), filters.reaches("given")),
    Filter("given_before", "Given on or before this date (EDTF).", filters.day(last=True), filters.starts_by("given")),
    Filter("joined_after", "Joined on or after this date (EDTF).", filters.day(last=False), filters.reaches("joined")),
    Filter(
        "joined_before", "Joined on or before this date (EDTF).", filters.day(last=True), filters.starts_by("joined")
    ),
    Filter("left_after", "Left on or after this date (EDTF).", filters.day(last=False), filters.reaches("left")),
    Filter("left_before", "Left on or before this date (EDTF).", filters.day(last=True), filters.starts_by("left")),
    enumeration("credibility", "Admiralty grade of what is said.", Credibility, filters.column("credibility")),
    enumeration("cleared_for", "Cleared now for at least one of these uses.", Use, filters.permitted),
    Filter(
        "updated_since",
        "Changed at or after this moment, as the caller's tier sees it.",
        filters.moment,
        filters.since("updated_at"),
        format="date-time",
    ),
    enumeration("status", "Where the record stands. For staff.", Status, filters.column("status"), Tier.RESTRICTED),
    enumeration("tier", "Tier of the record itself. For staff.", Tier, filters.column("tier"), Tier.RESTRICTED),
)

ORDERS = {
    "updated_at": Order("updated_at", "timestamptz"),
    "given": Order("given_earliest", "date", FIRST, LAST),
    "joined": Order("joined_earliest", "date", FIRST, LAST),
    "left": Order("left_earliest", "date", FIRST, LAST),
    "title": Order("title_key", "text"),
    "credibility": Order("credibility", "text"),
    "relevance": search.RELEVANCE,
}


class CaseWrite(StrictSerializer):
    """Whether the person is known to be among the cases that a collection's figures count."""

    collection = Text(max_length=80, help_text="Slug of the collection of figures.")
    is_case = Flag(help_text="True: named among its cases; false: not among them.")


TestimonyWriteSerializer = fields.body(
    "TestimonyWrite",
    "A testimony, as written. The membership that it tells of is written with it.",
    person_id=Id(help_text="Who testifies."),
    **fields.of(
        models.Testimony,
        *(
            "title",
            "summary",
            "summary_language",
            "notes_internal",
            "kind",
            "speaking_conditions",
            "account_language",
            "given",
        ),
        *(
            "given_country",
            "age_from",
            "age_to",
            "credibility",
            "content_warnings",
            "coding_status",
            "embargo_until",
            "tier",
        ),
    ),
    group=Text(
        max_length=80,
        allow_null=True,
        required=False,
        default=None,
        help_text="Slug of the group; null: no membership.",
    ),
    membership=Choice(
        source="belonging", choices=Belonging.choices, required=False, help_text="On whose word the person belonged."
    ),
    **fields.of(models.Membership, "role_in_group", "joined", "left"),
    collections=serializers.ListField(
        child=Text(max_length=80), required=False, max_length=50, help_text="Slugs: the whole list."
    ),
    cases=fields.whole_list(CaseWrite, "Known cases of figures: the whole list."),
    external_ids=fields.external_ids(),
    missing=fields.missing(),
    raised=fields.raised(),
)


CITATION_FORMAT = query(
    "format", "Which format.", {"type": "string", "enum": sorted(citations.FORMATS), "default": "csl-json"}
)


def _citation(components: Any) -> Node:
    schemas: dict[str, Node] = {name: {"type": "string"} for name in citations.FORMATS}
    schemas["csl-json"] = {"type": "array", "items": components.csl_item()}
    return {citations.MEDIA_TYPES[name]: {"schema": schema} for name, schema in schemas.items()}


class TestimonyViewSet(HistoryMixin, WriteMixin, ReadViewSet):
    """What people said: each record is one person on one occasion."""

    __test__ = False  # not a test, whatever its name begins with

    noun = "testimony"
    service = testimonies
    write = TestimonyWriteSerializer
    shape = shapes.Testimony
    item = shapes.TestimonySummary
    declared = Declared(
        name="testimonies",
        filters=FILTERS,
        orders=ORDERS,
        ordering="-updated_at",
        key=Order("testimony_id", "uuid"),
        has_search=True,
        has_match=True,
        formats=parameters.CITED,
    )

    def listing(self, request: Any, query: parameters.Query) -> Listing:
        found = super().listing(request, query)
        if query.format in citations.FORMATS:
            rows, query = documents.cited_rows(query, request.user)
            return replace(found, rows=rows, query=query)
        return found if query.search else replace(found, rows=documents.testimony_rows(query, request.user))

    def page(self, request: Any, query: parameters.Query) -> Page:
        return documents.testimonies(query, request.user)

    def document(self, request: Any, pk: str) -> documents.Document:
        return documents.testimony(pk, request.user)

    @says("get_testimony_citation", "Get a testimony's citation", content=_citation, parameters=(CITATION_FORMAT,))
    @action(detail=True)
    def citation(self, request: Any, pk: str) -> HttpResponse:
        """How to cite the testimony, from the sources that the caller may see."""
        values = dict(request._request.GET.lists())
        style = parameters.choice("format", citations.FORMATS, values)
        body, media_type = citations.render(documents.testimony(pk, request.user).body, style)
        return concurrency.answer(request, body, concurrency.of_body(body), media_type)

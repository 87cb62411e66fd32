"""/api/v1/persons/: people who testify."""

from testimonies import models
from testimonies.access import Tier
from testimonies.api.history import HistoryMixin
from testimonies.api.parsing import Choice, StrictSerializer, Text
from testimonies.api.reading import SharedViewSet, shared
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin
from testimonies.models.persons import Gender, NameKind
from testimonies.projections import shapes
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter, enumeration
from testimonies.services import persons

NAME_KINDS = [choice for choice in NameKind.choices if choice[0] != NameKind.NONE]
"""A name that is listed is one."""


class NameWrite(StrictSerializer):
    """Another name of the person."""

    value = Text(max_length=200, help_text="The name as printed.")
    kind = Choice(choices=NAME_KINDS, help_text="What kind of name it is.")
    tier = fields.TierWord(required=False, default=Tier.RESTRICTED, help_text="Least tier that may see this name.")


PersonWriteSerializer = fields.body(
    "PersonWrite",
    "A person, as written.",
    **fields.of(
        models.Person,
        *("name", "name_kind", "gender", "nationality", "residence_before", "origin_stated", "disclosure", "tier"),
    ),
    other_names=fields.whole_list(NameWrite, "Other names: the whole list."),
    external_ids=fields.external_ids(),
    missing=fields.missing(),
    raised=fields.raised(),
)


class PersonViewSet(HistoryMixin, WriteMixin, SharedViewSet):
    """People who testify. Names are no keys: two people share one, one person has several."""

    noun = "person"
    prefix = "P"
    service = persons
    write = PersonWriteSerializer
    shape = item = shapes.Person
    declared = shared(
        "persons",
        (
            enumeration("gender", "Gender as reported.", Gender, filters.facet("gender")),
            Filter("nationality", "Nationality: ISO 3166-1 alpha-2.", filters.country, filters.facet("nationality")),
            Filter(
                "nationality_region",
                "Nationality within a region: a slug such as western-asia.",
                filters.region,
                filters.facet("nationality"),
            ),
            Filter(
                "residence_before",
                "Where the person lived before joining.",
                filters.country,
                filters.facet("residence_before"),
            ),
            Filter(
                "residence_region",
                "Residence before joining within a region.",
                filters.region,
                filters.facet("residence_before"),
            ),
            enumeration("name_kind", "What kind of name the person has.", NameKind, filters.facet("name_kind")),
            Filter(
                "updated_since",
                "Changed at or after this moment.",
                filters.moment,
                filters.since("updated_at"),
                format="date-time",
            ),
            enumeration("tier", "Tier of the record itself. For staff.", Tier, filters.facet_tier, Tier.RESTRICTED),
        ),
    )

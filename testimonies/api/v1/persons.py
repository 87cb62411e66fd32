"""/api/v1/persons/: people who testify."""

from testimonies.access import Tier
from testimonies.api.reading import SharedViewSet, shared
from testimonies.models.persons import Gender, NameKind
from testimonies.projections import shapes
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter, enumeration


class PersonViewSet(SharedViewSet):
    """People who testify. Names are no keys: two people share one, one person has several."""

    noun = "person"
    prefix = "P"
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

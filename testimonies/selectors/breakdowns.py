"""By what testimonies are counted: a fixed list, over the columns of the projection rows.

Each says for a row under which keys it counts: a value, or that there is none, or that it cannot be said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import TextChoices

from testimonies.access import Tier
from testimonies.errors import InvalidParameter
from testimonies.models.persons import Gender
from testimonies.selectors.filters import Context, nearest
from testimonies.selectors.reference import Code
from testimonies.selectors.sql import Sql


class Place(TextChoices):
    """Where a cell stands on one of the axes of a table."""

    ALL = "all", "all of them: the table is not broken down this way, or this is the margin"
    VALUE = "value", "at a value, which stands beside"
    NOT_STATED = "not_stated", "where nothing is said, as far as the caller may see"
    UNCERTAIN = "uncertain", "where a date or an age spans several values: it is counted once, here, never guessed"
    NONE_OF_THESE = "none_of_these", "where the value, or every code, is none of those that are counted here"
    NOT_CODED = "not_coded", "where nothing was coded with this codebook: that is not the same as none"
    OTHERS = "others", "the values that are not told one by one, together"


_VALUE, _LETTERS = "v", {
    "v": Place.VALUE,
    "n": Place.NOT_STATED,
    "u": Place.UNCERTAIN,
    "x": Place.NONE_OF_THESE,
    "c": Place.NOT_CODED,
}  # fmt: skip
"""How a key begins in SQL; a value follows."""


@dataclass(frozen=True, slots=True)
class Key:
    """Where on an axis a testimony counts."""

    place: Place
    value: str = ""

    @staticmethod
    def read(text: str) -> "Key":
        return Key(_LETTERS[text[0]], text[1:])


ALL, OTHERS = Key(Place.ALL), Key(Place.OTHERS)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One axis.

    key          SQL of a row's key; of its keys, as an array, where it `is_multiple`: it then counts in each of its cells.
    joined       What the statement joins for that.
    words        All values that there may be, where they are few and known to everybody; of codes the dimension too.
    is_for_closed Whether closed collections are counted by it (docs/adr/0035).
    codebooks    Of codes: the codebook versions whose codes they are.
    """

    name: str
    help: str
    key: Sql
    is_multiple: bool = False
    joined: str = ""
    words: tuple[str, ...] = ()
    tier: Tier = Tier.PUBLIC
    is_for_closed: bool = False
    codebooks: tuple[str, ...] = ()


def _column(name: str) -> Sql:
    return Sql(f"coalesce('{_VALUE}' || {name}, 'n')")


def _array(name: str) -> Sql:
    return Sql(
        f"CASE WHEN cardinality({name}) = 0 THEN '{{n}}' ELSE array(SELECT '{_VALUE}' || x FROM unnest({name}) x) END"
    )


def _year(name: str) -> Sql:
    first, last = (f"extract(year FROM {name}_{end})::int" for end in ("earliest", "latest"))
    return Sql(
        f"CASE WHEN {name}_earliest IS NULL THEN 'n' WHEN {first} = {last} THEN '{_VALUE}' || {first} ELSE 'u' END"
    )


_BAND = (
    "CASE WHEN coalesce(age_from, age_to) IS NULL THEN 'n' WHEN age_from / 10 = age_to / 10 "
    f"THEN '{_VALUE}' || age_from / 10 * 10 || '-' || age_from / 10 * 10 + 9 ELSE 'u' END"
)
_REGIONS = (
    "LEFT JOIN (SELECT country, array_agg('v' || slug) AS slugs FROM "
    "(SELECT slug, unnest(countries) AS country FROM testimonies_region) r GROUP BY country) regions ON regions.country = nationality"
)

BREAKDOWNS: Mapping[str, Breakdown] = {
    one.name: one
    for one in (
        Breakdown("status", "where the record stands", _column("status"), tier=Tier.RESTRICTED),
        Breakdown("nationality", "nationality of the person (ISO 3166-1)", _column("nationality"), is_for_closed=True),
        Breakdown(
            "nationality_region",
            "the named regions to which the nationality belongs, which may overlap",
            Sql("CASE WHEN nationality IS NULL THEN '{n}' ELSE coalesce(regions.slugs, '{x}') END"),
            is_multiple=True,
            joined=_REGIONS,
        ),
        Breakdown(
            "gender", "gender of the person", _column("gender"), words=tuple(Gender.values), is_for_closed=True
        ),
        Breakdown(
            "age_band",
            "ten years of age, such as 20-29",
            Sql(_BAND),
            words=tuple(f"{age}-{age + 9}" for age in range(0, 140, 10)),
            is_for_closed=True,
        ),
        Breakdown("group", "slug of the group", _column('"group"'), is_for_closed=True),
        Breakdown("outlet", "outlets of the sources, in small letters", _array("outlets"), is_multiple=True),
        Breakdown("medium", "media of the sources", _array("media"), is_multiple=True),
        Breakdown(
            "language", "language of the account (BCP 47)", _column("account_language"), is_for_closed=True
        ),
        Breakdown("year_given", "year in which it was given", _year("given"), is_for_closed=True),
        Breakdown("year_left", "year in which the person left", _year("left")),
    )
}  # fmt: skip
CODE = "code:"
"""`by=code:leaving` counts by the codes below a dimension."""
HUB = "gender"
"""In a closed collection two breakdowns are crossed only if this is one of them (docs/adr/0035)."""


class Over(TextChoices):
    """Which year a third axis goes by."""

    YEAR = "year", "the year in which it was given"
    YEAR_GIVEN = "year_given", "the same"
    YEAR_LEFT = "year_left", "the year in which the person left"

    @property
    def breakdown(self) -> Breakdown:
        return BREAKDOWNS[Over.YEAR_GIVEN if self is Over.YEAR else self]


def read(name: str, values: list[str], context: Context) -> list[Breakdown]:
    """Errors: InvalidParameter."""
    known = [one.name for one in BREAKDOWNS.values() if one.tier <= context.actor.tier]
    found = []
    for value in values:
        if value.startswith(CODE):
            found.append(_of_dimension(name, value, context))
        elif value in known:
            found.append(BREAKDOWNS[value])
        else:
            words = f"Use one of: {', '.join(known)}, or {CODE} and a dimension, such as code:leaving."
            raise InvalidParameter(name, "unknown_value", f"{words}{nearest(value, known)}")
    return found


def _of_dimension(name: str, value: str, context: Context) -> Breakdown:
    reference, tier = context.reference, context.actor.tier
    tops = [code for code in reference.find_codes(value.removeprefix(CODE), tier) if code.parent_id is None]
    if not tops:
        raise InvalidParameter(
            name,
            "unknown_value",
            "There is no such dimension. Write code: and its slug, or code:codebook/slug; /api/v1/codebooks/ leads to them.",
        )
    if len({top.codebook for top in tops}) > 1:
        raise InvalidParameter(
            name, "ambiguous", "More than one codebook has this dimension. Write code:codebook/slug."
        )
    counted = _with_parents([code for code in reference.codes if code.tier <= tier], {top.id for top in tops})
    codebooks = tuple(f"{top.codebook}@{top.edition}" for top in tops)
    below: dict[str, list[UUID]] = {}
    for code_id, slug in counted:
        below.setdefault(slug, []).append(code_id)
    ids = sorted({code_id for code_id, _ in counted})
    # one test for each value: a third of what it takes to look each code of a row up
    tests = ", ".join(["CASE WHEN codes && %s::uuid[] THEN %s END"] * len(below))
    return Breakdown(
        name=value,
        help="",
        key=Sql(
            "CASE WHEN NOT codebooks && %s::text[] THEN '{c}' WHEN NOT codes && %s::uuid[] THEN '{x}' "
            f"ELSE array_remove(ARRAY[{tests}]::text[], NULL) END",
            (list(codebooks), ids, *(one for slug, found in below.items() for one in (found, f"{_VALUE}{slug}"))),
        ),
        is_multiple=True,
        words=tuple({*(top.slug for top in tops), *below}),
        codebooks=codebooks,
    )


def _with_parents(codes: list[Code], tops: set[UUID]) -> list[tuple[UUID, str]]:
    """Of each code below the tops: its id with its slug, and with that of each code above it but the top."""
    known = {code.id: code for code in codes}
    found = []
    for code in codes:
        above, here = [], code
        while here.parent_id in known and here.id not in tops:
            above.append(here.slug)
            here = known[here.parent_id]
        if here.id in tops:
            found += [(code.id, slug) for slug in above]
    return found

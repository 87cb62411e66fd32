"""The rows that are read: what each tier may see, made when something is written (docs/adr/0002).

Only testimonies.projections.refresh writes here; only testimonies.selectors reads.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Func, Q

from testimonies.access import Tier, Use

BITS = {use.value: 1 << number for number, use in enumerate(Use)}
"""Of each use in `permits`."""


def _words(what: str) -> ArrayField:
    return ArrayField(models.TextField(), default=list, help_text=what)


def _derived(output: models.Field, template: str) -> models.GeneratedField:
    """A column that PostgreSQL computes of others of its row, whoever writes it."""
    expression = Func(template=template, output_field=output.clone())
    return models.GeneratedField(
        expression=expression, output_field=output, db_persist=True, help_text=output.help_text
    )


_IS_SHOWN = "is_listed AND NOT isempty(during)"
_FIRST, _LAST = "'0001-01-01 00:00Z'", "'9999-12-31 00:00Z'"  # Python knows no infinity


class TestimonyProjection(models.Model):
    """One testimony as one tier may see it, during one range of time and for one set of uses.

    A date that is open on one side has the first or the last day of the calendar there; a date that is missing is null.
    """

    __test__ = False  # not a test, whatever its name begins with

    # what every statement looks at comes first: PostgreSQL takes a row apart up to the last column that is asked for
    testimony_id = models.UUIDField(
        help_text="The testimony. No foreign key: rows are removed by the refresh that a deletion demands."
    )
    updated_at = models.DateTimeField(help_text="When the document last changed for this tier.")
    starts_at = _derived(
        models.DateTimeField(
            help_text="From when the row is shown: never, while it is not listed or waits to be rebuilt."
        ),
        f"CASE WHEN {_IS_SHOWN} THEN coalesce(lower(during), {_FIRST}) ELSE {_LAST} END",
    )
    ends_at = _derived(
        models.DateTimeField(help_text="Until when the row is shown."),
        f"CASE WHEN {_IS_SHOWN} THEN coalesce(upper(during), {_LAST}) ELSE {_FIRST} END",
    )
    permits = _derived(
        models.SmallIntegerField(help_text="The uses as bits: one number, which an index can hold."),
        "(" + " + ".join(f"CASE WHEN '{use}' = ANY(uses) THEN {bit} ELSE 0 END" for use, bit in BITS.items()) + ")",
    )
    is_listed = models.BooleanField(
        default=True,
        help_text="Whether the record is listed: below restricted, not while a collection of it is closed.",
    )
    item = models.TextField(help_text="Ready JSON of the list item.")
    extra = models.TextField(help_text="What the detail adds to the item, without its braces and its texts.")
    during = DateTimeRangeField(help_text="When the row holds. Rows of one testimony do not overlap.")
    uses = _words("What the testimony is cleared for during that time.")
    shape = models.PositiveSmallIntegerField(help_text="Number of the document shape that the row was made with.")
    digest = models.CharField(
        max_length=32, help_text="Digest of the document with its texts: whether the tier's bytes changed."
    )
    version = models.PositiveIntegerField(help_text="Version of the record; only the restricted tier's answers use it.")

    ref = models.TextField(help_text="Reference of the testimony.")
    person_id = models.UUIDField(help_text="The person.")
    person_ref = models.TextField(help_text="Reference of the person.")
    gender = models.TextField(help_text="Gender of the person.")
    nationality = models.TextField(null=True, help_text="Nationality of the person.")
    residence_before = models.TextField(null=True, help_text="Where the person lived before.")
    group = models.TextField(null=True, help_text="Slug of the group.")
    membership = models.TextField(help_text="On whose word the person belonged.")
    collections = _words("Slugs of the collections.")
    codebooks = _words("Codebooks of the codes: slug, and slug@version.")
    codes = ArrayField(models.UUIDField(), default=list, help_text="Ids of the codes.")
    sources = _words("Ids and references of the sources.")
    outlets = _words("Outlets of the sources, folded.")
    media = _words("Media of the sources.")
    account_language = models.TextField(help_text="Language of the account.")
    kind = models.TextField(help_text="How the account came about.")
    speaking_conditions = models.TextField(help_text="How freely the person spoke.")
    given_country = models.TextField(null=True, help_text="Where it was given.")
    given_earliest = models.DateField(null=True, help_text="First day on which it may have been given.")
    given_latest = models.DateField(null=True, help_text="Last day on which it may have been given.")
    joined_earliest = models.DateField(null=True, help_text="First day on which the person may have joined.")
    joined_latest = models.DateField(null=True, help_text="Last day on which the person may have joined.")
    left_earliest = models.DateField(null=True, help_text="First day on which the person may have left.")
    left_latest = models.DateField(null=True, help_text="Last day on which the person may have left.")
    age_from = models.SmallIntegerField(null=True, help_text="Least age of the person, as the tier sees it.")
    age_to = models.SmallIntegerField(null=True, help_text="Greatest age of the person, as the tier sees it.")
    credibility = models.TextField(help_text="Admiralty grade of what is said.")
    status = models.TextField(help_text="Where the record stands.")
    tier = models.PositiveSmallIntegerField(help_text="Tier of the record itself.")
    created_by_id = models.BigIntegerField(null=True, help_text="Who entered it; kept at the restricted tier alone.")
    words = models.CharField(max_length=32, help_text="Digest of the words that the vector was made of.")
    title_key = models.TextField(help_text="The title, folded, for ordering.")
    names = models.TextField(
        help_text="Words of the title and the shown name, folded: spellings alike are looked for here."
    )
    vector = SearchVectorField(help_text="Search vector of title, shown names and summary.")

    class Meta:
        abstract = True
        constraints = [
            ExclusionConstraint(
                name="%(class)s_rows_do_not_overlap",
                expressions=[("testimony_id", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]
        # those of orderings by what may be missing, and the one of all facets, are SQL (migration 0002)
        indexes = [
            # the door's columns in the index: rows are counted without being fetched
            models.Index(
                fields=["updated_at", "testimony_id", "starts_at", "ends_at", "permits"],
                condition=Q(is_listed=True),
                name="%(class)s_updated",
            ),
            models.Index(
                fields=[
                    "nationality",
                    "updated_at",
                    "testimony_id",
                    "starts_at",
                    "ends_at",
                    "permits",
                    "given_earliest",
                    "given_latest",
                ],
                name="%(class)s_country",
            ),
            models.Index(fields=["testimony_id"], name="%(class)s_testimony"),
            models.Index(fields=["ref"], name="%(class)s_ref"),
            models.Index(fields=["person_id"], name="%(class)s_person"),
            models.Index(fields=["title_key", "testimony_id"], name="%(class)s_title"),
            models.Index(fields=["credibility", "testimony_id"], name="%(class)s_grade"),
            GinIndex(fields=["vector"], name="%(class)s_vector"),
        ]

    def __str__(self) -> str:
        return f"{self.testimony_id} at {self._meta.db_table}"


class PublicTestimony(TestimonyProjection):
    """What the public tier may see."""

    class Meta(TestimonyProjection.Meta):
        db_table = "projection_public"


class PartnerTestimony(TestimonyProjection):
    """What the partner tier may see."""

    class Meta(TestimonyProjection.Meta):
        db_table = "projection_partner"


class RestrictedTestimony(TestimonyProjection):
    """What the restricted tier may see: every testimony, in every state."""

    class Meta(TestimonyProjection.Meta):
        db_table = "projection_restricted"


ROWS: dict[Tier, type[TestimonyProjection]] = {
    Tier.PUBLIC: PublicTestimony,
    Tier.PARTNER: PartnerTestimony,
    Tier.RESTRICTED: RestrictedTestimony,
}


class TextDocument(models.Model):
    """One text, ready to be served to its tier and above while its testimony is visible. Stored once, not per tier."""

    text_id = models.UUIDField(primary_key=True, help_text="The text.")
    testimony_id = models.UUIDField(db_index=True, help_text="Its testimony.")
    tier = models.PositiveSmallIntegerField(help_text="Least tier that may see the text.")
    position = models.PositiveSmallIntegerField(help_text="Order among the testimony's texts.")
    digest = models.CharField(max_length=32, help_text="Digest of the document.")
    document = models.TextField(help_text="Ready JSON of the text.")
    vector = SearchVectorField(help_text="Search vector of the body, stemmed for its language.")

    class Meta:
        db_table = "projection_text"
        indexes = [GinIndex(fields=["vector"], name="projection_text_vector")]

    def __str__(self) -> str:
        return f"text {self.text_id}"


class SharedDocument(models.Model):
    """A person, source, group, collection, figure, codebook or code as one tier may see its own fields."""

    noun = models.CharField(max_length=20, help_text="Which kind of record.")
    record_id = models.UUIDField(help_text="The record.")
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, help_text="For which tier.")
    shape = models.PositiveSmallIntegerField(help_text="Number of the document shape that the row was made with.")
    digest = models.CharField(max_length=32, help_text="Digest of the document: whether the tier's bytes changed.")
    updated_at = models.DateTimeField(help_text="When the document last changed for this tier.")
    version = models.PositiveIntegerField(help_text="Version of the record; only the restricted tier's answers use it.")
    created_by_id = models.BigIntegerField(null=True, help_text="Who entered it; kept at the restricted tier alone.")
    document = models.TextField(help_text="Ready JSON.")
    facets = models.JSONField(help_text="What filters look at: values of this document only.")
    sort_key = models.TextField(help_text="Default order within the kind.")

    class Meta:
        db_table = "projection_shared"
        constraints = [
            models.UniqueConstraint(fields=["noun", "tier", "record_id"], name="shared_document_is_one_per_tier")
        ]
        indexes = [
            models.Index(fields=["noun", "tier", "sort_key", "record_id"], name="shared_document_sorted"),
            models.Index(fields=["noun", "tier", "updated_at", "record_id"], name="shared_document_updated"),
            GinIndex(fields=["facets"], name="shared_document_facets", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.noun} {self.record_id}"


class SourceTier(models.Model):
    """A source's effective tier: the highest of its own and of those of all testimonies that cite it. It leads to names."""

    source_id = models.UUIDField(primary_key=True, help_text="The source.")
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, help_text="Least tier that may see it.")

    class Meta:
        db_table = "projection_source_tier"

    def __str__(self) -> str:
        return f"source {self.source_id}"


class StaleMark(models.Model):
    """Records whose projections one statement of the running transaction has made stale. No transaction commits while it has a mark."""

    noun = models.CharField(max_length=20, help_text="Which kind of record.")
    record_ids = ArrayField(models.UUIDField(), help_text="The records.")

    class Meta:
        db_table = "projection_stale"

    def __str__(self) -> str:
        return f"{self.noun}: {len(self.record_ids)}"


class ReferenceRevision(models.Model):
    """At most one row: the revision of what each process keeps in memory (codes, collections, groups, regions)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, help_text="Always 1.")
    revision = models.UUIDField(help_text="Another one whenever such a row changes.")

    class Meta:
        db_table = "reference_revision"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="reference_revision_is_one_row")]

    def __str__(self) -> str:
        return str(self.revision)

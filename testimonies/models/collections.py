"""Named sets of testimonies, published figures about them, and regions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from testimonies.access import Use
from testimonies.models.base import Record
from testimonies.models.clearances import Basis
from testimonies.models.codebooks import Codebook
from testimonies.models.fields import choice_field, known_tier, one_of, only, slug_field, texts_field, tier_field
from testimonies.models.sources import Source
from testimonies.models.testimonies import Testimony


class Listing(models.TextChoices):
    OPEN = "open", "records are listed to whoever may see them"
    CLOSED = "closed", "below restricted only statistics, small cells suppressed"


class Collection(Record):
    """A named set of testimonies with its scope, caveats and codebook. Every count names the collection it counts."""

    slug = slug_field("Short name in addresses and filters", unique=True)
    title = models.CharField(max_length=300, help_text="Title.")
    population = models.TextField(blank=True, help_text="Whom the collection, or its figures, are about.")
    scope = models.TextField(blank=True, help_text="What is in and what is left out.")
    caveats = texts_field("What everybody must know before using it; shown with every record.")
    unavailable = texts_field("Counts that were looked for and could not be found.")
    codebook = models.ForeignKey(
        Codebook,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The codebook version it is coded with.",
    )
    basis_of_use = choice_field(Basis, "On what the use of the collection rests.")
    permitted_uses = ArrayField(
        models.CharField(max_length=20, choices=Use.choices),
        default=list,
        blank=True,
        help_text="What the collection may be used for.",
    )
    reviewed_by = texts_field("Who reviewed it: roles, not names of people.")
    case_status = models.TextField(blank=True, help_text="What membership and case status mean in this collection.")
    listing = choice_field(Listing, "Whether records are listed below restricted.", default=Listing.OPEN)
    is_invented = models.BooleanField(
        default=False, help_text="Whether its records are made up for tests and training: nobody said this."
    )
    tier = tier_field("this collection")

    class Meta:
        constraints = [
            known_tier("collection"),
            one_of("collection", "basis_of_use", Basis),
            one_of("collection", "listing", Listing),
            only("collection", "permitted_uses", Use),
        ]

    class Exposure:
        public = (
            "id", "slug", "title", "population", "scope", "caveats", "unavailable", "codebook", "basis_of_use", "permitted_uses",
            "reviewed_by", "case_status", "listing", "is_invented",
        )  # fmt: skip
        internal = ("version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return str(self.slug)


class CollectionItem(models.Model):
    """A testimony belongs to a collection."""

    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, related_name="items", help_text="The collection."
    )
    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="collection_items", help_text="The testimony."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "testimony"], name="collection_item_is_listed_once")
        ]

    class Exposure:
        public = ("collection",)
        internal = ("id", "testimony")

    def __str__(self) -> str:
        return f"collection item {self.pk}"


class CaseLink(models.Model):
    """Whether a testimony's person is known to be, or not to be, among the cases that a collection's figures count."""

    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="case_links", help_text="The testimony."
    )
    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, related_name="+", help_text="The collection of figures."
    )
    is_case = models.BooleanField(
        help_text="True: named among the cases; false: not among them, as far as dates show. No row: not known."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["testimony", "collection"], name="case_link_is_said_once")]

    class Exposure:
        public = ("collection", "is_case")
        internal = ("id", "testimony")

    def __str__(self) -> str:
        return f"case link {self.pk}"


class FigureScope(models.TextChoices):
    CASES = "cases", "about the collection's cases"
    CONTEXT = "context", "about the context"
    RECOMMENDATION = "recommendation", "a recommendation"


class FigureStatus(models.TextChoices):
    GIVEN = "given", "stated by the source"
    DERIVED = "derived", "computed or inferred here"


class Figure(Record):
    """A published statement about a collection or its context, with its source. Never computed from our records."""

    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, related_name="figures", help_text="The collection it speaks of."
    )
    slug = slug_field("Short name within the collection")
    scope = choice_field(FigureScope, "What the figure is about.")
    statement = models.TextField(help_text="The statement in our own words.")
    status = choice_field(FigureStatus, "Whether the source states it or we derived it.")
    derivation = models.TextField(blank=True, help_text="How it was derived.")
    metric = models.CharField(
        max_length=60, help_text="What is counted or said, such as count_persons or share_persons."
    )
    operator = models.CharField(
        max_length=20, help_text="How the value is meant: eq, approx, gt, lt, between, present, many, unknown, within."
    )
    value = models.CharField(
        max_length=60,
        blank=True,
        help_text="The value as given: a number, a share or an EDTF date; empty where there is none.",
    )
    range_low = models.FloatField(null=True, blank=True, help_text="Least value that fits the statement.")
    range_high = models.FloatField(null=True, blank=True, help_text="Greatest value that fits the statement.")
    denominator = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of how many, where the figure is a part of a whole."
    )
    filter = models.TextField(
        blank=True, help_text="The query that should reproduce it, as JSON; empty where none could."
    )
    conflicts = models.JSONField(
        default=list, blank=True, help_text="What other sources say instead: a list of {source, statement, value}."
    )
    note = models.TextField(blank=True, help_text="What to know before using it.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order within the collection, from 0.")
    tier = tier_field("this figure")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "slug"], name="figure_slug_is_one_per_collection"),
            one_of("figure", "scope", FigureScope),
            one_of("figure", "status", FigureStatus),
            known_tier("figure"),
            models.CheckConstraint(
                condition=Q(range_low=None, range_high=None) | Q(range_low__lte=F("range_high")),
                name="figure_range_is_in_order",
            ),
        ]

    class Exposure:
        public = (
            "id", "collection", "slug", "scope", "statement", "status", "derivation", "metric", "operator", "value", "range_low", "range_high",
            "denominator", "filter", "conflicts", "note",
        )  # fmt: skip
        restricted = ("position",)
        internal = ("version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return str(self.slug)


class FigureSource(models.Model):
    """A source that states a figure."""

    figure = models.ForeignKey(Figure, on_delete=models.CASCADE, related_name="figure_sources", help_text="The figure.")
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="figure_sources", help_text="Who states it."
    )
    locator = models.CharField(max_length=300, blank=True, help_text="Where in the source.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order among the figure's sources, from 0.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["figure", "source"], name="figure_source_is_listed_once")]

    class Exposure:
        public = ("source", "locator", "position")
        internal = ("id", "figure")

    def __str__(self) -> str:
        return f"figure source {self.pk}"


class Region(models.Model):
    """A named set of countries, kept as data."""

    slug = slug_field("Short name in filters", primary_key=True)
    name = models.CharField(max_length=200, help_text="Name.")
    source = models.TextField(blank=True, help_text="Who defines the set, such as UN M49.")
    countries = ArrayField(models.CharField(max_length=2), help_text="ISO 3166-1 alpha-2 codes.")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(countries=[]), name="region_has_countries")]

    class Exposure:
        public = ("slug", "name", "source", "countries")

    def __str__(self) -> str:
        return str(self.name)

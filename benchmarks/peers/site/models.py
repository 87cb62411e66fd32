"""The tables of schema.sql."""

import secrets
import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Table(models.Model):
    class Meta:
        abstract = True
        managed = False
        app_label = "site"


class Key(Table):
    key = models.TextField(primary_key=True)
    name = models.TextField()
    is_active = models.BooleanField()

    class Meta(Table.Meta):
        db_table = "api_key"


class Person(Table):
    id = models.UUIDField(primary_key=True)
    ref = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=200)
    name_kind = models.CharField(max_length=40)
    gender = models.CharField(max_length=40)
    nationality = models.CharField(max_length=2, null=True)
    residence_before = models.CharField(max_length=2, null=True)
    origin_stated = models.CharField(max_length=200)

    class Meta(Table.Meta):
        db_table = "person"


class Source(Table):
    id = models.UUIDField(primary_key=True)
    ref = models.CharField(max_length=16, unique=True)
    outlet = models.CharField(max_length=200)
    title = models.CharField(max_length=500)
    url = models.URLField(max_length=1000)
    published = models.CharField(max_length=100, null=True)
    medium = models.CharField(max_length=40)
    reliability = models.CharField(max_length=40)

    class Meta(Table.Meta):
        db_table = "source"


class Code(Table):
    id = models.UUIDField(primary_key=True)
    codebook = models.CharField(max_length=80)
    version = models.CharField(max_length=20)
    dimension = models.CharField(max_length=80)
    slug = models.CharField(max_length=80)
    position = models.SmallIntegerField()

    class Meta(Table.Meta):
        db_table = "code"
        ordering = ["position", "slug"]


class Collection(Table):
    id = models.UUIDField(primary_key=True)
    slug = models.SlugField(max_length=80, unique=True)

    class Meta(Table.Meta):
        db_table = "collection"
        ordering = ["slug"]


class Group(Table):
    slug = models.SlugField(max_length=80, primary_key=True)

    class Meta(Table.Meta):
        db_table = "group"


def new_ref() -> str:
    return f"T-{secrets.token_hex(5).upper()}"


class Testimony(Table):
    __test__ = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    person = models.ForeignKey(Person, models.PROTECT)
    updated_at = models.DateTimeField(auto_now=True)
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    summary_language = models.CharField(max_length=35, default="en")
    kind = models.CharField(max_length=40)
    speaking_conditions = models.CharField(max_length=40, default="not_known")
    account_language = models.CharField(max_length=35)
    given = models.CharField(max_length=100, null=True)
    given_earliest = models.DateField(null=True)
    given_latest = models.DateField(null=True)
    given_country = models.CharField(max_length=2, null=True)
    age_from = models.SmallIntegerField(null=True)
    age_to = models.SmallIntegerField(null=True)
    group = models.ForeignKey(Group, models.PROTECT, null=True, db_column="group")
    membership = models.CharField(max_length=40, default="not_known")
    role_in_group = models.CharField(max_length=80, blank=True)
    joined = models.CharField(max_length=100, null=True)
    joined_earliest = models.DateField(null=True)
    joined_latest = models.DateField(null=True)
    left = models.CharField(max_length=100, null=True)
    left_earliest = models.DateField(null=True)
    left_latest = models.DateField(null=True)
    coding_status = models.CharField(max_length=40, default="not_coded")
    credibility = models.CharField(max_length=40, default="not_graded")
    content_warnings = ArrayField(models.TextField(), default=list, blank=True)
    cleared_for = ArrayField(models.TextField(), default=list, blank=True)
    status = models.CharField(max_length=40, default="draft")
    tier = models.SmallIntegerField(default=2)
    search = SearchVectorField(null=True, editable=False)
    codes = models.ManyToManyField(Code, through="TestimonyCode")
    collections = models.ManyToManyField(Collection, through="TestimonyCollection")

    class Meta(Table.Meta):
        db_table = "testimony"


class Text(Table):
    id = models.UUIDField(primary_key=True)
    testimony = models.ForeignKey(Testimony, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=35)
    kind = models.CharField(max_length=40)
    translation_of = models.ForeignKey("self", models.SET_NULL, null=True)
    body = models.TextField()
    position = models.SmallIntegerField()

    class Meta(Table.Meta):
        db_table = "text"
        ordering = ["position", "id"]


class Citation(Table):
    id = models.UUIDField(primary_key=True)
    testimony = models.ForeignKey(Testimony, models.CASCADE, related_name="citations")
    source = models.ForeignKey(Source, models.PROTECT)
    relation = models.CharField(max_length=40)
    locator = models.CharField(max_length=200)
    position = models.SmallIntegerField()

    class Meta(Table.Meta):
        db_table = "citation"
        ordering = ["position", "id"]


class TestimonyCode(Table):
    __test__ = False

    testimony = models.ForeignKey(Testimony, models.CASCADE)
    code = models.ForeignKey(Code, models.PROTECT)

    class Meta(Table.Meta):
        db_table = "testimony_code"


class TestimonyCollection(Table):
    __test__ = False

    testimony = models.ForeignKey(Testimony, models.CASCADE)
    collection = models.ForeignKey(Collection, models.PROTECT)

    class Meta(Table.Meta):
        db_table = "testimony_collection"


LISTED = (
    "id", "ref", "updated_at", "title", "summary", "summary_language", "kind", "speaking_conditions", "account_language", "given",
    "given_earliest", "given_latest", "given_country", "person", "age_from", "age_to", "group", "membership", "joined", "joined_earliest",
    "joined_latest", "left", "left_earliest", "left_latest", "codes", "coding_status", "credibility", "content_warnings", "outlets",
    "collections", "cleared_for", "status", "tier", "missing",
)  # fmt: skip
"""The fields of a list item, in the product's order."""
CAN_BE_MISSING = ("given", "given_country", "joined", "left")
TIERS = ("public", "partner", "restricted")


def outlets(record: Testimony) -> list[str]:
    return list(dict.fromkeys(citation.source.outlet for citation in record.citations.all()))


def missing(record: Testimony) -> list[dict[str, str]]:
    values = {name: getattr(record, name) for name in CAN_BE_MISSING}
    values |= {name: getattr(record.person, name) for name in ("nationality", "residence_before")}
    return [{"field": name, "reason": "not_available"} for name, value in values.items() if value is None]


def shown() -> models.QuerySet[Testimony]:
    """What the public may see, with what its items are made of."""
    return (
        Testimony.objects.filter(status="published", tier=0)
        .select_related("person")
        .prefetch_related("codes", "collections", "citations__source")
        .order_by("-updated_at", "-id")
    )

"""django-ninja: pydantic schemas over the ORM, pages by key."""

import datetime as dt
import uuid
from typing import Literal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer
from pydantic import Field

from benchmarks.peers.site import models
from benchmarks.peers.site.keys import holder
from benchmarks.peers.site.models import TIERS, Testimony, shown
from benchmarks.peers.site.plain import hits


class Person(Schema):
    id: uuid.UUID
    ref: str
    name: str
    name_kind: str
    gender: str
    nationality: str | None
    residence_before: str | None
    origin_stated: str


class Code(Schema):
    codebook: str
    version: str
    dimension: str
    slug: str


class Missing(Schema):
    field: str
    reason: str


class Item(Schema):
    id: uuid.UUID
    ref: str
    updated_at: dt.datetime
    title: str
    summary: str
    summary_language: str
    kind: str
    speaking_conditions: str
    account_language: str
    given: str | None
    given_earliest: dt.date | None
    given_latest: dt.date | None
    given_country: str | None
    person: Person
    age_from: int | None
    age_to: int | None
    group: str | None = Field(None, validation_alias="group_id")
    membership: str
    joined: str | None
    joined_earliest: dt.date | None
    joined_latest: dt.date | None
    left: str | None
    left_earliest: dt.date | None
    left_latest: dt.date | None
    codes: list[Code]
    coding_status: str
    credibility: str
    content_warnings: list[str]
    outlets: list[str]
    collections: list[str]
    cleared_for: list[str]
    status: str
    tier: str
    missing: list[Missing]

    @staticmethod
    def resolve_outlets(record):
        return models.outlets(record)

    @staticmethod
    def resolve_collections(record):
        return [collection.slug for collection in record.collections.all()]

    @staticmethod
    def resolve_tier(record):
        return TIERS[record.tier]

    @staticmethod
    def resolve_missing(record):
        return models.missing(record)


class Source(Schema):
    id: uuid.UUID
    ref: str
    outlet: str
    title: str
    url: str
    published: str | None
    medium: str
    reliability: str


class Citation(Schema):
    id: uuid.UUID
    relation: str
    locator: str
    source: Source


class Text(Schema):
    id: uuid.UUID
    language: str
    kind: str
    translation_of: uuid.UUID | None = Field(None, validation_alias="translation_of_id")
    body: str


class Detail(Item):
    role_in_group: str
    citations: list[Citation]
    texts: list[Text]


class Hit(Item):
    headline: str


class Page(Schema):
    next: str | None
    results: list[Item]


class Hits(Schema):
    results: list[Hit]


class Write(Schema):
    person: uuid.UUID
    title: str = Field(min_length=1, max_length=300)
    summary: str = ""
    kind: Literal["interview", "documentary", "court_statement", "written_account"]
    speaking_conditions: Literal["free", "in_custody", "not_known"] = "not_known"
    account_language: str
    given: str | None = None
    given_earliest: dt.date | None = None
    given_latest: dt.date | None = None
    given_country: str | None = Field(None, max_length=2)
    age_from: int | None = None
    age_to: int | None = None
    group: str | None = None
    membership: str = "not_known"
    left: str | None = None
    left_earliest: dt.date | None = None
    left_latest: dt.date | None = None
    collections: list[str] = []


class Key(HttpBearer):
    def authenticate(self, request, token):
        return holder(token)


api = NinjaAPI(auth=Key(), docs_url=None, openapi_url=None)


@api.get("/testimonies", response=Page)
def page(
    request,
    nationality: str | None = None,
    code: str | None = None,
    given_after: dt.date | None = None,
    given_before: dt.date | None = None,
    at: dt.datetime | None = None,
    after: uuid.UUID | None = None,
):
    found = shown().defer("search")
    if nationality:
        found = found.filter(person__nationality=nationality)
    if code:
        found = found.filter(Exists(models.TestimonyCode.objects.filter(testimony=OuterRef("pk"), code__slug=code)))
    if given_after:
        found = found.filter(given_latest__gte=given_after)
    if given_before:
        found = found.filter(given_earliest__lte=given_before)
    if after:
        found = found.filter(Q(updated_at__lt=at) | Q(id__lt=after), updated_at__lte=at)
    rows = list(found[:50])
    return {"next": str(rows[-1].pk) if rows else None, "results": rows}


@api.get("/search", response=Hits)
def search(request, q: str):
    return {"results": list(hits(shown().defer("search"), q)[:50])}


@api.get("/testimonies/{uuid:pk}", response=Detail)
def detail(request, pk: uuid.UUID):
    return get_object_or_404(shown().defer("search").prefetch_related("texts"), pk=pk)


@api.post("/testimonies", response={201: Detail})
def create(request, sent: Write):
    values = sent.dict(exclude={"person", "group", "collections"})
    collections = list(models.Collection.objects.filter(slug__in=sent.collections))
    if not models.Person.objects.filter(pk=sent.person).exists() or len(collections) != len(set(sent.collections)):
        raise HttpError(422, "unknown person or collection")
    if sent.group and not models.Group.objects.filter(pk=sent.group).exists():
        raise HttpError(422, "unknown group")
    with transaction.atomic():
        made = Testimony.objects.create(person_id=sent.person, group_id=sent.group, **values)
        links = [models.TestimonyCollection(testimony=made, collection=one) for one in collections]
        models.TestimonyCollection.objects.bulk_create(links)
    whole = Testimony.objects.select_related("person").prefetch_related(
        "codes", "collections", "citations__source", "texts"
    )
    return 201, whole.defer("search").get(pk=made.pk)

"""Plain DRF as its tutorial and most projects write it: nested ModelSerializers, page numbers, django-filter."""

import django_filters
from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from rest_framework import serializers, viewsets

from benchmarks.peers.site.models import (
    LISTED,
    TIERS,
    Citation,
    Code,
    Collection,
    Person,
    Source,
    Testimony,
    Text,
    missing,
    outlets,
    shown,
)


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = Person
        fields = "__all__"


class CodeSerializer(serializers.ModelSerializer):
    class Meta:
        model = Code
        fields = ["codebook", "version", "dimension", "slug"]


class SourceSerializer(serializers.ModelSerializer):
    class Meta:
        model = Source
        fields = "__all__"


class CitationSerializer(serializers.ModelSerializer):
    source = SourceSerializer()

    class Meta:
        model = Citation
        fields = ["id", "relation", "locator", "source"]


class TextSerializer(serializers.ModelSerializer):
    class Meta:
        model = Text
        fields = ["id", "language", "kind", "translation_of", "body"]


class ItemSerializer(serializers.ModelSerializer):
    person = PersonSerializer()
    codes = CodeSerializer(many=True)
    collections = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)
    outlets = serializers.SerializerMethodField()
    tier = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()

    class Meta:
        model = Testimony
        fields = list(LISTED)

    def get_outlets(self, record):
        return outlets(record)

    def get_tier(self, record):
        return TIERS[record.tier]

    def get_missing(self, record):
        return missing(record)


class DetailSerializer(ItemSerializer):
    citations = CitationSerializer(many=True)
    texts = TextSerializer(many=True)

    class Meta(ItemSerializer.Meta):
        fields = [*LISTED, "role_in_group", "citations", "texts"]


class HitSerializer(ItemSerializer):
    headline = serializers.CharField()

    class Meta(ItemSerializer.Meta):
        fields = [*LISTED, "headline"]


class WriteSerializer(serializers.ModelSerializer):
    collections = serializers.SlugRelatedField(slug_field="slug", many=True, queryset=Collection.objects.all())

    class Meta:
        model = Testimony
        exclude = ["codes", "search"]

    @transaction.atomic
    def create(self, values):
        collections = values.pop("collections")
        record = Testimony.objects.create(**values)
        record.collections.set(collections)
        return record

    def to_representation(self, record):
        return DetailSerializer(record, context=self.context).data


class Filters(django_filters.FilterSet):
    nationality = django_filters.CharFilter(field_name="person__nationality")
    code = django_filters.CharFilter(field_name="codes__slug", distinct=True)
    given_after = django_filters.DateFilter(field_name="given_latest", lookup_expr="gte")
    given_before = django_filters.DateFilter(field_name="given_earliest", lookup_expr="lte")

    class Meta:
        model = Testimony
        fields: list[str] = []


class TestimonyViewSet(viewsets.ModelViewSet):
    __test__ = False
    queryset = shown()
    filterset_class = Filters

    def get_queryset(self):
        found, words = super().get_queryset(), self.request.query_params.get("q")
        if self.action == "retrieve":
            return found.prefetch_related("texts")
        return hits(found, words) if words else found

    def get_serializer_class(self):
        if self.action == "list":
            return HitSerializer if "q" in self.request.query_params else ItemSerializer
        return WriteSerializer if self.action == "create" else DetailSerializer


def hits(found, words: str):
    """The best first, each with a passage of its first text that shows why."""
    query = SearchQuery(words, search_type="websearch", config="english")
    body = Subquery(Text.objects.filter(testimony=OuterRef("pk")).order_by("position").values("body")[:1])
    passage = SearchHeadline(
        Coalesce(body, F("summary"), Value("")), query, config="english", max_fragments=2, max_words=20, min_words=8
    )
    rank = SearchRank(F("search"), query)
    return found.filter(search=query).annotate(rank=rank, headline=passage).order_by("-rank", "-id")

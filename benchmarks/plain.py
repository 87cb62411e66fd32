"""The peer: a list and a create as everybody writes them with DRF, with the same fields and a key in the database.

The list is over the same tables, the create into tables of its own (benchmarks/models.py): no triggers, history or projections.

Run as its own site: DJANGO_SETTINGS_MODULE=benchmarks.plain_settings.
"""

from django.db import transaction
from django.urls import path
from rest_framework import authentication, exceptions, generics, pagination, permissions, serializers

from benchmarks.models import PlainMembership, PlainTestimony
from testimonies import models


class KeyAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request):
        secret = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        key = models.ApiKey.objects.active().filter(digest=models.ApiKey.digest_of(secret)).first()
        if key is None:
            raise exceptions.AuthenticationFailed
        request.tier = key.tier
        key.is_authenticated = True
        return key, key


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Person
        fields = ["id", "ref", "name", "name_kind", "gender", "nationality", "residence_before", "origin_stated"]


class CodeSerializer(serializers.ModelSerializer):
    codebook = serializers.CharField(source="codebook.slug")
    version = serializers.CharField(source="codebook.edition")

    class Meta:
        model = models.Code
        fields = ["codebook", "version", "dimension", "slug"]


class TestimonySerializer(serializers.ModelSerializer):
    person = PersonSerializer()
    group = serializers.CharField(source="membership.group.slug")
    membership = serializers.CharField(source="membership.belonging")
    joined = serializers.CharField(source="membership.joined")
    joined_earliest = serializers.DateField(source="membership.joined_earliest")
    joined_latest = serializers.DateField(source="membership.joined_latest")
    left = serializers.CharField(source="membership.left")
    left_earliest = serializers.DateField(source="membership.left_earliest")
    left_latest = serializers.DateField(source="membership.left_latest")
    codes = serializers.SerializerMethodField()
    outlets = serializers.SerializerMethodField()
    collections = serializers.SerializerMethodField()
    cleared_for = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()

    class Meta:
        model = models.Testimony
        fields = [
            "id", "ref", "changed_at", "title", "summary", "kind", "speaking_conditions", "account_language", "given", "given_earliest",
            "given_latest", "given_country", "person", "age_from", "age_to", "group", "membership", "joined", "joined_earliest",
            "joined_latest", "left", "left_earliest", "left_latest", "codes", "coding_status", "credibility", "content_warnings", "outlets",
            "collections", "cleared_for", "status", "tier", "missing",
        ]  # fmt: skip

    def get_codes(self, record):
        return CodeSerializer([consensus.code for consensus in record.consensus_codes.all()], many=True).data

    def get_outlets(self, record):
        return [citation.source.outlet for citation in record.citations.all()]

    def get_collections(self, record):
        return [item.collection.slug for item in record.collection_items.all()]

    def get_cleared_for(self, record):
        return sorted({use for clearance in record.clearances.all() for use in clearance.uses})

    def get_missing(self, record):
        values = {
            "given": record.given,
            "joined": record.membership.joined,
            "residence_before": record.person.residence_before,
        }
        return [{"field": name, "reason": "not_available"} for name, value in values.items() if value is None]


class Newest(pagination.CursorPagination):
    page_size = 50
    ordering = ("-changed_at", "-id")


class MembershipWriteSerializer(serializers.ModelSerializer):
    group = serializers.SlugRelatedField(slug_field="slug", queryset=models.Group.objects.all())

    class Meta:
        model = PlainMembership
        exclude = ["person"]


class TestimonyWriteSerializer(serializers.ModelSerializer):
    membership = MembershipWriteSerializer()
    collections = serializers.SlugRelatedField(slug_field="slug", many=True, queryset=models.Collection.objects.all())

    class Meta:
        model = PlainTestimony
        fields = "__all__"

    def create(self, values):
        with transaction.atomic():
            member = PlainMembership.objects.create(person=values["person"], **values.pop("membership"))
            return super().create({**values, "membership": member})

    def to_representation(self, record):
        """With the person, as the product answers."""
        return {**super().to_representation(record), "person": PersonSerializer(record.person).data}


class TestimonyList(generics.ListCreateAPIView):
    authentication_classes = [KeyAuthentication]
    permission_classes = [permissions.IsAuthenticated]
    pagination_class = Newest
    queryset = (
        models.Testimony.objects.filter(status="published", tier=0)
        .select_related("person", "membership__group")
        .prefetch_related(
            "consensus_codes__code__codebook", "citations__source", "collection_items__collection", "clearances"
        )
    )

    def get_serializer_class(self):
        return TestimonySerializer if self.request.method == "GET" else TestimonyWriteSerializer


urlpatterns = [path("testimonies/", TestimonyList.as_view())]

"""The segments of /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from testimonies.api.v1.agreement import AgreementViewSet, ConfusionViewSet
from testimonies.api.v1.assignments import AssignmentShareViewSet, AssignmentViewSet
from testimonies.api.v1.campaigns import CampaignViewSet
from testimonies.api.v1.changes import ChangesView
from testimonies.api.v1.citations import CitationViewSet
from testimonies.api.v1.claims import ClaimViewSet
from testimonies.api.v1.clearances import ClearanceViewSet
from testimonies.api.v1.codebooks import CodebookViewSet
from testimonies.api.v1.codes import CodeViewSet
from testimonies.api.v1.codings import CodingViewSet, TestimonyCodingViewSet
from testimonies.api.v1.collections import CollectionViewSet
from testimonies.api.v1.consensus_codes import ConsensusCodesViewSet
from testimonies.api.v1.corrections import CorrectionViewSet
from testimonies.api.v1.decisions import ComparisonViewSet, DecisionViewSet
from testimonies.api.v1.erasures import ErasuresViewSet, ErasureViewSet
from testimonies.api.v1.exports import ExportViewSet
from testimonies.api.v1.figures import FigureViewSet
from testimonies.api.v1.groups import GroupViewSet
from testimonies.api.v1.import_mappings import ImportMappingViewSet
from testimonies.api.v1.imports import ImportViewSet
from testimonies.api.v1.me import MeView
from testimonies.api.v1.measurements import MeasurementViewSet
from testimonies.api.v1.persons import PersonViewSet
from testimonies.api.v1.quotes import QuoteViewSet
from testimonies.api.v1.reach import ReachViewSet
from testimonies.api.v1.same_person_links import SamePersonLinkViewSet
from testimonies.api.v1.sources import SourceViewSet
from testimonies.api.v1.statistics import StatisticsViewSet
from testimonies.api.v1.testimonies import TestimonyViewSet
from testimonies.api.v1.texts import TextViewSet
from testimonies.api.v1.transitions import TransitionsViewSet
from testimonies.api.v1.uses import UseViewSet
from testimonies.api.v1.vault import VaultEntryViewSet, VaultLookupViewSet, VaultOpeningViewSet, VaultRemovalViewSet

PARTS = "testimonies/<str:testimony_id>/"

router = SimpleRouter()
for segment, viewset in {
    "testimonies": TestimonyViewSet,
    "persons": PersonViewSet,
    "sources": SourceViewSet,
    "groups": GroupViewSet,
    "collections": CollectionViewSet,
    "figures": FigureViewSet,
    "campaigns": CampaignViewSet,
    "uses": UseViewSet,
    "measurements": MeasurementViewSet,
    "quotes": QuoteViewSet,
    "codebooks": CodebookViewSet,
    "codes": CodeViewSet,
    "same-person-links": SamePersonLinkViewSet,
    "corrections": CorrectionViewSet,
    "assignments": AssignmentViewSet,
    "assignment-shares": AssignmentShareViewSet,
    "codings": CodingViewSet,
    "decisions": DecisionViewSet,
    "imports": ImportViewSet,
    "import-mappings": ImportMappingViewSet,
    "erasures": ErasuresViewSet,
    "exports": ExportViewSet,
    "vault-openings": VaultOpeningViewSet,
    "vault-lookups": VaultLookupViewSet,
    "vault-entries": VaultEntryViewSet,
    "vault-removals": VaultRemovalViewSet,
    "testimonies/(?P<testimony_id>[^/]+)/texts": TextViewSet,
    "testimonies/(?P<testimony_id>[^/]+)/citations": CitationViewSet,
    "testimonies/(?P<testimony_id>[^/]+)/claims": ClaimViewSet,
    "testimonies/(?P<testimony_id>[^/]+)/clearances": ClearanceViewSet,
}.items():
    router.register(segment, viewset, basename=segment.rpartition("/")[2])

urlpatterns = [
    path("", include(router.urls)),  # first: patterns are tried in turn, and lists are asked for most
    path("agreement/", AgreementViewSet.as_view({"get": "retrieve"}), name="agreement"),
    path("agreement/confusions/", ConfusionViewSet.as_view({"get": "list"}), name="confusions-list"),
    path("reach/", ReachViewSet.as_view({"get": "retrieve"}), name="reach"),
    path("changes/", ChangesView.as_view(), name="changes-list"),
    path("me/", MeView.as_view(), name="me"),
    path("statistics/", StatisticsViewSet.as_view({"get": "retrieve"}), name="statistics"),
    path(
        f"{PARTS}codes/",
        ConsensusCodesViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="testimonies-codes",
    ),
    path(
        f"{PARTS}transitions/",
        TransitionsViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="testimonies-transitions",
    ),
    path(f"{PARTS}codings/", TestimonyCodingViewSet.as_view({"get": "list"}), name="testimonies-codings"),
    path(f"{PARTS}comparison/", ComparisonViewSet.as_view({"get": "retrieve"}), name="testimonies-comparison"),
    path(f"{PARTS}erasure/", ErasureViewSet.as_view({"post": "create"}), name="testimonies-erasure"),
]

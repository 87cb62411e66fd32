"""The segments of /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from testimonies.api.v1.codebooks import CodebookViewSet
from testimonies.api.v1.codes import CodeViewSet
from testimonies.api.v1.collections import CollectionViewSet
from testimonies.api.v1.figures import FigureViewSet
from testimonies.api.v1.groups import GroupViewSet
from testimonies.api.v1.me import MeView
from testimonies.api.v1.persons import PersonViewSet
from testimonies.api.v1.sources import SourceViewSet
from testimonies.api.v1.testimonies import TestimonyViewSet

router = SimpleRouter()
for segment, viewset in {
    "testimonies": TestimonyViewSet,
    "persons": PersonViewSet,
    "sources": SourceViewSet,
    "groups": GroupViewSet,
    "collections": CollectionViewSet,
    "figures": FigureViewSet,
    "codebooks": CodebookViewSet,
    "codes": CodeViewSet,
}.items():
    router.register(segment, viewset, basename=segment)

urlpatterns = [path("me/", MeView.as_view(), name="me"), path("", include(router.urls))]

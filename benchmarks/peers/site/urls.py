from django.urls import include, path
from rest_framework.routers import DefaultRouter

from benchmarks.peers.site.ninja_api import api
from benchmarks.peers.site.plain import TestimonyViewSet

router = DefaultRouter(trailing_slash=False)
router.register("testimonies", TestimonyViewSet)
urlpatterns = [path("plain/", include(router.urls)), path("ninja/", api.urls)]

"""The only place where URL prefixes are written."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from testimonies.api import health, problem_page

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("testimonies.api.v1.urls")),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(
            template_name="testimonies/docs.html", url_name="schema", authentication_classes=[], permission_classes=[]
        ),
        name="docs",
    ),
    path("api/problems/", problem_page.show, name="problems"),
    path("", RedirectView.as_view(url="/api/docs/")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]

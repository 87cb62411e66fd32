from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class TestimoniesConfig(AppConfig):
    name = "testimonies"
    verbose_name = "Testimony records"
    default = True


class DeskConfig(SimpleAdminConfig):
    """Django's admin with a site of our own, loaded when it is needed: by its addresses, or to be checked."""

    default_site = "testimonies.admin.site.Desk"
    default = False

    def ready(self) -> None:
        checks.register(_check, checks.Tags.admin)


def _check(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    """Django's checks of an admin; they pass by a site that is not loaded."""
    import_module("testimonies.admin.urls")
    return [*check_dependencies(), *check_admin_app(app_configs)]

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class TestimoniesConfig(AppConfig):
    name = "testimonies"
    verbose_name = "Testimony records"
    default = True


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin with a site of our own (testimonies.admin.site), where `@admin.register` registers."""

    default_site = "testimonies.admin.site.Desk"
    default = False

    def ready(self) -> None:
        # first of all: while the site is being made, importing its package must not make another, and register there
        import_module("testimonies.admin")
        super().ready()
        from django.contrib import admin  # noqa: PLC0415 - there is no site before
        from django.contrib.auth.models import Group  # noqa: PLC0415

        admin.site.unregister(Group)  # what somebody may do is decided by their role (testimonies.access)
        # jobs hold ids and nothing to read; what became of an import stands on its own page
        admin.site.unregister([model for model in admin.site._registry if model._meta.app_label == "procrastinate"])  # noqa: SLF001

"""Only services write: said of the code by reading it, and of every request of the tests of the API and the admin."""

import ast
from pathlib import Path

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import path

import testimonies.admin.urls  # noqa: F401 - loads the desk
from testimonies import models
from testimonies.access import Role
from testimonies.admin.records import RecordAdmin
from testimonies.api.v1 import urls
from testimonies.api.writing import WriteMixin
from tests import factories as make
from tests.guard import SavedDirectly, guarded

ROOT = Path(__file__).parents[2] / "testimonies"
ALWAYS = {
    "save",
    "save_base",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "delete_queryset",
    "raw",
}
OF_ROWS = {"create", "update", "delete", "add", "set", "remove", "clear", "execute"}
"""Methods that others have as well: they write when rows have them."""
ROWS = ("objects", "_default_manager", "queryset", ".filter(", ".exclude(", ".all()", "visible(", "cursor")


def writes(source: str) -> list[str]:
    """Calls that write rows, as they stand in the source."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner, name = ast.unparse(node.func.value), node.func.attr
        if owner != "super()" and (name in ALWAYS or (name in OF_ROWS and any(word in owner for word in ROWS))):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("room", ["admin", "api"])
def test_no_edge_writes_rows(room):
    files = sorted((ROOT / room).rglob("*.py"))
    assert len(files) > 5
    found = {str(file.relative_to(ROOT)): calls for file in files if (calls := writes(file.read_text("utf-8")))}
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "form.save()", "Person.objects.create(name='x')", "Person.objects.filter(pk=1).update(name='x')",
        "queryset.delete()", "visible(Person, actor).delete()", "cursor.execute('DELETE')", "person.names.all().delete()",
    ],
)  # fmt: skip
def test_such_a_call_is_found(source):
    assert writes(source) == [source]


def test_every_admin_and_every_view_that_writes_has_a_service():
    kinds = [kind for kind in admin.site._registry.values() if isinstance(kind, RecordAdmin)]
    views = [view for _, view, _ in urls.router.registry if issubclass(view, WriteMixin)]
    assert len(kinds) >= 9
    assert len(views) >= 9
    for kind in kinds:
        assert kind.service.__name__.startswith("testimonies.services.")
        for name in ("save_model", "save_related", "save_form", "delete_view"):
            assert getattr(type(kind), name) is getattr(RecordAdmin, name), (kind, name)
        for name in ("delete_model", "delete_queryset", "save_formset"):
            with pytest.raises(NotImplementedError):
                getattr(kind, name)()
    for view in views:
        assert view.noun


# --- The guard under which tests/api and tests/admin run ----------------------------------------------------------------


def save(request):
    models.Group.objects.get().save()
    return HttpResponse()


def update(request):
    models.Group.objects.update(name="x")
    return HttpResponse()


def delete(request):
    models.Group.objects.get().delete()
    return HttpResponse()


def create(request):
    models.Group.objects.create(slug="x", name="x")
    return HttpResponse()


urlpatterns = [path(f"{view.__name__}/", view) for view in (save, update, delete, create)]


@pytest.mark.urls("tests.architecture.test_saving")
@pytest.mark.parametrize("view", ["save", "update", "delete", "create"])
def test_a_view_that_writes_is_caught(db, view):
    make.make_group()
    with guarded(), pytest.raises(SavedDirectly):
        Client().get(f"/{view}/")


def test_what_a_service_does_is_let_through(transactional_db):
    group = make.make_group()
    user = make.make_user(role=Role.EDITOR, is_staff=True)
    client = Client()
    client.force_login(user)
    sent = {"slug": group.slug, "name": "Invented anew", "tier": "0", "shown_version": "1"}
    with guarded():
        assert client.post(f"/admin/testimonies/group/{group.pk}/change/", sent).status_code == 302
    assert models.Group.objects.get().name == "Invented anew"

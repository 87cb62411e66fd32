"""Rows that pages of our own show and only services write: accounts, keys, corrections, certificates."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from testimonies.errors import DomainError, Invalid

Found = TypeVar("Found")


class ActedOn(admin.ModelAdmin):
    """A list as Django's, and for each row a page that says what may be done with it."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_title: str

    def may(self, request: HttpRequest) -> bool:
        """Whether somebody sees these rows at all."""
        raise NotImplementedError

    def page(self, request: HttpRequest, row: Any) -> HttpResponse:
        """The page of one row."""
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"list_title": self.list_title, **(extra_context or {})})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return self.may(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return self.may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        raise Http404

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002
        extra_context: Any = None,  # noqa: ARG002
    ) -> HttpResponse:
        return self.page(request, self.found(request, object_id))

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The row of an address. Errors: PermissionDenied, Http404."""
        if not self.may(request):
            raise PermissionDenied
        if (row := self.get_object(request, object_id)) is None:
            raise Http404
        return row

    def address(self, page: str, *args: Any) -> str:
        return reverse(f"admin:testimonies_{self.opts.model_name}_{page}", args=args)

    def step(self, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        """`<id>/<name>/`, which takes a POST alone. What is refused is said on the page of the row."""

        def run(request: HttpRequest, object_id: str) -> HttpResponse:
            row = self.found(request, object_id)
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            try:
                return view(request, row)
            except DomainError as error:
                messages.error(request, said(error))
                return HttpResponseRedirect(self.address("change", row.pk))

        wrapped = self.admin_site.admin_view(run)
        return path(f"<path:object_id>/{name}/", wrapped, name=f"testimonies_{self.opts.model_name}_{name}")


def said(error: DomainError) -> str:
    """What was refused, in one line; of a body that does not fit, what is wrong with it."""
    if isinstance(error, Invalid):
        return " ".join(detail for _, _, detail in error.errors)
    return error.detail


def done(form: forms.Form, act: Callable[..., Found]) -> Found | None:
    """What the act gives with what the form holds; None, with the form saying why, where either is refused."""
    if not form.is_valid():
        return None
    try:
        return act(**form.cleaned_data)
    except DomainError as error:
        form.add_error(None, said(error))
        return None

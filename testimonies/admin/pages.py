"""Pages of the desk that are no change form of a record: a form, what it refuses, and what is shown once."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import AdminForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse


def posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def laid_out(form: forms.Form) -> AdminForm:
    """A form as Django's admin lays one out."""
    anything: Any = form  # it lays out other forms than a model's just as well
    return AdminForm(anything, [(None, {"fields": list(form.fields)})], {})


def page(request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
    shown: Mapping[str, Any] = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"testimonies/{template}.html", dict(shown), status=status)


def shown_once(request: HttpRequest, title: str, *, secret: str, **context: Any) -> HttpResponse:
    """The only answer that holds a secret: no cookie, session or log keeps it, nor (as every page here) a cache."""
    return page(request, "shown_once", title, secret=secret, **context)

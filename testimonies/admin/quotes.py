"""Quotes: whoever drafts pastes the words, a second person approves them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from testimonies.admin.actors import writer
from testimonies.admin.forms import RecordForm
from testimonies.admin.records import RecordAdmin
from testimonies.models import Quote
from testimonies.models.quotes import VERDICTS, QuoteStatus
from testimonies.services import quotes


class QuoteForm(RecordForm):
    status = forms.ChoiceField(
        choices=[(QuoteStatus.PROPOSED.value, QuoteStatus.PROPOSED.label), *VERDICTS],
        required=False,
        help_text="Approve or reject it. Nobody approves what they proposed.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.is_new:
            self.fields.pop("status", None)

    def beside(self) -> dict[str, Any]:
        return {"status": self.instance.status}


@admin.register(Quote)
class QuoteAdmin(RecordAdmin):
    service = quotes
    form = QuoteForm
    list_display = ("testimony", "quote", "status", "anchor", "tier")
    list_filter = ("status", "anchor", "tier")
    list_select_related = ("testimony",)
    search_fields = ("quote__icontains", "testimony__ref__exact")
    ordering = ("-created_at", "pk")
    fieldsets = (("Who sees it", {"fields": ("tier",)}),)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is new is proposed: there is nothing to decide."""
        names = ("testimony", "quote", "translation_of", "note")
        return [(None, {"fields": names if obj is None else (*names, "status")}), *super().get_fieldsets(request, obj)]

    def check_open(self, record: Quote, request: HttpRequest) -> None:
        quotes.check_own(record, by=writer(request))

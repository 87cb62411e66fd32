"""What became of a record, as people read it: who, when, through what and why, with each field before and after."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from testimonies.admin.actors import writer
from testimonies.admin.labels import label
from testimonies.selectors import history
from testimonies.selectors.history import HistoryChange, HistoryEntry

PER_PAGE = 50
LAST_PAGE = 40
"""What lies farther back is read over the API, by cursor."""
THROUGH = {
    "api": "over the API",
    "admin": "at the desk",
    "import": "by an import",
    "command": "by a command",
    "": "by plain SQL",
}
ACTS = {"created": "made", "changed": "changed", "deleted": "deleted"}


@dataclass(frozen=True, slots=True)
class Touched:
    """The record itself or a part of it."""

    what: str
    act: str
    changes: list[HistoryChange]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What somebody did in one go: one request, one moment."""

    at: dt.datetime
    who: str
    through: str
    reason: str
    touched: list[Touched] = field(default_factory=list)


def show(model_admin: ModelAdmin, request: HttpRequest, record: Any) -> HttpResponse:
    number = _page(request.GET.get("p", ""))
    noun = str(record._meta.model_name)
    entries: list[HistoryEntry] = []
    if noun in history.NOUNS:
        entries = history.latest(noun, record.pk, writer(request), most=number * PER_PAGE + 1)
    shown = entries[(number - 1) * PER_PAGE : number * PER_PAGE]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "History",
        "subtitle": label(record),
        "opts": model_admin.opts,
        "object": record,
        "occasions": list(occasions(shown, noun)),
        "is_kept": noun in history.NOUNS,
        "newer": number - 1,
        "older": number + 1 if len(entries) > number * PER_PAGE and number < LAST_PAGE else 0,
    }
    return TemplateResponse(request, "testimonies/history.html", context)


def _page(text: str) -> int:
    return min(max(int(text[:3]), 1), LAST_PAGE) if text.isascii() and text.isdigit() else 1


def occasions(entries: Iterable[HistoryEntry], noun: str) -> Iterator[Occasion]:
    """Entries that stand together and were made in one go, as one. That a part is of this record goes without saying."""
    for (at, who, through, reason), found in groupby(entries, key=_occasion):
        touched = [
            Touched(entry["what"], ACTS[entry["act"]], [one for one in entry["changes"] if one["field"] != noun])
            for entry in found
        ]
        moment = dt.datetime.fromisoformat(at)
        yield Occasion(moment, who or "nobody who was named", THROUGH.get(through, through), reason, touched)


def _occasion(entry: HistoryEntry) -> tuple[str, str, str, str]:
    return str(entry["at"]), entry["who"], entry["through"], entry["reason"]

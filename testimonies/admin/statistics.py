"""A page of counts, to look at and to print: of what whoever is logged in could list, with whom it counts."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from testimonies.access import Tier
from testimonies.admin import pages
from testimonies.admin.actors import writer
from testimonies.errors import InvalidParameters
from testimonies.selectors import filters, reference, statistics
from testimonies.selectors.breakdowns import ALL, BREAKDOWNS, CODE, Key, Over, Place
from testimonies.selectors.filters import Context, Filter
from testimonies.selectors.pages import Order
from testimonies.selectors.parameters import Declared
from testimonies.selectors.reference import Reference
from testimonies.selectors.statistics import Statistics

DECLARED = Declared(
    name="statistics",
    filters=(
        Filter("collection", "Slug of a collection.", filters.slug_of("collection"), filters.array("collections")),
    ),
    orders={"id": Order("testimony_id", "uuid")},
    ordering="id",
    key=Order("testimony_id", "uuid"),
)
WORDS = {
    Place.ALL: "all",
    Place.NOT_STATED: "not stated",
    Place.UNCERTAIN: "spans several",
    Place.NONE_OF_THESE: "none of these",
    Place.NOT_CODED: "not coded",
    Place.OTHERS: "others",
}
WIDTH = 200
"""Of the longest bar, in pixels."""


class StatisticsForm(forms.Form):
    by = forms.ChoiceField(required=False, label="Rows")
    across = forms.ChoiceField(required=False, label="Columns")
    over = forms.ChoiceField(
        required=False, label="Years", choices=[("", "–"), *(one for one in Over.choices if one[0] != Over.YEAR)]
    )
    collection = forms.ChoiceField(required=False)

    def __init__(self, data: Any, known: Reference) -> None:
        super().__init__(data)
        tops = {f"{CODE}{code.codebook}/{code.slug}": None for code in known.codes if code.parent_id is None}
        named = [("", "–"), *((name, name.replace("_", " ")) for name in BREAKDOWNS)]
        choices = [*named, *((name, name.removeprefix(CODE)) for name in tops)]
        slugs = sorted(
            slug for slug in known.slugs.get("collection", {}) if known.has("collection", slug, Tier.RESTRICTED)
        )
        fields: Any = self.fields
        fields["by"].choices = fields["across"].choices = choices
        fields["collection"].choices = [("", "all"), *((slug, slug) for slug in slugs)]

    def values(self) -> dict[str, list[str]]:
        """As the API's query string would have them."""
        given = self.cleaned_data
        asked = {name: [given[name]] for name in ("over", "collection") if given[name]}
        return asked | {"by": [given[name] for name in ("by", "across") if given[name]]}


def show(request: HttpRequest) -> HttpResponse:
    known, actor = reference.current(), writer(request)
    form = StatisticsForm(request.GET, known)
    found: Statistics | None = None
    if form.is_valid():
        try:
            found = statistics.ask(statistics.read(DECLARED, form.values(), Context(actor, known)), actor)
        except InvalidParameters as error:
            for one in error.errors:
                form.add_error(one.parameter if one.parameter in form.fields else None, str(one))
    return pages.page(
        request,
        "statistics",
        "Statistics",
        form=form,
        adminform=pages.laid_out(form),
        found=found,
        lines=_lines(found) if found else [],
        columns=_columns(found) if found else [],
    )


def _columns(found: Statistics) -> list[str]:
    """Headings beside the first column: columns and years, crossed where both were asked for."""
    return [" · ".join(_word(key) for key in keys) for keys in _across(found)]


def _across(found: Statistics) -> list[tuple[Key, ...]]:
    first = 1 if found.by else 0
    return list(dict.fromkeys(cell.keys[first:] for cell in found.counted.cells))


def _lines(found: Statistics) -> list[dict[str, Any]]:
    """The table, row by row; the bar of a row is its share of the longest."""
    first, across = 1 if found.by else 0, _across(found)
    counts = {cell.keys: cell.count or 0 for cell in found.counted.cells}
    rows = list(dict.fromkeys(cell.keys[:first] for cell in found.counted.cells))
    margin = (ALL,) * (len(found.counted.axes) - first)
    most = max((counts.get((*row, *margin), 0) for row in rows if row != (ALL,)), default=0) or 1
    return [
        {
            "name": " ".join(_word(key) for key in row) or "all",
            "is_total": row in {(), (ALL,)},
            "counts": [counts.get((*row, *keys), 0) for keys in across],
            "bar": 0 if row in {(), (ALL,)} else round(WIDTH * counts.get((*row, *margin), 0) / most),
        }
        for row in rows
    ]


def _word(key: Key) -> str:
    return key.value or WORDS[key.place]

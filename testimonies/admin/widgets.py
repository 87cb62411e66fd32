"""Inputs that teach: a date that says how it is read, codes picked from the codebook's tree. Both work without JavaScript."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms
from django.forms.widgets import Script
from django.urls import reverse

from testimonies.models import Code, Codebook


class DateInput(forms.TextInput):
    """An uncertain date. While it is typed, the page says how it is read or what is wrong (admin/checking.py)."""

    class Media:
        js = (Script("testimonies/edtf.js", defer=True),)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        ours = {
            "data-edtf": reverse("admin:check_date"),
            "class": "vTextField edtf",
            "dir": "ltr",
            "autocomplete": "off",
            "spellcheck": "false",
        }
        return super().get_context(name, value, ours | (attrs or {}))


@dataclass(slots=True)
class Node:
    code: Code
    below: list["Node"] = field(default_factory=list)
    option: dict[str, Any] = field(default_factory=dict)

    @property
    def n_chosen(self) -> int:
        return sum(bool(node.option and node.option["selected"]) for node in _all([self]))


@dataclass(slots=True)
class Book:
    codebook: Codebook
    dimensions: list[Node]
    """What stands at the top: dimensions, and codes whose parent is not among the codes."""

    @property
    def n_chosen(self) -> int:
        return sum(node.n_chosen for node in self.dimensions)


def as_books(codes: Iterable[Code]) -> list[Book]:
    """Codes, each with its codebook, as trees in the codebook's order."""
    nodes = {code.pk: Node(code) for code in sorted(codes, key=lambda code: (code.position, code.slug))}
    books: dict[UUID, Book] = {}
    for node in nodes.values():
        book = books.setdefault(node.code.codebook_id, Book(node.code.codebook, []))
        above = nodes.get(node.code.parent_id) if node.code.parent_id else None
        (above.below if above else book.dimensions).append(node)
    return sorted(books.values(), key=lambda book: (book.codebook.slug, book.codebook.edition))


class CodeTree(forms.CheckboxSelectMultiple):
    """Checkboxes in the order of the codebook, each with its definition to unfold; a search narrows them as one types."""

    template_name = "testimonies/widgets/codes.html"
    use_fieldset = True

    class Media:
        js = (Script("testimonies/codes.js", defer=True),)

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.books: list[Book] = []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        options = {str(option["value"]): option for _, group, _ in context["widget"]["optgroups"] for option in group}
        for book in self.books:
            for node in _all(book.dimensions):
                node.option = options.get(str(node.code.pk), {})
        context["widget"]["books"] = self.books
        return context


def _all(nodes: Collection[Node]) -> Iterable[Node]:
    for node in nodes:
        yield node
        yield from _all(node.below)


class CodesField(forms.TypedMultipleChoiceField):
    """Codes by their ids. `offer` says which there are; a code that only groups others is shown and cannot be chosen.

    Values are compared as sets: the tree has an order of its own.
    """

    widget = CodeTree
    hidden_widget = forms.MultipleHiddenInput

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=UUID, **options)
        self.labels: dict[str, str] = {}

    def offer(self, codes: Iterable[Code]) -> None:
        codes = list(codes)
        self.labels = {str(code.pk): code.label for code in codes if code.is_assignable}
        self.choices = list(self.labels.items())
        tree: Any = self.widget
        tree.books = as_books(codes)

    def prepare_value(self, value: Any) -> Any:
        return [str(one) for one in value] if isinstance(value, list | tuple | set) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and set(map(str, initial or [])) != set(map(str, data or []))

    def in_words(self, value: Collection[Any]) -> str:
        chosen = set(map(str, value))
        return "\n".join(label for key, label in self.labels.items() if key in chosen)

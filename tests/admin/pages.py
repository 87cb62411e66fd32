"""The desk as a person meets it: pages are fetched, forms are read from their HTML, filled in and sent."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client

from testimonies.models import User

VOID = {"input", "br", "link", "meta", "img", "hr"}


class Forms(HTMLParser):
    """The forms of a page: what a browser would send, by the form's position."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.buttons: list[dict[str, str | None]] = []
        self._open = False
        self._select: tuple[str, bool] | None = None
        self._option: tuple[str, bool] | None = None
        self._chosen: list[str] = []
        self._first: str | None = None
        self._textarea: str | None = None
        self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        at = dict(attrs)
        if tag == "form":
            self.forms.append({"": [at.get("action") or ""]})
            self._open = True
        if tag == "button":
            self.buttons.append(at)
        if not self._open or "disabled" in at:
            if tag == "select":
                self._select = None
            return
        name = at.get("name")
        if tag == "input" and name:
            kind = at.get("type", "text")
            if kind in {"submit", "button"} or (kind in {"checkbox", "radio"} and "checked" not in at):
                return
            self._put(name, at.get("value", "on" if kind == "checkbox" else "") or "")
        elif tag == "select" and name:
            self._select, self._chosen, self._first = (name, "multiple" in at), [], None
        elif tag == "option" and self._select:
            value = at.get("value", "")
            self._first = value if self._first is None else self._first
            if "selected" in at:
                self._chosen.append(value)
        elif tag == "textarea" and name:
            self._textarea, self._text = name, ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "select" and self._select:
            name, is_multiple = self._select
            chosen = self._chosen if is_multiple or self._chosen else [self._first or ""]
            for value in chosen:
                self._put(name, value)
            self._select = None
        elif tag == "textarea" and self._textarea:
            self._put(self._textarea, self._text.removeprefix("\r\n").removeprefix("\n"))
            self._textarea = None

    def _put(self, name: str, value: str) -> None:
        # as a browser sends line breaks
        self.forms[-1].setdefault(name, []).append(value.replace("\r\n", "\n").replace("\n", "\r\n"))


class Person:
    """Somebody who sits at the desk. `open` returns what the form of a page holds, `send` sends it back."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        if not user.is_staff:
            user.is_staff = True
            user.save()
        self.client.force_login(user)

    def get(self, path: str) -> Any:
        return self.client.get(f"/admin/testimonies/{path}")

    def open(self, path: str) -> dict[str, list[str]]:
        response = self.get(path)
        assert response.status_code == 200, response
        return form_of(response)

    def send(self, path: str, form: dict[str, Any], **changed: Any) -> Any:
        """Keywords are names of inputs; what is None is not sent."""
        found = {name: value for name, value in (form | changed).items() if name and value is not None}
        return self.client.post(f"/admin/testimonies/{path}", found)


def form_of(response: Any) -> dict[str, list[str]]:
    """The largest form of the page: beside it are only buttons."""
    found = Forms(response.content.decode()).forms
    return max((form for form in found if "logout" not in form[""][0]), key=len)


def errors_of(response: Any) -> dict[str, list[str]]:
    """Errors by field, of the record's own form and of its parts."""
    assert response.status_code == 200, (response.status_code, getattr(response, "url", ""))
    form = response.context["adminform"].form
    found = {name: list(errors) for name, errors in form.errors.items()}
    for inline in response.context["inline_admin_formsets"]:
        for part in inline.formset.forms:
            found |= {part.add_prefix(name): list(errors) for name, errors in part.errors.items()}
        if errors := list(inline.formset.non_form_errors()):
            found[inline.formset.prefix] = errors
    return found

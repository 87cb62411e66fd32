"""A form that was overtaken: somebody else changed the record, or a part of it, since it was opened.

Nothing is saved. A page sets side by side what the form began with, what was typed and what is there now, and asks for
each field what to keep (templates/admin/testimonies/overtaken.html). The answer is the same form again, which now began
with what the page showed as being there: it is saved at that version, and overtaken in its turn if that has moved on.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from testimonies.admin.actors import REASON, writer
from testimonies.admin.fields import in_words
from testimonies.admin.forms import MINE, THEIRS, PartForms, RecordForm, asked_name, choice_name
from testimonies.admin.labels import label
from testimonies.errors import Overtaken

ANSWER = "answers_overtaken"
"""Name of the input that tells an answer from a first attempt."""
NEARBY = 2
"""How many lines that did not change are shown around those that did."""


def is_answer(request: HttpRequest) -> bool:
    return ANSWER in request.POST


Sent = tuple[RecordForm, Sequence[PartForms]]


class SeenOvertaken(Overtaken):
    """As it was found when the forms were read, which therefore show what is there now."""

    def __init__(self, sent: Sent) -> None:
        super().__init__(sent[0].instance.version)
        self.sent = sent


def check(form: RecordForm, formsets: Sequence[PartForms]) -> None:
    """Errors: SeenOvertaken, where what somebody touched is no longer what they were shown."""
    if _is_overtaken(form, formsets):
        raise SeenOvertaken((form, formsets))


def _is_overtaken(form: RecordForm, formsets: Iterable[PartForms]) -> bool:
    if not form.is_new and form.touched and _has_moved(form):
        return True
    for formset in formsets:
        for part in formset.initial_forms:
            is_removed = formset.is_removed(part)
            if part.is_gone:
                if part.touched and not is_removed and part.choice("row") != MINE:
                    return True
            elif ((is_removed and part.choice("row") != THEIRS) or (part.touched and not is_removed)) and _has_moved(
                part
            ):
                return True
    return False


def _has_moved(form: RecordForm) -> bool:
    return bool(form.at_version != form.instance.version)


# --- The page ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a comparison: as it was, taken out, put in, or left out here because it is as it was."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which the form and what is there now differ."""

    bound: forms.BoundField
    began: str
    mine: list[Piece]
    theirs: list[Piece]
    chosen: str
    must_choose: bool

    @property
    def choice(self) -> str:
        return choice_name(self.bound.html_name)

    @property
    def asked(self) -> str:
        return asked_name(self.bound.html_name)


@dataclass(slots=True)
class Card:
    """One record or part: what travels unseen, and the fields that differ."""

    title: str
    prefix: str = ""
    hidden: list[SafeString] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    whole: list[forms.BoundField] = field(default_factory=list)
    """Fields of what is entered anew, to be shown as they are."""
    row: str = ""
    """What is to be decided about the part as a whole: `removed` by me, or `gone`."""
    chosen: str = ""
    must_choose: bool = False
    errors: Any = ()

    @property
    def choice(self) -> str:
        return choice_name(f"{self.prefix}-row")

    @property
    def asked(self) -> str:
        return asked_name(f"{self.prefix}-row")

    @property
    def is_shown(self) -> bool:
        return bool(self.differences or self.whole or self.row)


def show(model_admin: Any, request: HttpRequest, object_id: str, sent: Sent | None = None) -> HttpResponse:
    """The page for a form that was sent, set beside what is stored now: as `sent` says, or read again."""
    if sent is None:
        record = model_admin.get_object(request, unquote(object_id))
        if record is None:
            return gone(model_admin, request)
        sent = _sent(model_admin, request, record)
    form, formsets = sent
    record = form.instance
    form.errors  # noqa: B018 - reads the form
    model_admin.name_related(form, formsets, request)
    cards, added = [_card(form, str(label(record)), record)], []
    for formset in formsets:
        formset.errors  # noqa: B018 - reads the forms
        cards += _cards(formset)
        shown = {part.instance.pk for part in formset.initial_forms}
        added += [label(part) for pk, part in formset.stored.items() if pk not in shown]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Somebody else has changed this record",
        "opts": model_admin.opts,
        "original": record,
        "cards": cards,
        "management": [formset.management_form for formset in formsets],
        "errors": [error for formset in formsets for error in formset.non_form_errors()] if is_answer(request) else [],
        "is_answer": is_answer(request),
        "added": added,
        "answer_name": ANSWER,
        "media": model_admin.media + form.media,
        "reason_name": REASON,
        "reason": writer(request).reason,
        **(model_admin.ways_on(request, record) if model_admin.corrects else {}),
    }
    return TemplateResponse(request, "admin/testimonies/overtaken.html", context, status=409)


def gone(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The page for a form whose record is no longer there, or that the actor may no longer see: it keeps the words."""
    form, formsets = _sent(model_admin, request, None)
    model_admin.name_related(form, formsets, request)
    sent = [form, *(part for formset in formsets for part in formset.forms)]
    words = [(bound.label, text) for one in sent for bound in _visible(one) if (text := _mine(bound))]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "This record is no longer there",
        "opts": model_admin.opts,
        "words": words,
        "may_add": model_admin.has_add_permission(request),
    }
    return TemplateResponse(request, "admin/testimonies/gone.html", context, status=404)


def _sent(model_admin: Any, request: HttpRequest, record: Any) -> tuple[RecordForm, list[PartForms]]:
    is_change = record is not None
    names = flatten_fieldsets(model_admin.get_fieldsets(request, record))
    kind = model_admin.get_form(request, record, change=is_change, fields=names)
    form = kind(request.POST, instance=record)
    formsets, _ = model_admin._create_formsets(request, form.instance, change=is_change)  # noqa: SLF001 - as Django's own views do
    return form, formsets


def _visible(form: RecordForm) -> Iterator[forms.BoundField]:
    return (bound for bound in form if not bound.is_hidden and bound.name != forms.formsets.DELETION_FIELD_NAME)


def _input(name: str, value: Any) -> SafeString:
    return format_html('<input type="hidden" name="{}" value="{}">', name, value)


def _card(form: RecordForm, title: str, stored: Any) -> Card:
    """A record or a part that is still there."""
    card = Card(title, form.prefix or "", errors=form.non_field_errors() if is_answered(form) else ())
    fresh = type(form)(instance=stored, prefix=form.prefix)
    card.hidden.append(_input(form.add_prefix("shown_version"), stored.version))
    for bound in _visible(form):
        now = fresh[bound.name]
        card.hidden.append(now.as_hidden(only_initial=True))
        if difference := _difference(bound, now):
            card.differences.append(difference)
        else:
            card.hidden.append(_input(choice_name(bound.html_name), THEIRS))
    return card


def is_answered(form: RecordForm) -> bool:
    return ANSWER in form.data


def _cards(formset: PartForms) -> Iterator[Card]:
    for part in formset.initial_forms:
        is_removed = formset.is_removed(part)
        stored = formset.stored.get(part.instance.pk)
        name = f"{formset.model._meta.verbose_name}: {label(stored or part.instance)}"
        if stored is not None and not is_removed:
            card = _card(part, name, stored)
        else:
            card = Card(name, part.prefix or "")
            if stored is not None:
                card.hidden.append(_input(part.add_prefix("shown_version"), stored.version))
            if is_removed or not part.touched:
                card.hidden.append(_input(part.add_prefix("DELETE"), "on"))
            if stored is not None or (part.touched and not is_removed):
                has_moved = stored is None or part.at_version != stored.version
                card.row = "removed" if stored is not None else "gone"
                card.chosen = part.choice("row") or ("" if has_moved else MINE)
                card.must_choose = not card.chosen
            if card.row == "gone":
                card.hidden += [bound.as_hidden(only_initial=True) for bound in _visible(part)]
                card.whole = list(_visible(part))
        card.hidden.append(_input(part.add_prefix("id"), part.instance.pk))
        yield card
    for part in formset.extra_forms:
        card = Card(f"New {formset.model._meta.verbose_name}", part.prefix or "")
        if part.touched and not formset.is_removed(part):
            card.whole = list(_visible(part))
        else:
            card.hidden = [bound.as_hidden() for bound in _visible(part)]
        yield card


def _difference(bound: Any, now: Any) -> Difference | None:
    widget = bound.field.hidden_widget()
    began = widget.value_from_datadict(bound.form.data, bound.form.files, bound.html_initial_name)
    is_mine = bound.name in bound.form.touched
    is_theirs = not bound.field.disabled and now.field.has_changed(now.initial, began)
    if bound.field.disabled:
        is_theirs = now.field.has_changed(now.initial, began) and not now.field.disabled
    if not (is_mine or is_theirs) or (is_mine and not now.field.has_changed(now.initial, bound.data)):
        return None
    began_text, now_text = _text(bound.field, _read(bound.field, began)), _text(bound.field, now.initial)
    is_open = (is_mine and is_theirs) or asked_name(bound.html_name) in bound.form.data
    chosen = bound.form.choice(bound.name) or ("" if is_open else MINE if is_mine else THEIRS)
    return Difference(
        bound=bound,
        began=began_text,
        mine=list(compared(began_text, _mine(bound))),
        theirs=list(compared(began_text, now_text)),
        chosen=chosen,
        must_choose=is_open,
    )


def _mine(bound: forms.BoundField) -> str:
    return _text(bound.field, _read(bound.field, bound.data))


def _read(field: forms.Field, raw: Any) -> Any:
    """The value that was sent, or what was sent where that is none."""
    try:
        return field.clean(raw)
    except ValidationError:
        return raw


def _text(field: forms.Field, value: Any) -> str:
    try:
        return in_words(field, value)
    except (TypeError, KeyError, AttributeError):  # what was typed is no value of this field
        values = value if isinstance(value, list | tuple) else [value]
        return "\n".join(str(one) for one in values if one not in (None, ""))


# --- Comparing texts --------------------------------------------------------------------------------------------------


def compared(old: str, new: str) -> Iterator[Piece]:
    """Line by line; within lines that changed, word by word. Long stretches that did not change are left out."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    opcodes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for kind, i1, i2, j1, j2 in opcodes:
        if kind == "equal":
            yield from _nearby(before[i1:i2], is_first=i1 == 0, is_last=i2 == len(before))
        else:
            yield from _by_word("".join(before[i1:i2]), "".join(after[j1:j2]))


def _nearby(lines: list[str], *, is_first: bool, is_last: bool) -> Iterator[Piece]:
    if len(lines) <= 2 * NEARBY + 1:
        yield Piece("same", "".join(lines))
        return
    if not is_first:
        yield Piece("same", "".join(lines[:NEARBY]))
    yield Piece("left_out", f"[{len(lines)} lines as before]\n")
    if not is_last:
        yield Piece("same", "".join(lines[-NEARBY:]))


MOST_WORDS = 2_000
"""Beyond, comparing words would take longer than somebody waits."""


def _by_word(old: str, new: str) -> Iterator[Piece]:
    before, after = re.findall(r"\s+|[^\s]+", old), re.findall(r"\s+|[^\s]+", new)
    if max(len(before), len(after)) > MOST_WORDS:
        opcodes: Any = [("replace", 0, len(before), 0, len(after))]
    else:
        opcodes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for kind, i1, i2, j1, j2 in opcodes:
        if kind == "equal":
            yield Piece("same", "".join(before[i1:i2]))
            continue
        if i2 > i1:
            yield Piece("out", "".join(before[i1:i2]))
        if j2 > j1:
            yield Piece("in", "".join(after[j1:j2]))

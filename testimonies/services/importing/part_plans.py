"""What belongs to a testimony beside its own fields, row by row: cases, codes, citations, texts, clearances and claims.

Codes, cases and citations are whole lists: what a row leaves out of one is taken away. Texts, clearances and claims are added
or changed and never taken away: nobody means to delete a transcript by leaving a column empty.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models as fields

from testimonies import models
from testimonies.models.testimonies import TextKind
from testimonies.services import clearances, sources
from testimonies.services.importing.differences import Problem, cleaned, difference, problem
from testimonies.services.importing.sources import Cited, Sources, about
from testimonies.services.importing.stored import Stored


@dataclass(slots=True)
class Part:
    """A text, citation or clearance that is new (no id), changes, or goes (no values)."""

    kind: type[fields.Model]
    id: UUID | None
    values: dict[str, Any] | None


@dataclass(slots=True)
class Reached:
    """What is stored of all that rows speak of."""

    testimonies: set[UUID] = field(default_factory=set)
    persons: set[UUID] = field(default_factory=set)
    sources: set[UUID] = field(default_factory=set)
    codes: set[UUID] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    collections: set[str] = field(default_factory=set)

    def add(self, other: "Reached") -> None:
        for name in ("testimonies", "persons", "sources", "codes", "groups", "collections"):
            getattr(self, name).update(getattr(other, name))


class Shelf:
    """What rows refer to by name, as it is stored."""

    def __init__(self) -> None:
        self.groups = dict(models.Group.objects.values_list("slug", "pk"))
        self.collections = dict(models.Collection.objects.values_list("slug", "pk"))
        self.codes: dict[str, list[UUID]] = defaultdict(list)
        self.code_names: dict[UUID, str] = {}
        rows = models.Code.objects.filter(is_assignable=True).values_list(
            "pk", "slug", "codebook__slug", "codebook__edition"
        )
        for pk, slug, book, edition in rows:
            self.code_names[pk] = f"{book}@{edition}/{slug}"
            for name in (slug, f"{book}/{slug}", self.code_names[pk], str(pk)):
                self.codes[name].append(pk)
        self.sources = Sources()


def names(said: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Other names of a person, each once."""
    found: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for one in said:
        given = {name: one[name] for name in ("value", "kind", "tier") if one.get(name) is not None}
        clean, wrong = cleaned(models.PersonName, given, "person.other_names.")
        problems += wrong
        if not wrong and clean.get("value") and clean.get("kind"):
            found[clean["value"]] = {"tier": models.PersonName._meta.get_field("tier").default} | clean
        elif not wrong:
            problems.append(problem("person.other_names", one, "required", "A name has words and a kind."))
    return list(found.values()), problems


# --- One kind of part each: compares what is said with what is stored, and adds to the plan ----------------------------------


def _cases(said: Any, target: Stored | None, planned: Any, shelf: Shelf) -> None:
    before = target.values["cases"] if target else []
    wanted = sorted(
        ({"collection": one["collection"], "is_case": bool(one["is_case"])} for one in said or ()),
        key=lambda one: str(one["collection"]),
    )
    for one in wanted:
        if one["collection"] not in shelf.collections:
            planned.reject("cases", one["collection"], "unknown", "There is no such collection. Check the slug.")
    if wanted != before:
        planned.changes.append(difference("cases", before, wanted))
        planned.testimony["cases"] = wanted


def _codes(said: Any, target: Stored | None, planned: Any, shelf: Shelf) -> None:
    wanted: list[UUID] = []
    for name in said or ():
        found = shelf.codes.get(str(name), [])
        if len(found) == 1:
            wanted += [pk for pk in found if pk not in wanted]
        elif found:
            planned.reject("codes", name, "ambiguous", "There is more than one such code. Write codebook@version/slug.")
        else:
            planned.reject("codes", name, "unknown", "There is no such code that can be given. Check the slug.")
    before = target.values["codes"] if target else []
    if {*wanted} != {*before}:
        spelled = [sorted(shelf.code_names.get(pk, str(pk)) for pk in ids) for ids in (before, wanted)]
        planned.changes.append(difference("codes", *spelled))
        planned.codes = wanted


def _citations(said: Any, target: Stored | None, planned: Any, shelf: Shelf) -> None:
    stored = _with_ids(target, "citations")
    left = {(one["source_id"], one["relation"]): (pk, one) for pk, one in stored}
    for number, one in enumerate(said or ()):
        source = _source(about(one), planned, shelf)
        given = {name: one[name] for name in ("relation", "locator", "tier") if one.get(name) is not None}
        clean, problems = cleaned(models.Citation, given, "citations.")
        planned.problems += problems
        if not clean.get("relation"):
            planned.reject("citations.relation", "", "required", "Say how the source relates to the testimony.")
        if source is None or problems or not clean.get("relation"):
            continue
        pk, before = left.pop((source.id, clean["relation"]), (None, None))
        if before is None:
            clean |= {"source_id": source.id, "position": number}
            planned.parts.append(Part(models.Citation, None, clean))
            planned.changes.append(difference(f"citations.{number}", None, _cited(clean, source)))
        elif changed := {name: value for name, value in clean.items() if before[name] != value}:
            planned.parts.append(Part(models.Citation, pk, changed))
            _tell(planned, f"citations.{number}", before, changed)
    for pk, gone in left.values():
        planned.parts.append(Part(models.Citation, pk, None))
        planned.changes.append(difference("citations", f"{gone['relation']}: {gone['source_id']}", None))


def _source(said: Mapping[str, Any], planned: Any, shelf: Shelf) -> Cited | None:
    names = sources.FIELDS & said.keys()
    _, problems = cleaned(models.Source, {name: said[name] for name in names if said[name] is not None}, "source.")
    if problems:
        planned.problems += problems
        return None
    source = shelf.sources.meant(said)
    if source is None:
        name = said.get("id") or said.get("ref") or ""
        planned.reject("source", name, "unknown", "Name a source that is stored by its id, or a new one by its outlet.")
    elif source.new is not None:
        planned.sources[source.id] = source.new
    return source


def _cited(values: Mapping[str, Any], source: Cited) -> str:
    said = ", ".join(filter(None, (source.outlet, source.title, source.published, source.url)))
    return f"{values['relation']}: {said}" + (f" ({values['locator']})" if values.get("locator") else "")


def _texts(said: Any, target: Stored | None, planned: Any, shelf: Shelf) -> None:  # noqa: ARG001
    """Matched by kind and language, in order."""
    left: dict[tuple[str, str], list[tuple[UUID, Any]]] = defaultdict(list)
    stored = _with_ids(target, "texts")
    for pk, one in stored:
        left[one["kind"], one["language"]].append((pk, one))
    position = max((one["position"] for _, one in stored), default=-1)
    for number, one in enumerate(said or ()):
        given = {name: one[name] for name in ("language", "kind", "body", "tier") if one.get(name) is not None}
        clean, problems = cleaned(models.Text, {"kind": TextKind.TRANSCRIPT.value} | given, "texts.")
        planned.problems += problems
        if not problems and (not clean.get("language") or not str(clean.get("body", "")).strip()):
            planned.reject("texts", "", "required", "A text has words and a language.")
        elif not problems:
            there = left[clean["kind"], clean["language"]]
            if there:
                pk, before = there.pop(0)
                if changed := {name: value for name, value in clean.items() if before[name] != value}:
                    planned.parts.append(Part(models.Text, pk, changed))
                    _tell(planned, f"texts.{number}", before, changed)
            else:
                position += 1
                planned.parts.append(Part(models.Text, None, clean | {"position": position}))
                for name in ("kind", "language", "body"):
                    planned.changes.append(difference(f"texts.{number}.{name}", None, clean[name]))


def _clearances(said: Any, target: Stored | None, planned: Any, shelf: Shelf) -> None:  # noqa: ARG001
    """Matched by basis and beginning."""
    left = {(one["basis"], one["starts_at"]): (pk, one) for pk, one in _with_ids(target, "clearances")}
    for number, one in enumerate(said or ()):
        given = {name: one[name] for name in clearances.FIELDS & one.keys() if one[name] is not None}
        clean, problems = cleaned(models.Clearance, given, "clearances.")
        planned.problems += problems
        if problems:
            continue
        wrong = [name for name in ("basis", "uses", "starts_at") if not clean.get(name)]
        if wrong:
            planned.reject(f"clearances.{wrong[0]}", "", "required", "A clearance has a basis, uses and a beginning.")
            continue
        if clean.get("ends_at") and clean["ends_at"] <= clean["starts_at"]:
            planned.reject(
                "clearances.ends_at", clean["ends_at"], "not_after_start", "A clearance ends after it starts."
            )
            continue
        pk, before = left.pop((clean["basis"], clean["starts_at"]), (None, None))
        if before is None:
            planned.parts.append(Part(models.Clearance, None, clean))
            planned.changes.append(difference(f"clearances.{number}", None, clean))
        elif changed := {name: value for name, value in clean.items() if before[name] != value}:
            planned.parts.append(Part(models.Clearance, pk, changed))
            _tell(planned, f"clearances.{number}", before, changed)


def _claims(said: Any, target: Stored | None, planned: Any, shelf: Shelf) -> None:  # noqa: ARG001
    """Matched by field and value."""
    stored = _with_ids(target, "claims")
    left = {(one["field"], one["value"]): (pk, one) for pk, one in stored}
    position = max((one["position"] for _, one in stored), default=-1)
    for number, one in enumerate(said or ()):
        given = {
            name: one[name] for name in ("field", "value", "note", "is_preferred", "tier") if one.get(name) is not None
        }
        clean, problems = cleaned(models.Claim, given, "claims.")
        planned.problems += problems
        if not problems and not (clean.get("field") and clean.get("value")):
            planned.reject("claims", "", "required", "A claim names a field and what is said of it.")
        if problems or not (clean.get("field") and clean.get("value")):
            continue
        pk, before = left.pop((clean["field"], clean["value"]), (None, None))
        if before is None:
            position += 1
            planned.parts.append(Part(models.Claim, None, clean | {"position": position}))
            planned.changes.append(difference(f"claims.{number}", None, f"{clean['field']}: {clean['value']}"))
        elif changed := {name: value for name, value in clean.items() if before[name] != value}:
            planned.parts.append(Part(models.Claim, pk, changed))
            _tell(planned, f"claims.{number}", before, changed)


def _with_ids(target: Stored | None, name: str) -> list[tuple[UUID, dict[str, Any]]]:
    return list(zip(target.part_ids.get(name, []), target.values[name], strict=True)) if target else []


def _tell(planned: Any, path: str, before: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
    for name, value in changed.items():
        planned.changes.append(difference(f"{path}.{name}", before[name], value))


PLANNERS: dict[str, Callable[[Any, Stored | None, Any, Shelf], None]] = {
    "cases": _cases,
    "codes": _codes,
    "citations": _citations,
    "texts": _texts,
    "clearances": _clearances,
    "claims": _claims,
}

"""What became of each code from one version of a codebook to the next, how two versions differ, and what is to be coded anew.

All of it is asked of what the caller may see: a code above their tier is not there, neither among what became of another.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypedDict
from uuid import UUID

from django.db import models as django_models

from testimonies import models
from testimonies.access import Actor
from testimonies.errors import InvalidParameter, InvalidParameters
from testimonies.models.codebooks import TEXTS
from testimonies.projections import shapes
from testimonies.projections.documents import compact
from testimonies.projections.shapes import Described, Id, of
from testimonies.selectors import documents, pages, visibility
from testimonies.selectors.filters import as_uuid
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared, Query
from testimonies.selectors.sql import Sql, both, fetch


class Fate(django_models.TextChoices):
    """What became of a code in the next version."""

    KEPT = "kept", "it is there under the same slug and label"
    RENAMED = "renamed", "it is there under another slug or label"
    MERGED = "merged", "it became one code together with others"
    SPLIT = "split", "it became several codes: what was coded with it is to be coded anew"
    DROPPED = "dropped", "no code comes from it"


CARRIED = frozenset({Fate.KEPT, Fate.RENAMED, Fate.MERGED})
"""What one code takes over, so that nobody has to look again."""


@dataclass(frozen=True, slots=True)
class Named:
    """A code, as far as its fate depends on it."""

    id: UUID
    slug: str
    label: str


@dataclass(frozen=True, slots=True)
class Map:
    """The codes of two versions in their order, and which of the later come from each of the earlier (by its id)."""

    before: tuple[Named, ...]
    after: tuple[Named, ...]
    into: dict[UUID, list[Named]]

    def fate(self, code: Named) -> Fate:
        found = self.into[code.id]
        if len(found) != 1:
            return Fate.SPLIT if found else Fate.DROPPED
        (successor,) = found
        if sum(successor in others for others in self.into.values()) > 1:
            return Fate.MERGED
        return Fate.KEPT if (successor.slug, successor.label) == (code.slug, code.label) else Fate.RENAMED

    def added(self) -> list[Named]:
        come = {code.id for successors in self.into.values() for code in successors}
        return [code for code in self.after if code.id not in come]


def map_of(codebook: models.Codebook, actor: Actor) -> Map:
    """Between the version before and this one, as far as the actor sees both."""
    books = [pk for pk in (codebook.follows_id, codebook.pk) if pk]
    found: dict[UUID, list[Named]] = defaultdict(list)
    seen = models.Code.objects.filter(codebook__in=books, tier__lte=actor.tier, codebook__tier__lte=actor.tier)
    for book, *named in seen.order_by("position", "slug").values_list("codebook", "id", "slug", "label"):
        found[book].append(Named(*named))
    before, after = (tuple(found[book]) if book else () for book in (codebook.follows_id, codebook.pk))
    origins = defaultdict(set)
    for code, origin in models.CodeOrigin.objects.filter(code__codebook=codebook.pk).values_list("code", "origin"):
        origins[origin].add(code)
    return Map(before, after, {old.id: [code for code in after if code.id in origins[old.id]] for old in before})


# --- Documents --------------------------------------------------------------------------------------------------------


class MappedCode(TypedDict):
    """What became of one code of the version before."""

    code: Annotated[str, Described("Slug of the code in the version before.")]
    fate: Annotated[str, Described("What became of it.", choices=Fate)]
    into: Annotated[list[str], Described("Slugs of the codes of this version that come from it.")]


class CodebookMap(TypedDict):
    """What became of the codes of the version before, as far as the caller sees both."""

    codebook: Annotated[str, of(models.Codebook, "slug")]
    version: Annotated[str, of(models.Codebook, "edition")]
    follows: Annotated[str | None, Described("The version before; null where this one was made from none.")]
    codes: Annotated[list[MappedCode], Described("Every code of the version before.")]
    added: Annotated[list[str], Described("Slugs of the codes of this version that come from none.")]


class CodeDifference(TypedDict):
    """One field that differs."""

    field: Annotated[str, Described("Name of the field.")]
    before: Annotated[str, Described("The earlier value as text; a list has one line for each entry.")]
    after: Annotated[str, Described("The later value as text.")]


class Change(django_models.TextChoices):
    """How a code differs between two versions."""

    ADDED = "added", "the other version has no such code"
    REMOVED = "removed", "only the other version has it"
    RENAMED = "renamed", "another slug or label"
    REDEFINED = "redefined", "other words say what it means or when to use it"
    MOVED = "moved", "another parent"
    CHANGED = "changed", "another colour, or it may be assigned where it might not, or the reverse"


class ComparedCode(TypedDict):
    """A code that differs."""

    code: Annotated[str, Described("Slug in this version; of a removed code, in the other.")]
    changes: Annotated[list[str], Described("How it differs.", choices=Change)]
    fields: Annotated[
        list[CodeDifference], Described("What differs, field by field; empty where it was added or removed.")
    ]


class CodebookComparison(TypedDict):
    """How this version of a codebook differs from another: what the caller sees of both."""

    codebook: Annotated[str, of(models.Codebook, "slug")]
    version: Annotated[str, of(models.Codebook, "edition")]
    other: Annotated[str, Described("The other, as slug@version. Its values are those before.")]
    codes: Annotated[list[ComparedCode], Described("Every code that differs.")]


class RecodedCode(TypedDict):
    """A code of the version before that one code of this version cannot stand for."""

    code: Annotated[str, Described("Slug of the code in the version before.")]
    fate: Annotated[str, Described("What became of it: split or dropped.", choices=Fate)]
    into: Annotated[list[str], Described("Slugs of the codes to choose from.")]


class RecodeEntry(TypedDict):
    """A testimony that somebody has to look at again, since codes of it were split or dropped."""

    id: Annotated[Id, Described("The testimony.")]
    ref: Annotated[str, of(models.Testimony)]
    title: Annotated[str, of(models.Testimony)]
    codes: Annotated[
        list[RecodedCode], Described("Its consensus codes of the version before that no one code takes over.")
    ]


# --- Answers ----------------------------------------------------------------------------------------------------------


def shown_map(codebook: models.Codebook, actor: Actor) -> CodebookMap:
    found = map_of(codebook, actor)
    follows = codebook.follows
    return {
        "codebook": codebook.slug,
        "version": codebook.edition,
        "follows": follows.edition if follows and follows.tier <= actor.tier else None,
        "codes": [
            {"code": code.slug, "fate": found.fate(code), "into": [one.slug for one in found.into[code.id]]}
            for code in found.before
        ],
        "added": [code.slug for code in found.added()],
    }


_KINDS = {
    Change.RENAMED: frozenset({"slug", "label"}),
    Change.REDEFINED: frozenset(TEXTS[1:]),
    Change.MOVED: frozenset({"parent"}),
    Change.CHANGED: frozenset({"is_assignable", "color"}),
}


def comparison(key: str, other_key: str, actor: Actor) -> CodebookComparison:
    """Codes are the same where their guid is, else where their slug is. Errors: NotFound, InvalidParameters."""
    after = _codebook(key, actor)
    if as_uuid(other_key) is None:
        raise InvalidParameters([InvalidParameter("with", "invalid", "Write the id of a codebook version.")])
    before = _codebook(other_key, actor)
    mine, others = _codes(after, actor), _codes(before, actor)
    by_guid, by_slug = ({code[name]: code for code in others} for name in ("guid", "slug"))
    codes: list[ComparedCode] = []
    matched = set()
    taken = {code["guid"] for code in mine} & by_guid.keys()
    for code in mine:
        same = by_guid.get(code["guid"])
        if same is None:
            named = by_slug.get(code["slug"])
            same = named if named and named["guid"] not in taken else None
        if same is None:
            codes.append({"code": code["slug"], "changes": [Change.ADDED], "fields": []})
            continue
        matched.add(same["guid"])
        fields = _differences(same, code)
        names = {one["field"] for one in fields}
        if fields:
            changes = [str(kind) for kind, of_kind in _KINDS.items() if names & of_kind]
            codes.append({"code": code["slug"], "changes": changes, "fields": fields})
    codes += [
        {"code": code["slug"], "changes": [Change.REMOVED], "fields": []}
        for code in others
        if code["guid"] not in matched
    ]
    other = f"{before['slug']}@{before['version']}"
    return {"codebook": after["slug"], "version": after["version"], "other": other, "codes": codes}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[CodeDifference]:
    """A parent is the same where its guid is: that it was renamed moves nobody."""
    names = ("slug", "label", "parent", "is_assignable", "color", *TEXTS[1:])
    return [
        {"field": name, "before": _text(before[name]), "after": _text(after[name])}
        for name in names
        if (before["above"] != after["above"] if name == "parent" else before[name] != after[name])
    ]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "\n".join(value) if isinstance(value, list) else "" if value is None else str(value)


def _codebook(key: str, actor: Actor) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(documents.shared_document("codebook", key, "", actor).body)
    return found


def _codes(codebook: Mapping[str, Any], actor: Actor) -> list[dict[str, Any]]:
    """`above` is the guid of the parent, where the actor sees it."""
    found = codes_of(codebook["slug"], codebook["version"], actor)
    guids: dict[str | None, str] = {code["slug"]: code["guid"] for code in found}
    return [{**code, "above": guids.get(code["parent"])} for code in found]


def codes_of(slug: str, edition: str, actor: Actor) -> list[shapes.Code]:
    """The documents of the codes that the actor may see, in the codebook's order."""
    wanted = json.dumps({"codebook": slug, "version": edition})
    seen = visibility.shared("code", actor)
    condition = both([seen, Sql("facets @> %s::jsonb", (wanted,))])
    found = fetch(
        Sql(
            f"SELECT document FROM projection_shared WHERE {condition.text} ORDER BY sort_key, record_id",
            condition.parameters,
        )
    )
    return [json.loads(document) for (document,) in found]


RECODE = Declared(
    name="recode",
    filters=(),
    orders={"ref": Order("ref", "text")},
    ordering="ref",
    key=Order("testimony_id", "uuid"),
)


def recode(codebook: models.Codebook, query: Query, actor: Actor) -> Page:
    """Testimonies of which consensus codes were split or dropped, as their projection rows show these."""
    found = map_of(codebook, actor)
    fates = {code: found.fate(code) for code in found.before}
    again = {code.slug: code for code, fate in fates.items() if fate not in CARRIED}
    follows = codebook.follows

    def show(item: str) -> str:
        one = json.loads(item)
        mine = [
            again[code["slug"]]
            for code in one["codes"]
            if follows
            and (code["codebook"], code["version"]) == (follows.slug, follows.edition)
            and code["slug"] in again
        ]
        entry: RecodeEntry = {
            "id": one["id"],
            "ref": one["ref"],
            "title": one["title"],
            "codes": [
                {"code": code.slug, "fate": fates[code], "into": [into.slug for into in found.into[code.id]]}
                for code in mine
            ],
        }
        return compact(entry)

    page = pages.page(
        visibility.table(actor),
        "item",
        both([visibility.rows(actor), _carrying(again.values())]),
        replace(query.request, scope=pages.scope(query.request.scope, codebook.pk)),
    )
    return replace(page, items=[show(item) for item in page.items])


def _carrying(codes: Iterable[Named]) -> Sql:
    return Sql("codes && %s::uuid[]", ([code.id for code in codes],))

"""Codebooks: one file holds one version. A published version is frozen, so it is stored once and never changed by a load."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from testimonies.access import Tier
from testimonies.models import Code, Codebook
from testimonies.models.codebooks import TEXTS, UNCARRIED, CodebookStatus
from testimonies.services.loading.checks import Fields
from testimonies.services.loading.files import Folder
from testimonies.services.loading.manifest import CollectionEntry

_CODEBOOK_FIELDS = (
    "title", "language", "method", "unit_of_coding", "hierarchy_rule", "reliability_rule", "absence_rule",
)  # fmt: skip
_CODE_FIELDS = (
    "dimension", "label", "brief_definition", "definition", "inclusion", "exclusion", "example", "near_miss",
    "source_section", "basis", "position", "level", "is_assignable", "tier",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code of a file. `parent` is a slug, empty for a dimension; `values` are those of the model's fields."""

    slug: str
    parent: str
    values: dict[str, Any]

    @property
    def is_assignable(self) -> bool:
        return bool(self.values["is_assignable"])


@dataclass(frozen=True, slots=True)
class CodebookEntry:
    """One version of a codebook, as a file or as the database has it."""

    slug: str
    edition: str
    values: dict[str, Any]
    codes: tuple[CodeEntry, ...]

    def assignable(self) -> dict[str, str]:
        """Slug of each code that may be assigned -> its dimension."""
        return {code.slug: code.values["dimension"] for code in self.codes if code.is_assignable}

    def says_the_same_as(self, other: "CodebookEntry") -> bool:
        """Whether the order of codes in the file is all that differs; their positions say the order that counts."""
        mine, others = ({code.slug: code for code in entry.codes} for entry in (self, other))
        return self.values == other.values and mine == others

    def dimensions(self) -> list[str]:
        return [code.slug for code in self.codes if not code.parent]


def read(folder: Folder, entries: Iterable[CollectionEntry]) -> dict[str, CodebookEntry]:
    """Every codebook that the manifest names, from the folder or else from the database, by `slug@edition`."""
    found: dict[str, CodebookEntry] = {}
    missing: set[str] = set()
    for entry in entries:
        if not entry.codebook or entry.codebook in found or entry.codebook in missing:
            continue
        codebook = _from_folder(folder, entry) or _stored(entry.codebook)
        if codebook is None:
            missing.add(entry.codebook)
            slug = entry.codebook.partition("@")[0]
            folder.problems.add(
                entry.place.at("codebook"), f"this version is neither loaded nor in codebook_{slug}.json"
            )
        else:
            found[entry.codebook] = codebook
    return found


def _from_folder(folder: Folder, entry: CollectionEntry) -> CodebookEntry | None:
    name = f"codebook_{entry.codebook.partition('@')[0]}.json"
    fields = folder.document(name) if folder.has(name) else None
    if fields is None:
        return None
    codebook = _codebook(fields)
    if f"{codebook.slug}@{codebook.edition}" != entry.codebook:
        return None
    stored = _stored(entry.codebook)
    if stored is not None and not stored.says_the_same_as(codebook):
        fields.problem("codebook", "differs from what is stored; what is published is frozen: give it a new version")
    return codebook


def _codebook(fields: Fields) -> CodebookEntry:
    about = fields.inner("codebook")
    slug, edition = about.slug("slug"), about.text("version", longest=20)
    values = {"title": about.text("title", longest=300), "language": about.language("language")}
    values |= {name: about.text(name, required=False) for name in _CODEBOOK_FIELDS[2:]}
    for ignored in ("multi_label", "sources"):  # `sources` spells out the keys under `basis`; no field of ours holds it
        about.anything(ignored)
    about.done()
    codes: dict[str, CodeEntry] = {}
    for item in fields.items("codes"):
        code = _code(item, codes)
        codes[code.slug] = code
    fields.done()
    return CodebookEntry(slug, edition, values, tuple(codes.values()))


def _code(fields: Fields, before: dict[str, CodeEntry]) -> CodeEntry:
    """A code whose parent is one of those before it."""
    slug, parent = fields.slug("slug"), fields.text("parent", required=False)
    level = fields.integer("level", 1, 9, required=True) or 1
    above = before.get(parent)
    if slug in before:
        fields.problem("slug", "is the slug of a code before it too")
    if parent and above is None:
        fields.problem("parent", "must be a code that comes before this one")
    elif level != (above.values["level"] + 1 if above else 1):
        fields.problem("level", "must be 1 for a dimension, and else one more than the parent's")
    values: dict[str, Any] = {
        "dimension": above.values["dimension"] if above else slug,
        "label": fields.text("label", longest=200),
        **{name: fields.text(name, required=False) for name in ("brief_definition", "definition", "example")},
        **{name: fields.text(name, required=False) for name in ("near_miss", "source_section")},
        **{name: list(fields.texts(name)) for name in ("inclusion", "exclusion", "basis")},
        "position": fields.integer("order", 0, 32_767, required=True),
        "level": level,
        "is_assignable": bool(fields.flag("assignable")),
        "tier": int(fields.tier("tier")),
    }
    for name in TEXTS:
        if UNCARRIED.search("".join(values[name])):
            fields.problem(name, "holds a control character, which files for other software cannot carry")
    fields.done()
    return CodeEntry(slug, parent, values)


def _stored(name: str) -> CodebookEntry | None:
    """A version as the database has it, in the shape of a file: equal where nothing differs."""
    slug, _, edition = name.partition("@")
    codebook = Codebook.objects.filter(slug=slug, edition=edition).first()
    if codebook is None:
        return None
    codes = codebook.codes.select_related("parent").order_by("position", "slug")
    return CodebookEntry(
        slug,
        edition,
        {name: getattr(codebook, name) for name in _CODEBOOK_FIELDS},
        tuple(
            CodeEntry(
                code.slug,
                code.parent.slug if code.parent else "",
                {name: getattr(code, name) for name in _CODE_FIELDS},
            )
            for code in codes
        ),
    )


def store(entry: CodebookEntry) -> tuple[Codebook, bool]:
    """The codebook, and whether it is new."""
    known = Codebook.objects.filter(slug=entry.slug, edition=entry.edition).first()
    if known is not None:
        return known, False
    codebook = Codebook.objects.create(
        slug=entry.slug, edition=entry.edition, status=CodebookStatus.PUBLISHED, tier=Tier.PUBLIC, **entry.values
    )
    codes: dict[str, Code] = {}
    for code in entry.codes:  # parents come first
        codes[code.slug] = Code(codebook=codebook, slug=code.slug, parent=codes.get(code.parent), **code.values)
    Code.objects.bulk_create(codes.values())
    return codebook, True

"""The manifest of a folder, collections.json: what each collection is, and what may be done with it."""

import re
from dataclasses import dataclass
from pathlib import Path

from testimonies.access import Tier, Use
from testimonies.models.clearances import Basis
from testimonies.models.testimonies import Status
from testimonies.services.loading.checks import Fields, Place, Problems
from testimonies.services.loading.files import Folder

NAME = "collections.json"
REVIEWERS = 2
"""How many must have looked before the records of a collection are published by loading them."""
_CODEBOOK = re.compile(r"[a-z0-9-]{1,80}@[\w.-]{1,20}", re.ASCII)
_TEST_ONLY = Use.TEST.value


@dataclass(frozen=True, slots=True)
class CollectionEntry:
    """One collection of the manifest. `codebook` is `slug@edition` or empty."""

    place: Place
    slug: str
    title: str
    files: tuple[str, ...]
    codebook: str
    record_count: int
    population: str
    scope: str
    caveats: tuple[str, ...]
    basis: str
    uses: tuple[str, ...]
    reviewed_by: tuple[str, ...]
    case_status: str
    tier: Tier

    @property
    def is_invented(self) -> bool:
        return self.basis == Basis.INVENTED

    @property
    def cleared_uses(self) -> tuple[str, ...]:
        """What its records may be used for, unless they say so themselves. Software tests are for invented records."""
        return tuple(use for use in self.uses if self.is_invented or use != _TEST_ONLY)

    @property
    def status(self) -> Status:
        """As what its records are loaded: who says on what basis, for which uses and who reviewed it, publishes them."""
        is_reviewed = self.basis != Basis.NOT_STATED and self.cleared_uses and len(self.reviewed_by) >= REVIEWERS
        return Status.PUBLISHED if is_reviewed else Status.DRAFT

    def files_of(self, kind: str) -> tuple[str, ...]:
        """`.jsonl` files hold records, `.json` files figures."""
        return tuple(name for name in self.files if Path(name).suffix == kind)


def read(folder: Folder) -> tuple[CollectionEntry, ...]:
    if not folder.has(NAME):
        folder.problems.add(Place(NAME), "is missing: name a folder that holds it")
        return ()
    fields = folder.document(NAME)
    if fields is None:
        return ()
    fields.text("version", required=False)
    entries = tuple(_entry(item, folder) for item in fields.items("collections"))
    fields.done()
    if not entries:
        fields.problem("collections", "is missing or empty")
    _complain_of_repeats(entries, folder.problems)
    return entries


def _entry(fields: Fields, folder: Folder) -> CollectionEntry:
    entry = CollectionEntry(
        place=fields.place,
        slug=fields.slug("slug"),
        title=fields.text("title", longest=300),
        files=_files(fields, folder),
        codebook=_codebook(fields),
        record_count=fields.integer("record_count", 0, 10**9, required=True) or 0,
        population=fields.text("population", required=False),
        scope=fields.text("scope", required=False),
        caveats=fields.texts("caveats"),
        basis=fields.word("basis_of_use", Basis, default=Basis.NOT_STATED),
        uses=fields.words("permitted_uses", Use.values),
        reviewed_by=fields.texts("reviewed_by"),
        case_status=fields.text("case_status", required=False),
        tier=_tier(fields),
    )
    fields.done()
    return entry


def _codebook(fields: Fields) -> str:
    name = fields.text("codebook", required=False)
    if not name or _CODEBOOK.fullmatch(name):
        return name
    fields.problem("codebook", "must be a codebook's slug and version, such as icsr2015@1.1.0")
    return ""


def _files(fields: Fields, folder: Folder) -> tuple[str, ...]:
    """Names of files that can be read; those that cannot are problems."""
    names = fields.texts("files")
    if not names:
        fields.problem("files", "is missing or empty")
    found = []
    for n, name in enumerate(names):
        what = folder.objection(name)
        if not what and Path(name).suffix not in {".json", ".jsonl"}:
            what = "must be a .jsonl file of records or a .json file of figures"
        if what:
            fields.problem(f"files[{n}]", what)
        else:
            found.append(name)
    return tuple(found)


def _tier(fields: Fields) -> Tier:
    """The collection's own tier. 'per record (...)' leaves it to the records, and the collection is public."""
    if str(fields.anything("tier")).startswith("per record"):
        return Tier.PUBLIC
    return fields.tier("tier")


def _complain_of_repeats(entries: tuple[CollectionEntry, ...], problems: Problems) -> None:
    slugs: set[str] = set()
    files: set[str] = set()
    for entry in entries:
        if entry.slug in slugs:
            problems.add(entry.place.at("slug"), "is the slug of another collection too")
        if files & set(entry.files):
            problems.add(entry.place.at("files"), "a file belongs to another collection too")
        slugs.add(entry.slug)
        files.update(entry.files)

"""Acts on collections, and loading a folder of collection files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import QuerySet

from testimonies import models, projections
from testimonies.access import Actor, Capability, Tier
from testimonies.errors import Forbidden, Invalid, RejectedFile
from testimonies.models.collections import Listing
from testimonies.selectors import actors
from testimonies.services import records
from testimonies.services.acts import act, recorded
from testimonies.services.loading import building, campaigns, codebooks, figures, links, quotes, reading
from testimonies.services.loading import records as lines
from testimonies.services.loading.building import Shelf
from testimonies.services.loading.lines import SourceLine, group_slug
from testimonies.services.loading.reading import CASES, Checked, CollectionFiles
from testimonies.services.loading.records import Pending
from testimonies.services.loading.report import Report
from testimonies.services.loading.rows import Changes, keep
from testimonies.services.loading.sources import Catalogue

LOADING = 7_105_241
"""Number of the advisory lock that lets one load run at a time."""
_COLLECTION_FIELDS = (
    "title", "population", "scope", "caveats", "unavailable", "codebook", "basis_of_use", "permitted_uses", "reviewed_by",
    "case_status", "is_invented", "tier",
)  # fmt: skip

FIELDS = frozenset(
    [
        "slug",
        "title",
        "population",
        "scope",
        "caveats",
        "unavailable",
        "basis_of_use",
        "permitted_uses",
        "reviewed_by",
        "case_status",
        "listing",
        "is_invented",
        "tier",
    ]
)
"""What an act may set, beside `codebook` (slug@version)."""

Progress = Callable[[int, int], None]


@act(Capability.CURATE)
def create(*, by: Actor, **values: Any) -> models.Collection:
    """Errors: Invalid, Exists."""
    projections.lock(collection=[], linked={"codebook": _keys(_editions(values.get("codebook")))})
    return _keep(models.Collection(created_by_id=by.user_id), values)


@act(Capability.CURATE)
def change(collection_id: UUID, *, by: Actor, version: int | None, **values: Any) -> models.Collection:
    """Errors: NotFound, Overtaken, Invalid, Exists."""
    projections.lock(collection=[collection_id], linked={"codebook": _keys(_editions(values.get("codebook")))})
    return _keep(records.at_version(records.find(models.Collection, collection_id, by=by), version), values)


@act(Capability.CURATE)
def remove(collection_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, Overtaken; InUse, as long as a testimony or a figure belongs to it."""
    projections.lock(collection=[collection_id])
    records.delete(records.at_version(records.find(models.Collection, collection_id, by=by), version), by=by)


def _keep(collection: models.Collection, values: dict[str, Any]) -> models.Collection:
    if "codebook" in values:
        name = values.pop("codebook")
        collection.codebook = _editions(name).first()
        if name is not None and collection.codebook is None:
            raise Invalid(("/codebook", "unknown", "There is no such codebook. Write slug@version."))
    records.put(collection, values, FIELDS)
    return records.store(collection)


def _editions(name: str | None) -> QuerySet[models.Codebook]:
    """The codebook that slug@version names, if there is one."""
    slug, _, edition = (name or "").partition("@")
    return models.Codebook.objects.filter(slug=slug, edition=edition)


# --- Loading --------------------------------------------------------------------------------------------------------


def load(
    *,
    path: Path,
    dry_run: bool = False,
    overwrite: bool = False,
    progress: Progress = lambda *_: None,
    by: Actor | None = None,
) -> Report:
    """Store everything in the folder in one transaction, or nothing.

    by      Whose draft each new record is; published records stay so. Without somebody (a command) what the manifest
            says was reviewed is published: who runs commands holds the database anyway.

    A line whose record people changed since the last load is left out, unless `overwrite`.
    Errors  RejectedFile with every problem of the folder; Forbidden.
    """
    by = replace(by, through="import") if by else actors.of_command()
    if not by.may(Capability.IMPORT):
        raise Forbidden
    try:
        with transaction.atomic(), recorded(by):
            _one_at_a_time()
            report = _store(reading.read(path), overwrite=overwrite, progress=progress, by=by)
            if dry_run:
                _check_now()
                transaction.set_rollback(True)
    except (IntegrityError, DataError) as error:
        # the database's own words would repeat values
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "a column's type"
        raise RejectedFile([f"the database refused a value: {name}"]) from None
    return report


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOADING])


def _check_now() -> None:
    """What a commit would check last, checked without one."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _store(checked: Checked, *, overwrite: bool, progress: Progress, by: Actor) -> Report:
    report = Report()
    pending = {files.entry.slug: lines.pending(files.entry, files.lines, report) for files in checked.collections}
    _lock(checked, pending)
    catalogue = Catalogue(_sources(checked, pending))
    shelves = _reference_data(checked, catalogue, report, by)
    total, done = sum(map(len, pending.values())), 0

    def advance(number: int) -> None:
        nonlocal done
        done += number
        progress(done, total)

    asked = {}
    for shelf in shelves:
        found = pending[shelf.entry.slug]
        for draft in lines.store(shelf, found, catalogue, report, overwrite=overwrite, advance=advance):
            names = [links.external_name(shelf.entry.slug, key) for key in draft.line.same_person_as]
            asked[draft.person_id] = names
    if by.user_id is None:  # a person who loads a folder is one, and quotes need two
        report.kinds["quotes"] += quotes.store(checked.quotes)
    links.ask(asked)
    report.n_waiting = links.resolve()
    report.kinds["sources"] += catalogue.changes()
    projections.refresh()
    return report


def _sources(checked: Checked, pending: dict[str, list[Pending]]) -> list[SourceLine]:
    cited = building.all_sources(item.line for found in pending.values() for item in found)
    stated = [line for files in checked.collections for entry in files.figures.entries for line, _ in entry.sources]
    return cited + stated + [line for entry in checked.campaigns for line in entry.lines()]


def _lock(checked: Checked, pending: dict[str, list[Pending]]) -> None:
    """Lock all that is stored and may be written, parents first: the same order in which everybody else locks."""
    testimonies = [item.external_id.testimony_id for found in pending.values() for item in found if item.external_id]
    slugs = [files.entry.slug for files in checked.collections]
    books = {files.codebook.slug for files in checked.collections if files.codebook}
    known = Catalogue(_sources(checked, pending)).known
    projections.lock(
        testimony=testimonies,
        tiers=True,
        source=[source.pk for source in known],
        codebook=_keys(models.Codebook.objects.filter(slug__in=books)),
        code=_keys(models.Code.objects.filter(codebook__slug__in=books)),
        collection=_keys(models.Collection.objects.filter(slug__in=[*slugs, CASES])),
        campaign=_keys(models.Campaign.objects.filter(slug__in=[entry.slug for entry in checked.campaigns])),
        campaignuse=[],
        figure=_keys(models.Figure.objects.filter(collection__slug__in=slugs)),
        group=_keys(models.Group.objects.filter(slug__in=map(group_slug, _groups(checked)))),
        person=_keys(models.Person.objects.filter(testimonies__in=testimonies)),
    )


def _keys(rows: QuerySet[Any]) -> QuerySet[Any, UUID]:
    return rows.values_list("pk", flat=True)


# --- What records refer to ------------------------------------------------------------------------------------------


def _reference_data(checked: Checked, catalogue: Catalogue, report: Report, by: Actor) -> list[Shelf]:
    """Store regions, codebooks, collections, figures and groups; return what the lines of each collection refer to."""
    report.kinds["regions"] += figures.store_regions(checked.regions)
    books = _codebooks(checked, report)
    collections = _collections(checked, books, report)
    for files in checked.collections:
        if files.entry.files_of(".json"):
            report.kinds["figures"] += figures.store(files.figures, collections[files.entry.slug], catalogue)
    report.kinds["campaigns"] += campaigns.store(checked.campaigns, catalogue)
    groups = _store_groups(checked, report)
    cases = models.Collection.objects.filter(slug=CASES).first()
    shelves = []
    for files in checked.collections:
        codebook = books.get(files.entry.codebook)
        codes = dict(codebook.codes.values_list("slug", "pk")) if codebook else {}
        shelves.append(Shelf(files.entry, collections[files.entry.slug], codes, groups, cases, by.user_id))
    return shelves


def _codebooks(checked: Checked, report: Report) -> dict[str, models.Codebook]:
    books: dict[str, models.Codebook] = {}
    for files in checked.collections:
        if files.codebook and files.entry.codebook not in books:
            books[files.entry.codebook], is_new = codebooks.store(files.codebook)
            n_codes = len(files.codebook.codes)
            report.kinds["codebooks"] += Changes(created=is_new, unchanged=not is_new)
            report.kinds["codes"] += Changes(created=n_codes * is_new, unchanged=n_codes * (not is_new))
    return books


def _collections(checked: Checked, books: dict[str, models.Codebook], report: Report) -> dict[str, models.Collection]:
    rows = {files.entry.slug: _collection(files, books.get(files.entry.codebook)) for files in checked.collections}
    stored = models.Collection.objects.filter(slug__in=rows)
    report.kinds["collections"] += keep(stored, rows.values(), key=("slug",), fields=_COLLECTION_FIELDS)
    return rows


def _collection(files: CollectionFiles, codebook: models.Codebook | None) -> models.Collection:
    entry = files.entry
    return models.Collection(
        slug=entry.slug,
        title=entry.title,
        population=entry.population,
        scope=entry.scope,
        caveats=list(entry.caveats),
        unavailable=files.figures.unavailable,
        codebook=codebook,
        basis_of_use=entry.basis,
        permitted_uses=list(entry.uses),
        reviewed_by=list(entry.reviewed_by),
        case_status=entry.case_status,
        listing=Listing.OPEN,
        is_invented=entry.is_invented,
        tier=entry.tier,
    )


def _groups(checked: Checked) -> list[str]:
    names = (line.person.group for files in checked.collections for line in files.lines)
    return list(dict.fromkeys(names))


def _store_groups(checked: Checked, report: Report) -> dict[str, models.Group]:
    """Group by name as a line gives it. A group that is known by its slug keeps its own name."""
    found: dict[str, models.Group] = {}
    for name in _groups(checked):
        found[name], is_new = models.Group.objects.get_or_create(
            slug=group_slug(name), defaults={"name": name, "tier": Tier.PUBLIC}
        )
        report.kinds["groups"] += Changes(created=is_new, unchanged=not is_new)
    return found

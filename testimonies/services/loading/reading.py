"""Checks a folder of collection files as a whole. Either all of it can be loaded, or every problem is told at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from testimonies.errors import RejectedFile
from testimonies.models import Collection, Region
from testimonies.services.loading import campaigns, codebooks, figures, manifest, quotes, reader
from testimonies.services.loading.campaigns import CampaignEntry
from testimonies.services.loading.checks import Problems
from testimonies.services.loading.codebooks import CodebookEntry
from testimonies.services.loading.figures import Figures
from testimonies.services.loading.files import Folder
from testimonies.services.loading.lines import Line
from testimonies.services.loading.manifest import CollectionEntry
from testimonies.services.loading.quotes import QuoteEntry

CASES = "icsr2015"
"""The collection of figures whose cases `in_icsr_2015` speaks of."""


@dataclass(frozen=True, slots=True)
class CollectionFiles:
    """One collection: what the manifest says of it, its codebook, its figures and its lines."""

    entry: CollectionEntry
    codebook: CodebookEntry | None
    figures: Figures
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Checked:
    """A folder without a problem."""

    regions: list[Region]
    campaigns: list[CampaignEntry]
    quotes: list[QuoteEntry]
    collections: list[CollectionFiles]


def read(path: Path) -> Checked:
    problems = Problems()
    folder = Folder(path, problems)
    regions = figures.read_regions(folder)
    campaigned = campaigns.read(folder)
    quoted = quotes.read(folder)
    entries = manifest.read(folder)
    books = codebooks.read(folder, entries)
    collections = [_collection(folder, entry, books.get(entry.codebook)) for entry in entries]
    _check_cases(collections, problems)
    if problems.lines:
        raise RejectedFile(problems.lines)
    return Checked(regions, campaigned, quoted, collections)


def _collection(folder: Folder, entry: CollectionEntry, codebook: CodebookEntry | None) -> CollectionFiles:
    fields = [item for name in entry.files_of(".jsonl") for item in folder.lines(name)]
    lines = [reader.read(item, entry, codebook) for item in fields if item is not None]
    _complain_of_repeated_keys(lines, folder.problems)
    if len(fields) != entry.record_count:
        what = f"says {entry.record_count}, but the files hold {len(fields)}"
        folder.problems.add(entry.place.at("record_count"), what)
    return CollectionFiles(entry, codebook, figures.read(folder, entry.files_of(".json")), lines)


def _complain_of_repeated_keys(lines: Iterable[Line], problems: Problems) -> None:
    first: dict[str, Line] = {}
    for line in lines:
        before = first.setdefault(line.key, line)
        if before is not line and line.key:
            problems.add(line.place.at("record_key"), f"is the key of {before.place} too")


def _check_cases(collections: Iterable[CollectionFiles], problems: Problems) -> None:
    if any(files.entry.slug == CASES for files in collections) or Collection.objects.filter(slug=CASES).exists():
        return
    for files in collections:
        for line in files.lines:
            if line.is_case is not None:
                problems.add(line.place.at("in_icsr_2015"), f"needs the collection {CASES}, which is not loaded")

"""Finds the sources that lines cite: by address, else by outlet, title and date together."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from testimonies.access import Tier
from testimonies.models import Source
from testimonies.models.fields import derive_bounds
from testimonies.models.sources import Medium
from testimonies.services import bulk
from testimonies.services.loading.lines import SourceLine
from testimonies.services.loading.rows import Changes

Description = tuple[str, str, str | None]


class Catalogue:
    """Known sources, and new ones that wait for `store`.

    A line with an address and one without never find the same source: the address may be missing because it was held back,
    and what leads to a name must not come in by another record. Two addresses are two sources: copies of an article differ.
    """

    def __init__(self, lines: Collection[SourceLine]) -> None:
        self._created: set[UUID] = set()
        self._updated: set[UUID] = set()
        self._matched: set[UUID] = set()
        self._by_url: dict[str, Source] = {}
        self._alike: dict[Description, list[Source]] = defaultdict(list)
        self._new: dict[UUID, Source] = {}
        self._filled: dict[UUID, Source] = {}
        known = Source.objects.filter(
            Q(url__in={line.url for line in lines if line.url})
            | Q(outlet__in={line.outlet for line in lines}, title__in={line.title for line in lines})
        )
        for source in known.order_by("created_at", "url"):
            self._add(source)

    @property
    def known(self) -> list[Source]:
        return [source for alike in self._alike.values() for source in alike]

    def match(self, line: SourceLine) -> Source:
        source = self._by_url.get(line.url) if line.url else self._described(line)
        source = self._fill(source or self._make(line), line)
        self._matched.add(source.pk)
        return source

    def changes(self) -> Changes:
        """What became of the sources that were asked for."""
        touched = self._created | self._updated
        return Changes(len(self._created), len(self._updated - self._created), len(self._matched - touched))

    def store(self) -> None:
        new = [bulk.values_of(source) for source in self._new.values()]
        for values in new:
            del values["ref"]
        bulk.insert(Source, new)
        filled = [source for source in self._filled.values() if source.pk not in self._new]
        if filled:
            Source.objects.bulk_update(filled, ["medium"], batch_size=500)
        self._created |= self._new.keys()
        self._updated |= {source.pk for source in filled}
        self._new, self._filled = {}, {}

    def _add(self, source: Source) -> None:
        self._alike[(source.outlet, source.title, source.published)].append(source)
        if source.url:
            self._by_url[source.url] = source

    def _described(self, line: SourceLine) -> Source | None:
        """A source without an address; there is at most one of its kind."""
        alike = self._alike.get((line.outlet, line.title, line.published), [])
        return next((source for source in alike if not source.url), None)

    def _make(self, line: SourceLine) -> Source:
        # its own tier may be public: what it leads to decides who sees it, and that is the testimonies that cite it
        source = Source(
            ref="",  # drawn when it is stored: another one each time that this is tried
            outlet=line.outlet,
            title=line.title,
            url=line.url,
            published=line.published,
            medium=line.medium,
            tier=Tier.PUBLIC,
        )
        derive_bounds(source)
        self._new[source.pk] = source
        self._add(source)
        return source

    def _fill(self, source: Source, line: SourceLine) -> Source:
        """Add what the source lacks; what it has stays, whatever the line says."""
        if source.medium == Medium.NOT_KNOWN and line.medium != Medium.NOT_KNOWN:
            source.medium = line.medium
            self._filled[source.pk] = source
        return source

"""The sources that rows cite: stored ones, which are only cited, and new ones, each stored with the first row that needs it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q

from testimonies import models
from testimonies.access import Tier
from testimonies.services.importing.stored import Values, by_external_id

Key = tuple[str, str]
"""System and value of an external id."""


@dataclass(slots=True)
class Cited:
    """`new`: what is to be stored of it; None of one that is stored already, or that an earlier batch has brought."""

    id: UUID
    outlet: str
    title: str
    url: str
    published: str | None
    new: Values | None = None


class Sources:
    """What a batch of rows may cite, and what batches before it have brought.

    A source is found by its external ids or its address, else by outlet, title and date together. One with an address and one
    without are never the same: the address may be missing because it was held back, and what leads to a name must not come in by
    another record. Two addresses are two sources: copies of an article differ.
    """

    def __init__(self) -> None:
        self._brought: dict[bytes | Key, UUID] = {}
        self._named: dict[Any, Cited] = {}
        self._by_url: dict[str, Cited] = {}
        self._described: dict[tuple[str, str, str | None], Cited] = {}
        self.known: set[UUID] = set()
        """Stored ones that the rows of the batch may mean."""

    def look_up(self, batch: Iterable[Any]) -> None:
        """What is stored of all that the rows of a batch may mean."""
        said = [about(one) for row in batch for one in row.values.get("citations") or ()]
        by_key = by_external_id(models.SourceExternalId, "source_id", {key for one in said for key in keys(one)})
        names = {str(one[name]) for one in said for name in ("id", "ref") if one.get(name)}
        ids = {name for name in names if len(name) >= 32}
        described = [one for one in said if one.get("outlet")]
        urls, outlets, titles = ({one.get(name) or "" for one in described} for name in ("url", "outlet", "title"))
        rows = models.Source.objects.filter(
            Q(pk__in=[*ids, *by_key.values()])
            | Q(ref__in=names - ids)
            | Q(url__in=urls - {""})
            | Q(outlet__in=outlets, title__in=titles)
        ).order_by("created_at", "url")
        found = {
            pk: (ref, Cited(pk, *values))
            for pk, ref, *values in rows.values_list("pk", "ref", "outlet", "title", "url", "published")
        }
        self.known = {*found}
        self._named = {str(pk): source for pk, (_, source) in found.items()}
        self._named |= dict(found.values())
        self._named |= {key: found[pk][1] for key, pk in by_key.items()}
        self._by_url, self._described = {}, {}
        for _, source in found.values():
            self._remember(source)

    def meant(self, said: Mapping[str, Any]) -> Cited | None:
        """The one that is meant; None where an id names none, and nothing describes a new one."""
        for name in ("id", "ref"):
            if said.get(name):
                return self._named.get(str(said[name]))
        named = keys(said)
        for key in named:
            if key in self._named:
                return self._named[key]
        if not said.get("outlet"):
            return None
        description = str(said["outlet"]), str(said.get("title") or ""), said.get("published") or None
        url = str(said.get("url") or "")
        source = self._by_url.get(url) if url else self._described.get(description)
        if source is None:
            source = self._bring(description, url, named)
        if source.new is not None:
            values = {name: said[name] for name in ("reliability", "tier") if said.get(name) is not None}
            source.new |= values
            source.new.setdefault("medium", said.get("medium") or "not_known")
        return source

    def _bring(self, description: tuple[str, str, str | None], url: str, named: list[Key]) -> Cited:
        outlet, title, published = description
        by: list[bytes | Key] = [
            *named,
            hashlib.blake2b(repr(url or description).encode("utf-8", "surrogatepass"), digest_size=12).digest(),
        ]
        known = next((self._brought[one] for one in by if one in self._brought), None)
        source = Cited(known or uuid4(), outlet, title, url, published)
        if known is None:
            # its own tier may be public: what it leads to decides who sees it, and that is the testimonies that cite it
            source.new = {"id": source.id, "outlet": outlet, "title": title, "url": url, "published": published}
            source.new |= {"tier": Tier.PUBLIC, "external_ids": named}
        self._brought |= dict.fromkeys(by, source.id)
        self._named |= dict.fromkeys(named, source)
        self._remember(source)
        return source

    def _remember(self, source: Cited) -> None:
        if source.url:
            self._by_url[source.url] = source
        else:
            self._described.setdefault((source.outlet, source.title, source.published), source)


def about(citation: Mapping[str, Any]) -> dict[str, Any]:
    """What a citation says of its source."""
    return dict(citation.get("source") or {}) | ({"id": citation["source_id"]} if citation.get("source_id") else {})


def keys(said: Mapping[str, Any]) -> list[Key]:
    listed = [(one["system"], one["value"]) for one in said.get("external_ids") or ()]
    return list(
        dict.fromkeys(
            [*listed, *((system, value) for system, value in (said.get("external_id") or {}).items() if value)]
        )
    )

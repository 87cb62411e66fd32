"""Codes, collections, groups and regions, kept in each process: small, seldom changed, asked for by every filter.

The planner then sees constants instead of subqueries. A revision that triggers move tells a process when to read again;
it comes with the statement that checks the key, so nothing is stale for longer than one request.
"""

from dataclasses import dataclass, field
from uuid import UUID

from testimonies.access import Tier
from testimonies.selectors.sql import Sql, fetch


@dataclass(frozen=True, slots=True)
class Code:
    id: UUID
    parent_id: UUID | None
    slug: str
    codebook: str
    edition: str
    tier: int


@dataclass(frozen=True, slots=True)
class Reference:
    """One revision of the reference data. Whatever is asked for is answered for a tier."""

    revision: UUID | None = None
    codes: tuple[Code, ...] = ()
    codebooks: tuple[tuple[str, str, int], ...] = ()
    slugs: dict[str, dict[str, int]] = field(default_factory=dict)
    regions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    populations: dict[str, str] = field(default_factory=dict)
    """Of each collection, whom it is about. Ask `has` first."""

    def has(self, noun: str, slug: str, tier: Tier) -> bool:
        """Whether the tier knows a collection or a group by this slug. A hidden one is no different from none."""
        least = self.slugs.get(noun, {}).get(slug)  # a database without reference data has no slugs
        return least is not None and least <= tier

    def has_codebook(self, name: str, tier: Tier) -> bool:
        """`name` is a codebook's slug, or slug@version."""
        return any(least <= tier and name in {slug, f"{slug}@{edition}"} for slug, edition, least in self.codebooks)

    def find_codes(self, name: str, tier: Tier) -> list[Code]:
        """Codes by `slug`, `codebook/slug` or `codebook@version/slug`: one per version of a codebook."""
        book, _, slug = name.rpartition("/")
        wanted, _, edition = book.partition("@")
        return [
            code
            for code in self.codes
            if code.slug == slug
            and code.tier <= tier
            and wanted in {"", code.codebook}
            and edition in {"", code.edition}
        ]

    def with_children(self, codes: list[Code], tier: Tier) -> list[UUID]:
        """Ids of the codes and of all below them that the tier may see: assigning a child implies its parents."""
        found, queue = [], [code.id for code in codes]
        while queue:
            found.append(queue.pop())
            queue += [code.id for code in self.codes if code.parent_id == found[-1] and code.tier <= tier]
        return found


_current = Reference()


def at(revision: UUID | None) -> Reference:
    """The reference data, read again if it has changed since."""
    global _current  # noqa: PLW0603 - one immutable value, replaced as a whole
    if _current.revision != revision:
        _current = _read()
    return _current


def current() -> Reference:
    """The same, for whoever has not been told the revision."""
    found = fetch(Sql("SELECT revision FROM reference_revision"))
    return at(found[0][0] if found else None)


def _read() -> Reference:
    revision = fetch(Sql("SELECT revision FROM reference_revision"))  # before the data: then these are at least as new
    codes = fetch(
        Sql(
            "SELECT c.id, c.parent_id, c.slug, b.slug, b.edition, greatest(c.tier, b.tier) FROM testimonies_code c "
            "JOIN testimonies_codebook b ON b.id = c.codebook_id ORDER BY b.slug, b.edition, c.position"
        )
    )
    codebooks = fetch(Sql("SELECT slug, edition, tier FROM testimonies_codebook ORDER BY slug, edition"))
    return Reference(
        revision=revision[0][0] if revision else None,
        codes=tuple(Code(*row) for row in codes),
        codebooks=tuple((slug, edition, tier) for slug, edition, tier in codebooks),
        slugs={
            noun: dict(fetch(Sql(f'SELECT slug, tier FROM "testimonies_{noun}"'))) for noun in ("collection", "group")
        },
        regions={
            slug: tuple(countries) for slug, countries in fetch(Sql("SELECT slug, countries FROM testimonies_region"))
        },
        populations=dict(fetch(Sql("SELECT slug, population FROM testimonies_collection"))),
    )

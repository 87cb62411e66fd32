"""Documents of shared records (persons, sources, groups) and of reference records (collections, figures,
campaigns and their uses, codebooks, codes).

They hold the record's own fields only. Whether a person or a source is visible at all depends on testimonies, and is
asked of the projection rows when somebody reads.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson

from testimonies.access import Tier
from testimonies.projections import records, redaction, shapes
from testimonies.projections.documents import missing, raised, shown_name, source_ref
from testimonies.projections.reading import SOURCE
from testimonies.values.folding import fold


@dataclass(frozen=True, slots=True)
class Shared:
    """What one tier may see of a record: its document without `updated_at`, what filters look at, its default order."""

    document: dict[str, Any]
    facets: dict[str, Any]
    sort_key: str


@dataclass(frozen=True, slots=True)
class Noun:
    """How one kind of record is read (`statement` selects one JSON object a record) and shown (None: above the tier)."""

    table: str
    statement: str
    project: Callable[[dict[str, Any], Tier], Shared | None]


def _person(value: dict[str, Any], tier: Tier) -> Shared | None:
    whole = records.Person(**value["person"])
    if whole.tier > tier:
        return None
    staff = tier == Tier.RESTRICTED
    person = redaction.person(whole, tier)
    names = [name for name in value["names"] if name["tier"] <= tier and redaction.shows_name(name["kind"], tier)]
    document: shapes.Person = {
        "id": person.id,
        "ref": person.ref,
        "updated_at": "",
        "name": shown_name(person),
        "name_kind": person.name_kind,
        "other_names": [
            {"value": name["value"], "kind": name["kind"], "tier": Tier(name["tier"]).label} for name in names
        ],
        "gender": person.gender,
        "nationality": person.nationality,
        "residence_before": person.residence_before,
        "origin_stated": person.origin_stated,
        "disclosure": person.disclosure if staff else "",
        "memberships": value["memberships"] if staff else [],
        "external_ids": value["external_ids"] if staff else [],
        "raised": raised(person.raised),
        "tier": Tier(person.tier).label,
        "missing": missing(
            {"nationality": person.nationality, "residence_before": person.residence_before},
            person.missing,
            staff=staff,
        ),
    }
    facets = {key: document[key] for key in ("ref", "gender", "nationality", "residence_before", "name_kind")}
    return Shared(_without_time(document), {**facets, "tier": document["tier"]}, person.ref)


def _source(value: dict[str, Any], tier: Tier) -> Shared | None:
    source = records.Source(**value["source"])
    if source.tier > tier:
        return None
    document: shapes.Source = {
        "id": source.id,
        "ref": source.ref,
        "updated_at": "",
        "outlet": source.outlet,
        "title": source.title,
        "url": source.url,
        "published": source.published,
        "published_earliest": source.published_earliest,
        "published_latest": source.published_latest,
        "medium": source.medium,
        "reliability": source.reliability,
        "external_ids": value["external_ids"] if tier == Tier.RESTRICTED else [],
        # the record's own word; that a testimony raises it shows in who gets the document at all
        "tier": Tier(value["own_tier"]).label,
    }
    facets = {
        "ref": source.ref,
        "outlet": fold(source.outlet),
        "medium": source.medium,
        "reliability": source.reliability,
    }
    return Shared(
        _without_time(document),
        {**facets, "tier": document["tier"]},
        f"{fold(source.outlet)} {source.published_earliest or ''}",
    )


def _plain(shape: type, value: dict[str, Any], tier: Tier, facets: tuple[str, ...]) -> Shared | None:
    """A record whose document is its own fields, as the statement spells them.

    Its tier there is the record's own word; that something above it raises it (`tier`) shows in who gets the document at all.
    """
    if value["tier"] > tier:
        return None
    document = {key: value[key] for key in shape.__annotations__ if key != "updated_at"}
    document["tier"] = Tier(value.get("own_tier", value["tier"])).label
    if "position" in document and tier < Tier.RESTRICTED:
        document["position"] = None  # a gap would tell of a record between
    return Shared(document, {key: document[key] for key in (*facets, "tier")}, value["sort_key"])


def _group(value: dict[str, Any], tier: Tier) -> Shared | None:
    return _plain(shapes.Group, value, tier, ("slug",))


def _collection(value: dict[str, Any], tier: Tier) -> Shared | None:
    if value["codebook_tier"] > tier:
        value = {**value, "codebook": None}
    return _plain(shapes.Collection, value, tier, ("slug", "is_invented", "listing"))


def _figure(value: dict[str, Any], tier: Tier) -> Shared | None:
    value = {**value, "sources": _sources(value["sources"], tier)}
    return _plain(shapes.Figure, value, tier, ("collection", "slug", "scope", "status", "metric"))


def _sources(items: Iterable[dict[str, Any]], tier: Tier) -> list[dict[str, Any]]:
    """Those of the sources that the tier may see, each with where in it."""
    found = [(records.Source(**item["source"]), item["locator"]) for item in items]
    return [{"source": source_ref(source), "locator": locator} for source, locator in found if source.tier <= tier]


def _campaign(value: dict[str, Any], tier: Tier) -> Shared | None:
    platforms = sorted({fold(channel["platform"]) for channel in value["channels"]})
    value = {**value, "sources": _sources(value["sources"], tier)}
    seen = _plain(shapes.Campaign, value, tier, ("slug", "actor_kind", "languages"))
    return replace(seen, facets={**seen.facets, "platforms": platforms}) if seen else None


def _use(value: dict[str, Any], tier: Tier) -> Shared | None:
    reach = [
        {key: one[key] for key in shapes.ReachEntry.__annotations__}
        | ({} if one["source_tier"] <= tier else {"source_id": None})
        for one in value["reach"]
    ]
    value = {**value, "sources": _sources(value["sources"], tier), "reach": reach}
    return _plain(shapes.UseCore, value, tier, ("campaign", "kind", "purpose", "language"))


def _codebook(value: dict[str, Any], tier: Tier) -> Shared | None:
    return _plain(shapes.Codebook, value, tier, ("slug", "version", "status"))


def _code(value: dict[str, Any], tier: Tier) -> Shared | None:
    if value["parent_tier"] > tier:
        value = {**value, "parent": None}
    if value["dimension_tier"] > tier:
        value = {**value, "dimension": ""}
    return _plain(shapes.Code, value, tier, ("codebook", "version", "slug", "dimension", "parent", "is_assignable"))


def _without_time(document: Any) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "updated_at"}


def _external_ids(noun: str) -> str:
    return (
        "(SELECT coalesce(json_agg(json_build_object('system', e.system, 'value', e.value) ORDER BY e.system, e.value), '[]') "
        f"FROM testimonies_{noun}externalid e WHERE e.{noun}_id = r.id)"
    )


NOUNS: dict[str, Noun] = {
    "person": Noun(
        "testimonies_person",
        f"""
        SELECT r.id, r.version, r.created_by_id, json_build_object(
          'person', json_build_object('id', r.id, 'ref', r.ref, 'tier', r.tier, 'raised', r.raised, 'name', r.name, 'name_kind', r.name_kind,
            'gender', r.gender, 'nationality', r.nationality, 'residence_before', r.residence_before, 'origin_stated', r.origin_stated, 'disclosure', r.disclosure,
            'missing', r.missing),
          'names', (SELECT coalesce(json_agg(json_build_object('value', n.value, 'kind', n.kind, 'tier', n.tier) ORDER BY n.id), '[]')
                    FROM testimonies_personname n WHERE n.person_id = r.id),
          'memberships', (SELECT coalesce(json_agg(json_build_object('group', g.slug, 'membership', m.belonging, 'role_in_group',
                            m.role_in_group, 'joined', m.joined, 'left', m."left") ORDER BY m.joined_earliest, m.id), '[]')
                          FROM testimonies_membership m JOIN testimonies_group g ON g.id = m.group_id WHERE m.person_id = r.id),
          'external_ids', {_external_ids("person")})::text
        FROM testimonies_person r WHERE r.id = ANY (%s)
        """,
        _person,
    ),
    "source": Noun(
        "testimonies_source",
        f"""
        SELECT s.id, s.version, s.created_by_id, json_build_object('source', {SOURCE}, 'own_tier', s.tier,
          'external_ids', {_external_ids("source").replace("r.id", "s.id")})::text
        FROM testimonies_source s WHERE s.id = ANY (%s)
        """,
        _source,
    ),
    "group": Noun(
        "testimonies_group",
        """
        SELECT r.id, r.version, r.created_by_id, json_build_object('id', r.id, 'slug', r.slug, 'name', r.name, 'description', r.description, 'tier', r.tier,
          'sort_key', r.slug)::text
        FROM testimonies_group r WHERE r.id = ANY (%s)
        """,
        _group,
    ),
    "collection": Noun(
        "testimonies_collection",
        """
        SELECT r.id, r.version, r.created_by_id, json_build_object('id', r.id, 'slug', r.slug, 'title', r.title, 'population', r.population, 'scope', r.scope,
          'caveats', r.caveats, 'unavailable', r.unavailable, 'codebook', b.slug || '@' || b.edition, 'codebook_tier', coalesce(b.tier, 0),
          'basis_of_use', r.basis_of_use, 'permitted_uses', r.permitted_uses, 'reviewed_by', r.reviewed_by, 'case_status', r.case_status,
          'listing', r.listing, 'is_invented', r.is_invented, 'tier', r.tier, 'sort_key', r.slug)::text
        FROM testimonies_collection r LEFT JOIN testimonies_codebook b ON b.id = r.codebook_id WHERE r.id = ANY (%s)
        """,
        _collection,
    ),
    "figure": Noun(
        "testimonies_figure",
        f"""
        SELECT r.id, r.version, r.created_by_id, json_build_object('id', r.id, 'collection', c.slug, 'slug', r.slug, 'scope', r.scope, 'statement', r.statement,
          'population', c.population, 'status', r.status, 'derivation', r.derivation, 'metric', r.metric, 'operator', r.operator,
          'value', r.value, 'range_low', r.range_low, 'range_high', r.range_high, 'denominator', r.denominator, 'filter', r.filter,
          'conflicts', r.conflicts, 'note', r.note, 'position', r.position, 'tier', greatest(r.tier, c.tier), 'own_tier', r.tier, 'sort_key', c.slug || to_char(r.position, ' FM00000'),
          'sources', (SELECT coalesce(json_agg(json_build_object('source', {SOURCE}, 'locator', f.locator) ORDER BY f.position, f.id), '[]')
                      FROM testimonies_figuresource f JOIN testimonies_source s ON s.id = f.source_id WHERE f.figure_id = r.id))::text
        FROM testimonies_figure r JOIN testimonies_collection c ON c.id = r.collection_id WHERE r.id = ANY (%s)
        """,
        _figure,
    ),
    "campaign": Noun(
        "testimonies_campaign",
        f"""
        SELECT r.id, r.version, r.created_by_id, json_build_object('id', r.id, 'slug', r.slug, 'title', r.title, 'actor_name', r.actor_name,
          'actor_kind', r.actor_kind, 'description', r.description, 'starts', r.starts, 'starts_earliest', r.starts_earliest,
          'starts_latest', r.starts_latest, 'ends', r.ends, 'ends_earliest', r.ends_earliest, 'ends_latest', r.ends_latest,
          'languages', r.languages, 'tier', r.tier, 'sort_key', r.slug,
          'channels', (SELECT coalesce(json_agg(json_build_object('platform', h.platform, 'handle', h.handle, 'url', h.url) ORDER BY h.position, h.id), '[]')
                       FROM testimonies_channel h WHERE h.campaign_id = r.id),
          'sources', (SELECT coalesce(json_agg(json_build_object('source', {SOURCE}, 'locator', f.locator) ORDER BY f.position, f.id), '[]')
                      FROM testimonies_campaignsource f JOIN testimonies_source s ON s.id = f.source_id WHERE f.campaign_id = r.id))::text
        FROM testimonies_campaign r WHERE r.id = ANY (%s)
        """,
        _campaign,
    ),
    "campaignuse": Noun(
        "testimonies_campaignuse",
        f"""
        SELECT r.id, r.version, r.created_by_id, json_build_object('id', r.id, 'campaign', c.slug, 'kind', r.kind, 'title', r.title, 'url', r.url,
          'description', r.description, 'audience', r.audience, 'language', r.language, 'published', r.published,
          'published_earliest', r.published_earliest, 'published_latest', r.published_latest, 'purpose', r.purpose,
          'tier', greatest(r.tier, c.tier), 'own_tier', r.tier,
          'sort_key', c.slug || ' ' || coalesce(r.published_earliest, '9999-12-31')::text || ' ' || left(r.title, 80),
          'reach', (SELECT coalesce(json_agg(json_build_object('metric', m.metric, 'value', m.value, 'measured_on', m.measured_on, 'note', m.note,
                      'source_id', m.source_id, 'source_tier', CASE WHEN m.source_id IS NULL THEN 0
                        ELSE coalesce((SELECT e.tier FROM projection_source_tier e WHERE e.source_id = m.source_id), 2) END) ORDER BY m.metric), '[]')
                    FROM (SELECT DISTINCT ON (h.metric) h.* FROM testimonies_measurement h WHERE h.use_id = r.id
                          ORDER BY h.metric, h.measured_on DESC, h.created_at DESC, h.id) m),
          'sources', (SELECT coalesce(json_agg(json_build_object('source', {SOURCE}, 'locator', f.locator) ORDER BY f.position, f.id), '[]')
                      FROM testimonies_usesource f JOIN testimonies_source s ON s.id = f.source_id WHERE f.use_id = r.id))::text
        FROM testimonies_campaignuse r JOIN testimonies_campaign c ON c.id = r.campaign_id WHERE r.id = ANY (%s)
        """,
        _use,
    ),
    "codebook": Noun(
        "testimonies_codebook",
        """
        SELECT r.id, r.version, r.created_by_id, json_build_object('id', r.id, 'slug', r.slug, 'version', r.edition, 'title', r.title, 'language', r.language,
          'method', r.method, 'unit_of_coding', r.unit_of_coding, 'hierarchy_rule', r.hierarchy_rule, 'reliability_rule', r.reliability_rule,
          'absence_rule', r.absence_rule, 'status', r.status, 'tier', r.tier, 'sort_key', r.slug || ' ' || r.edition)::text
        FROM testimonies_codebook r WHERE r.id = ANY (%s)
        """,
        _codebook,
    ),
    "code": Noun(
        "testimonies_code",
        """
        SELECT r.id, r.version, r.created_by_id, json_build_object('id', r.id, 'codebook', b.slug, 'version', b.edition, 'slug', r.slug, 'parent', p.slug,
          'parent_tier', coalesce(p.tier, 0), 'dimension', r.dimension, 'dimension_tier', coalesce((SELECT d.tier FROM testimonies_code d WHERE d.codebook_id = r.codebook_id AND d.slug = r.dimension AND d.parent_id IS NULL), 2), 'level', r.level, 'position', r.position,
          'is_assignable', r.is_assignable, 'label', r.label, 'brief_definition', r.brief_definition, 'definition', r.definition,
          'inclusion', r.inclusion, 'exclusion', r.exclusion, 'example', r.example, 'near_miss', r.near_miss,
          'source_section', r.source_section, 'basis', r.basis, 'color', r.color, 'guid', r.guid, 'tier', greatest(r.tier, b.tier), 'own_tier', r.tier,
          'sort_key', b.slug || ' ' || b.edition || to_char(r.position, ' FM00000'))::text
        FROM testimonies_code r JOIN testimonies_codebook b ON b.id = r.codebook_id LEFT JOIN testimonies_code p ON p.id = r.parent_id
        WHERE r.id = ANY (%s)
        """,
        _code,
    ),
}


@dataclass(frozen=True, slots=True)
class Whole:
    """One record as the base tables have it: its key, what staff alone go by, and the values that documents are made of."""

    id: UUID
    version: int
    created_by_id: int | None
    values: dict[str, Any]


def wholes(rows: Iterable[tuple[Any, ...]]) -> Iterator[Whole]:
    """From what a noun's statement selects."""
    for record_id, version, created_by_id, text in rows:
        yield Whole(record_id, version, created_by_id, orjson.loads(text))


def project(noun: str, value: dict[str, Any], tier: Tier) -> Shared | None:
    """What the tier may see of the record; None when it is above the tier. A pure function."""
    return NOUNS[noun].project(value, tier)

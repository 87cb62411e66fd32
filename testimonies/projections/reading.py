"""Reads whole records from the base tables, one statement for any number of them, so that all parts are of one moment."""

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import orjson

from testimonies.projections import records
from testimonies.projections.prepared import fetch

SOURCE = """
  json_build_object('id', s.id, 'ref', s.ref, 'outlet', s.outlet, 'title', s.title, 'url', s.url, 'published', s.published,
    'published_earliest', s.published_earliest, 'published_latest', s.published_latest, 'medium', s.medium, 'reliability', s.reliability,
    'tier', coalesce((SELECT e.tier FROM projection_source_tier e WHERE e.source_id = s.id), 2))
"""
"""With its effective tier; restricted as long as that has not been worked out."""

EFFECTIVE_TIER = """
  greatest(s.tier, (SELECT max(greatest(t.tier, p.tier))
                    FROM (SELECT testimony_id FROM testimonies_citation WHERE source_id = s.id
                          UNION SELECT testimony_id FROM testimonies_claim WHERE source_id = s.id) c
                    JOIN testimonies_testimony t ON t.id = c.testimony_id JOIN testimonies_person p ON p.id = t.person_id))
"""
"""The highest tier of a source and of all testimonies that cite it or quote its claims: it leads to their names."""


def _list(selected: str, source: str, order: str) -> str:
    return f"(SELECT coalesce(json_agg({selected} ORDER BY {order}), '[]') FROM {source})"


BEING_CODED = "SELECT FROM testimonies_assignment a WHERE a.testimony_id = t.id AND a.state <> 'submitted'"
"""Of a testimony `t`: whether an assignment is open. Its codebook's consensus codes are withheld from everybody (docs/adr/0025)."""

TESTIMONIES = f"""
SELECT json_build_object(
  'id', t.id, 'ref', t.ref, 'tier', t.tier, 'raised', t.raised, 'status', t.status, 'version', t.version, 'created_by', t.created_by_id,
  'title', t.title, 'summary', t.summary, 'summary_language', t.summary_language, 'notes_internal', t.notes_internal, 'kind', t.kind,
  'speaking_conditions', t.speaking_conditions, 'account_language', t.account_language, 'given', t.given,
  'given_earliest', t.given_earliest, 'given_latest', t.given_latest, 'given_country', t.given_country, 'age_from', t.age_from,
  'age_to', t.age_to, 'credibility', t.credibility, 'content_warnings', t.content_warnings, 'coding_status',
  CASE WHEN EXISTS ({BEING_CODED}) THEN 'not_coded' ELSE t.coding_status END,
  'embargo_until', t.embargo_until, 'missing', t.missing,
  'person', json_build_object('id', p.id, 'ref', p.ref, 'tier', p.tier, 'raised', p.raised, 'name', p.name, 'name_kind', p.name_kind,
    'gender', p.gender, 'nationality', p.nationality, 'residence_before', p.residence_before, 'origin_stated', p.origin_stated, 'disclosure', p.disclosure,
    'missing', p.missing),
  'membership', CASE WHEN m.id IS NOT NULL THEN json_build_object('tier', m.tier, 'group', g.slug, 'group_tier', g.tier,
    'belonging', m.belonging, 'role_in_group', m.role_in_group, 'joined', m.joined, 'joined_earliest', m.joined_earliest,
    'joined_latest', m.joined_latest, 'left', m."left", 'left_earliest', m.left_earliest, 'left_latest', m.left_latest) END,
  'external_ids', {
    _list(
        "json_build_object('system', e.system, 'value', e.value)",
        "testimonies_testimonyexternalid e WHERE e.testimony_id = t.id",
        "e.system, e.value",
    )
},
  'citations', {
    _list(
        "json_build_object('id', c.id, 'tier', c.tier, 'relation', c.relation, 'locator', c.locator, 'position', c.position, 'source', "
        + SOURCE
        + ", 'evidence', "
        + _list(
            "json_build_object('field', e.field, 'basis', e.basis)",
            "testimonies_evidence e WHERE e.citation_id = c.id",
            "e.field",
        )
        + ")",
        "testimonies_citation c JOIN testimonies_source s ON s.id = c.source_id WHERE c.testimony_id = t.id",
        "c.position, c.id",
    )
},
  'codes', {
    _list(
        "json_build_object('id', c.id, 'codebook', b.slug, 'edition', b.edition, 'dimension', c.dimension, 'slug', c.slug, 'dimension_tier', coalesce((SELECT d.tier FROM testimonies_code d WHERE d.codebook_id = c.codebook_id AND d.slug = c.dimension AND d.parent_id IS NULL), 2), "
        "'position', c.position, 'tier', greatest(c.tier, b.tier))",
        "testimonies_consensuscode cc JOIN testimonies_code c ON c.id = cc.code_id JOIN testimonies_codebook b ON b.id = c.codebook_id "
        f"WHERE cc.testimony_id = t.id AND NOT EXISTS ({BEING_CODED} AND a.codebook_id = c.codebook_id)",
        "b.slug, b.edition, c.position, c.slug",
    )
},
  'claims', {
    _list(
        "json_build_object('id', c.id, 'tier', c.tier, 'field', c.field, 'value', c.value, 'is_preferred', c.is_preferred, "
        "'position', c.position, 'note', c.note, 'source', CASE WHEN s.id IS NOT NULL THEN " + SOURCE + " END)",
        "testimonies_claim c LEFT JOIN testimonies_source s ON s.id = c.source_id WHERE c.testimony_id = t.id",
        "c.position, c.id",
    )
},
  'texts', {
    _list(
        "json_build_object('id', x.id, 'tier', x.tier, 'language', x.language, 'kind', x.kind, 'translation_of', x.translation_of_id, "
        "'body', x.body, 'position', x.position)",
        "testimonies_text x WHERE x.testimony_id = t.id",
        "x.position, x.id",
    )
},
  'clearances', {
    _list(
        "json_build_object('uses', c.uses, 'starts_at', c.starts_at, 'ends_at', c.ends_at, 'withdrawn_at', c.withdrawn_at)",
        "testimonies_clearance c WHERE c.testimony_id = t.id",
        "c.starts_at, c.id",
    )
},
  'collections', {
    _list(
        "json_build_object('slug', c.slug, 'caveats', c.caveats, 'is_closed', c.listing = 'closed', 'tier', c.tier)",
        "testimonies_collectionitem i JOIN testimonies_collection c ON c.id = i.collection_id WHERE i.testimony_id = t.id",
        "c.slug",
    )
},
  'cases', {
    _list(
        "json_build_object('collection', c.slug, 'is_case', i.is_case, 'tier', c.tier)",
        "testimonies_caselink i JOIN testimonies_collection c ON c.id = i.collection_id WHERE i.testimony_id = t.id",
        "c.slug",
    )
}
)::text
FROM testimonies_testimony t
JOIN testimonies_person p ON p.id = t.person_id
LEFT JOIN testimonies_membership m ON m.id = t.membership_id
LEFT JOIN testimonies_group g ON g.id = m.group_id
WHERE t.id = ANY (%s)
ORDER BY t.id
"""


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _source(value: dict[str, Any] | None) -> records.Source | None:
    return records.Source(**value) if value else None


def _citation(value: dict[str, Any]) -> records.Citation:
    evidence = tuple(records.Evidence(**item) for item in value.pop("evidence"))
    return records.Citation(**{**value, "source": _source(value["source"]), "evidence": evidence})


def _clearance(value: dict[str, Any]) -> records.Clearance:
    starts_at = dt.datetime.fromisoformat(value["starts_at"])
    return records.Clearance(tuple(value["uses"]), starts_at, _moment(value["ends_at"]), _moment(value["withdrawn_at"]))


def testimony(value: dict[str, Any]) -> records.Testimony:
    """A record from the object that the statement above builds."""
    return records.Testimony(
        **{
            **value,
            "person": records.Person(**value["person"]),
            "membership": records.Membership(**value["membership"]) if value["membership"] else None,
            "embargo_until": _moment(value["embargo_until"]),
            "content_warnings": tuple(value["content_warnings"]),
            "external_ids": tuple(records.ExternalId(**item) for item in value["external_ids"]),
            "citations": tuple(_citation(item) for item in value["citations"]),
            "codes": tuple(records.Code(**item) for item in value["codes"]),
            "claims": tuple(records.Claim(**{**item, "source": _source(item["source"])}) for item in value["claims"]),
            "texts": tuple(records.Text(**item) for item in value["texts"]),
            "clearances": tuple(_clearance(item) for item in value["clearances"]),
            "collections": tuple(
                records.Collection(**{**item, "caveats": tuple(item["caveats"])}) for item in value["collections"]
            ),
            "cases": tuple(records.Case(**item) for item in value["cases"]),
        }
    )


def testimonies(ids: Collection[UUID]) -> Iterator[records.Testimony]:
    return map(testimony, map(orjson.loads, written(ids)))


def written(ids: Collection[UUID]) -> list[str]:
    """The objects of which records are made, as PostgreSQL writes them: what `testimonies` reads, without a record yet."""
    return [text for (text,) in fetch(TESTIMONIES, [list(ids)])]

"""Whose work a testimony is, by its history: nobody publishes what they changed themselves."""

import json

from django.db import models as django_models

from testimonies import models
from testimonies.selectors.history import PARTS, literal, table
from testimonies.selectors.past import one

_STEPS = ("status", "published_at", "version", "changed_at")
"""What the workflow's own steps change."""


def has_changed(testimony: models.Testimony, user_id: int) -> bool:
    """Whether the account has changed what the testimony's document shows since it was last published, or else since it was made.

    Rows of its own, its membership, its person with their names, and the sources that it cites. Steps of the workflow change
    where it stands, not what it says.
    """
    me = literal(testimony.pk)
    since = (
        f"SELECT coalesce(min(pgh_created_at) FILTER (WHERE published_at = %(published_at)s), min(pgh_created_at)) "
        f"FROM {table(models.Testimony)} WHERE pgh_obj_id = {me}"
    )
    cited = f"SELECT source_id FROM testimonies_citation WHERE testimony_id = {me} UNION SELECT source_id FROM testimonies_claim WHERE testimony_id = {me}"
    conditions: dict[type[django_models.Model], str] = {
        **{model: text.format(id=me) for model, text in PARTS["testimony"].items()},
        models.Person: f"pgh_obj_id = {literal(testimony.person_id)}",
        models.PersonName: f"person_id = {literal(testimony.person_id)}",
        models.Source: f"pgh_obj_id IN ({cited})",
    }
    asked = [
        f"EXISTS (SELECT FROM {table(model)} e WHERE {condition} AND pgh_context @> %(by)s::jsonb AND pgh_created_at >= since.moment{_is_content(model)})"
        for model, condition in conditions.items()
    ]
    parameters = {"by": json.dumps({"user": user_id}), "published_at": testimony.published_at}
    found = one(f"SELECT {' OR '.join(asked)} FROM ({since}) AS since (moment)", parameters)
    return bool(found and found[0])


def _is_content(model: type[django_models.Model]) -> str:
    if model is not models.Testimony:
        return ""
    columns = [field.column for field in model._meta.concrete_fields if field.name not in _STEPS]
    mine, theirs = (", ".join(f'{alias}."{column}"' for column in columns) for alias in ("e", "b"))
    before = f"SELECT ROW({theirs}) FROM {table(model)} b WHERE b.pgh_obj_id = e.pgh_obj_id AND b.pgh_id < e.pgh_id ORDER BY b.pgh_id DESC LIMIT 1"
    return f" AND (ROW({mine}) IS DISTINCT FROM ({before}))"

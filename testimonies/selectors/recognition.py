"""Whether publishing would show somebody who can be recognised: too few others look like them (docs/adr/0016)."""

from uuid import UUID

from testimonies.access import Tier
from testimonies.models.persons import Gender
from testimonies.models.projections import ROWS
from testimonies.projections import reading, redaction
from testimonies.selectors.sql import Sql, both, fetch

LEAST = 3
"""So many published persons share what is shown of them, the one in question included."""


def is_recognisable(testimony_id: UUID) -> bool:
    """Counts published persons who agree in all that would be shown of gender, origin and age band, or show a narrower one.

    Of what is not shown anybody may agree; where nothing of it is shown, or the testimony is for staff, nobody is looked for.
    """
    (record,) = reading.testimonies([testimony_id])
    shown = next(filter(None, (redaction.testimony(record, tier) for tier in (Tier.PARTNER, Tier.PUBLIC))), None)
    if shown is None:
        return False
    person = shown.person
    conditions = {
        "gender = %s": None if person.gender == Gender.NOT_KNOWN else person.gender,
        "coalesce(nationality, residence_before) = %s": person.nationality or person.residence_before,
        "(item::jsonb ->> 'age_from')::int >= %s": shown.age_from,
        "(item::jsonb ->> 'age_to')::int <= %s": shown.age_to,
    }
    known = [Sql(text, (value,)) for text, value in conditions.items() if value is not None]
    if not known:
        return False
    condition = both([*known, Sql("person_id <> %s", (UUID(person.id),))])
    table = ROWS[Tier.PARTNER]._meta.db_table
    found = fetch(
        Sql(
            f"SELECT count(*) FROM (SELECT DISTINCT person_id FROM {table} WHERE {condition.text} LIMIT {LEAST - 1}) others",
            condition.parameters,
        )
    )
    return int(found[0][0]) < LEAST - 1

"""How the rows and texts of testimonies lie in PostgreSQL: writes what changed, keeps what did not (shared_storage.py: the rest)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from uuid import UUID

from django.conf import settings
from django.db import connection
from psycopg.types.range import TimestamptzRange

from testimonies.access import Tier
from testimonies.models.projections import ROWS, TextDocument
from testimonies.models.testimonies import Status
from testimonies.projections import documents, frozen, records, redaction, shared_storage
from testimonies.projections.documents import NO_SNIPPETS, Row, stamped_text
from testimonies.projections.prepared import fetch_all, insert
from testimonies.projections.shapes import SHAPE
from testimonies.projections.shared_storage import Moments, Stored, columns_of, quoted
from testimonies.values.folding import searchable
from testimonies.values.languages import search_config

WORDS = ("configuration", "title_words", "summary_words")
VECTOR = (
    "setweight(to_tsvector(configuration::regconfig, title_words), 'A') || "
    "setweight(to_tsvector(configuration::regconfig, summary_words), 'B')"
)
TEXT_WORDS = ("configuration", "body_words")
TEXT_VECTOR = "to_tsvector(configuration::regconfig, body_words)"
"""Of the words of a row, or of a text."""
ALWAYS, NEVER = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)

Rows = dict[Tier, dict[UUID, list[Stored]]]
"""Tier -> testimony -> its rows, in the order in which they hold."""


def configurations() -> tuple[str, ...]:
    """The text search configurations in use, of migration 0003 and `simple`: by these a query's words are stemmed.

    Fixed by a setting, not by the languages of the texts: a hidden text must change no answer.
    """
    return _configurations(tuple(settings.SEARCH_LANGUAGES))


@cache
def _configurations(languages: tuple[str, ...]) -> tuple[str, ...]:
    stemmers = dict.fromkeys(map(search_config, languages))
    return ("simple", *(f"keep_{name}" for name in stemmers if name != "simple"))


def configuration(language: str) -> str:
    """That of a text; `simple` where PostgreSQL has no stemmer, or none that queries use: nobody would find its stems."""
    name = f"keep_{search_config(language)}"
    return name if name in configurations() else "simple"


def moment_of(row: Row, old: Iterable[Stored], now: dt.datetime) -> dt.datetime:
    """When the tier's bytes last changed: never in the past of what it saw before, never before the row begins to hold."""
    holds = (not row.starts_at or row.starts_at <= now) and (not row.ends_at or now < row.ends_at)

    def is_the_same(stored: Stored) -> bool:
        # what comes back after a gap is new; a row that is hidden for a rebuild (it holds at no time) is not
        was_seen = stored["during"].isempty or now in stored["during"] or not holds
        return stored["digest"] == row.digest and stored["updated_at"] <= now and was_seen

    kept = [stored["updated_at"] for stored in old if is_the_same(stored)]
    moment = max(kept, default=now)
    return max(moment, row.starts_at) if row.starts_at and row.starts_at > now else moment


_uuid = lru_cache(maxsize=4096)(UUID)
"""Codes and sources come again and again."""


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def stored_row(testimony_id: UUID, row: Row, moment: dt.datetime) -> Stored:
    """The row as its table keeps it, without number and vector."""
    values = {
        "testimony_id": testimony_id,
        "during": TimestamptzRange(row.starts_at, row.ends_at, "[)"),
        "uses": list(row.uses),
        "shape": SHAPE,
        "digest": row.digest,
        "updated_at": moment,
        "item": stamped_text(row.item, row.written[0], moment)[:-1] + NO_SNIPPETS,
        "extra": row.written[1][1:-1],
        **row.facets,
    }
    for name in ("given", "joined", "left"):
        values[f"{name}_earliest"], values[f"{name}_latest"] = (
            _day(values[f"{name}_earliest"]),
            _day(values[f"{name}_latest"]),
        )
    values["person_id"] = UUID(values["person_id"])
    values["codes"] = [_uuid(code) for code in values["codes"]]
    return values


def words_of(row: Row) -> dict[str, str]:
    """Of what the row's vector is made."""
    title, summary = row.facets["names"], _searchable(row.words[1])
    return {"configuration": configuration(row.language), "title_words": title, "summary_words": summary}


_searchable = lru_cache(maxsize=64)(searchable)
"""A summary is mostly the same at all tiers."""


def words_of_text(text: records.Text) -> dict[str, str]:
    return {"configuration": configuration(text.language), "body_words": searchable(text.body)}


_COLUMNS, _TEXT_COLUMNS = columns_of(ROWS[Tier.PUBLIC]), columns_of(TextDocument)
_REMEMBERED = ["testimony_id", "during", "digest", "updated_at", "person_id", "sources"]
"""What rows that are written anew take over: when their tier's bytes last changed, and since when it sees whom."""


def _rows_of(columns: Sequence[str]) -> str:
    return " UNION ALL ".join(
        f"SELECT {int(tier)}, id, {quoted(columns)} FROM {model._meta.db_table} WHERE testimony_id = ANY (%s)"
        for tier, model in ROWS.items()
    )


def _texts_of(columns: Sequence[str]) -> str:
    return f"SELECT {quoted(columns)} FROM projection_text WHERE testimony_id = ANY (%s)"


def stored_of(ids: Iterable[UUID], *, whole: bool = True) -> tuple[Rows, dict[UUID, Stored]]:
    """All rows of these testimonies, and their texts by id; if not `whole`, what is remembered of them."""
    found: Rows = {tier: defaultdict(list) for tier in Tier}
    if not (ids := list(ids)):
        return found, {}
    columns, text_columns = (_COLUMNS, _TEXT_COLUMNS) if whole else (_REMEMBERED, _TEXT_COLUMNS[:1])
    rows, texts = fetch_all((_rows_of(columns), [ids] * len(ROWS)), (_texts_of(text_columns), [ids]))
    for tier, *values in rows:
        row = dict(zip(["id", *columns], values, strict=True))
        found[Tier(tier)][row["testimony_id"]].append(row)
    for of_tier in found.values():
        for stored in of_tier.values():
            stored.sort(key=lambda row: row["during"].lower or ALWAYS)
    return found, {values[0]: dict(zip(text_columns, values, strict=True)) for values in texts}


Plan = dict[Tier, dict[UUID, list[tuple[Stored, Row]]]]
"""Tier -> testimony -> its rows, as they are to be stored, and as they were made."""


def is_over(tier: Tier, ends_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether nobody will read the row any more, as no request's clock goes back so far.

    Only of the restricted tier, which has rows of all times: below it, rows that are over tell since when others are seen.
    """
    return tier == Tier.RESTRICTED and ends_at is not None and ends_at <= now - PAST


PAST = dt.timedelta(days=1)


def planned(found: dict[UUID, records.Testimony | None], old: Rows, now: dt.datetime) -> Plan:
    plan: Plan = {tier: {} for tier in Tier}
    for testimony_id, record in found.items():
        projected = documents.projected(record) if record else {}
        for tier in Tier:
            rows = [row for row in projected.get(tier, []) if not is_over(tier, row.ends_at, now)]
            plan[tier][testimony_id] = [
                (stored_row(testimony_id, row, moment_of(row, old[tier][testimony_id], now)), row) for row in rows
            ]
    return plan


def store(
    found: dict[UUID, records.Testimony | None],
    old: Rows,
    texts: dict[UUID, Stored],
    plan: Plan,
    now: dt.datetime,
    *,
    anew: bool = False,
) -> None:
    """Make the rows of these testimonies true; None stands for a testimony that is no more.

    Rows that are true already stay, unless they are to be written `anew`, whatever they say.
    """
    _store(found, old, plan, now, anew=anew)
    _store_texts(found, texts, anew=anew)


def change(
    found: dict[UUID, records.Testimony | None],
    old: Rows,
    plan: Plan,
    texts: dict[UUID, Stored],
) -> frozen.Change:
    """How what is shown of them changes, of those that were published and stay so."""
    changes = [frozen.Change.NONE]
    for testimony_id, record in found.items():
        was_published = any(row["status"] == Status.PUBLISHED for row in old[Tier.RESTRICTED][testimony_id])
        if record is None or record.status != Status.PUBLISHED or not was_published:
            continue
        before = {tier: old[tier][testimony_id] for tier in Tier}
        after = {tier: [values for values, _ in plan[tier][testimony_id]] for tier in Tier}
        texts_before = [text for text in texts.values() if text["testimony_id"] == testimony_id]
        texts_after = [stored_text(testimony_id, text) for text in redaction.texts(record.texts)]
        changes.append(frozen.of_testimony(before, after, texts_before, texts_after))
    return max(changes)


def _store(
    found: dict[UUID, records.Testimony | None],
    known_rows: Rows,
    plan: Plan,
    now: dt.datetime,
    *,
    anew: bool,
) -> None:
    shown: dict[str, Moments] = {"person": {}, "source": {}}
    known: dict[str, Moments] = {"person": {}, "source": {}}
    for tier in Tier:
        table, old, gone, new = ROWS[tier]._meta.db_table, known_rows[tier], [], []
        for testimony_id in found:
            before, after = old[testimony_id], plan[tier][testimony_id]
            for stored in before:
                _note(known, tier, stored, stored["during"].lower or ALWAYS)
            if anew or [values for values, _ in after] != [{key: stored[key] for key in _COLUMNS} for stored in before]:
                gone += [stored["id"] for stored in before]
                new += [{**values, **words_of(row)} for values, row in after]
                for values, _ in after:
                    _note(shown, tier, values, values["updated_at"])
        if gone:
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table} WHERE id = ANY (%s)", [gone])
        insert(ROWS[tier], _COLUMNS, new, words=WORDS, vector=VECTOR)
    for noun, moments in shown.items():
        first = {key: moment for key, moment in moments.items() if moment < known[noun].get(key, NEVER)}
        shared_storage.show_since(noun, first, found, now)


def _shown_by(row: Stored) -> Iterator[tuple[str, UUID]]:
    """The person and the sources that a row shows. Of a source's keys every other one is its reference."""
    yield "person", row["person_id"]
    yield from (("source", _uuid(key)) for key in row["sources"][::2])


def _note(moments: dict[str, Moments], tier: Tier, row: Stored, moment: dt.datetime) -> None:
    """A row shows its person and sources to the tier from this moment on. Staff see them in any case."""
    if tier < Tier.RESTRICTED:
        for noun, record_id in _shown_by(row):
            key = (record_id, int(tier))
            moments[noun][key] = min(moment, moments[noun].get(key, moment))


def stored_text(testimony_id: UUID, text: records.Text) -> Stored:
    document, digest = documents.written_text(text)
    return {
        "text_id": UUID(text.id),
        "testimony_id": testimony_id,
        "tier": text.tier,
        "position": text.position,
        "digest": digest,
        "document": document,
    }


def _store_texts(found: dict[UUID, records.Testimony | None], old: dict[UUID, Stored], *, anew: bool) -> None:
    new = {
        UUID(text.id): (stored_text(testimony_id, text), text)
        for testimony_id, record in found.items()
        for text in (redaction.texts(record.texts) if record else ())
    }
    changed = [(values, text) for text_id, (values, text) in new.items() if anew or old.get(text_id) != values]
    gone = [text_id for text_id in old if text_id not in new] + [values["text_id"] for values, _ in changed]
    if gone:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM projection_text WHERE text_id = ANY (%s)", [gone])
    rows = [{**values, **words_of_text(text)} for values, text in changed]
    insert(TextDocument, _TEXT_COLUMNS, rows, words=TEXT_WORDS, vector=TEXT_VECTOR)

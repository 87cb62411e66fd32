"""Quotes of a folder, of records of its collections. A command loads them as approved; a load at the desk, which is one person's, none."""

from collections.abc import Iterable
from dataclasses import dataclass

from testimonies.access import Tier
from testimonies.analysis import anchoring
from testimonies.models import Quote, TestimonyExternalId, Text
from testimonies.models.quotes import QuoteStatus
from testimonies.services.codings import put
from testimonies.services.loading.checks import Fields
from testimonies.services.loading.files import Folder
from testimonies.services.loading.rows import Changes
from testimonies.services.records import clock
from testimonies.services.records import store as store_row

QUOTES = "quotes.json"


@dataclass(frozen=True, slots=True)
class QuoteEntry:
    """Words that stand once in the texts of the record."""

    collection: str
    record_key: str
    words: str
    note: str


def read(folder: Folder) -> list[QuoteEntry]:
    return [_entry(item) for item in folder.listing(QUOTES)] if folder.has(QUOTES) else []


def _entry(fields: Fields) -> QuoteEntry:
    entry = QuoteEntry(
        collection=fields.slug("collection"),
        record_key=fields.text("record_key", longest=200),
        words=fields.text("quote"),
        note=fields.text("note", required=False),
    )
    fields.done()
    return entry


def store(entries: Iterable[QuoteEntry]) -> Changes:
    """What is quoted already stays as people keep it; words that do not stand once in the texts are left out."""
    changes = Changes()
    for entry in entries:
        named = TestimonyExternalId.objects.filter(system=entry.collection, value=entry.record_key)
        texts = Text.objects.filter(testimony__in=named.values("testimony"), body__contains=entry.words)
        found = [text for text in texts if text.body.count(entry.words) == 1]
        if len(found) != 1:
            changes.rejected += 1
        elif Quote.objects.filter(testimony=found[0].testimony_id, quote=entry.words).exists():
            changes.unchanged += 1
        else:
            (text,) = found
            start = text.body.index(entry.words)
            quote = Quote(
                testimony_id=text.testimony_id,
                text=text,
                note=entry.note,
                status=QuoteStatus.APPROVED,
                decided_at=clock(),
                tier=Tier.PUBLIC,
            )
            put(quote, anchoring.passage(text.body, start, start + len(entry.words)))
            store_row(quote)
            changes.created += 1
    return changes

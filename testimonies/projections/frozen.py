"""What a change does to what is shown below restricted: nothing, less, or something else (docs/adr/0016).

It is read off the rows themselves, as they were and as they are to be, so that no field can be forgotten: what shows is
compared, not what was written. Pure functions.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from testimonies.access import Tier

NOTHING = (None, "", "unnamed", "none", "not_known", "not_graded", "not_coded", "und")
"""What stands where nothing is said."""
SPANS = (
    ("given", "given_earliest", "given_latest"),
    ("joined", "joined_earliest", "joined_latest"),
    ("left", "left_earliest", "left_latest"),
    ("published", "published_earliest", "published_latest"),
    ("age_from", "age_to"),
)
"""Keys that say one thing; the last two are its ends. Wider ends say less."""
DERIVED = frozenset({"missing", "updated_at"})
"""Follows from other keys, which are compared."""
EVER = (dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC))
_TIERS = {tier.label: int(tier) for tier in Tier}

Document = Mapping[str, Any]
Stored = Mapping[str, Any]


class Change(IntEnum):
    """What shows below restricted after a change, beside what showed before it."""

    NONE = 0
    LESS = 1
    OTHER = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """What one tier is shown of one testimony during some time; `words` tells what a search finds."""

    start: dt.datetime
    end: dt.datetime
    uses: frozenset[str]
    document: Document
    is_listed: bool
    words: str

    def is_within(self, old: "Shown") -> bool:
        """Whether it says nothing that `old` did not say."""
        return (
            self.uses <= old.uses
            and self.is_listed <= old.is_listed
            and says_no_more(self.document, old.document)
            and (self.words == old.words or self.document != old.document)
        )


def shown(row: Stored, texts: Iterable[Stored]) -> Shown:
    """From a projection row and the texts that its tier sees."""
    during = row["during"]
    # a row that waits to be rebuilt holds at no time: it is taken for what it showed
    start, end = EVER if during.isempty else (during.lower or EVER[0], during.upper or EVER[1])
    bodies = [
        json.loads(text["document"]) for text in sorted(texts, key=lambda text: (text["position"], text["text_id"]))
    ]
    document = {**json.loads(row["item"]), **json.loads(f"{{{row['extra']}}}"), "texts": bodies}
    return Shown(start, end, frozenset(row["uses"]), document, row["is_listed"], row["words"])


def of_testimony(
    before: Mapping[Tier, Sequence[Stored]],
    after: Mapping[Tier, Sequence[Stored]],
    texts_before: Iterable[Stored],
    texts_after: Iterable[Stored],
) -> Change:
    """At each tier below restricted, what showed beside what will show."""
    changes = []
    for tier in (Tier.PUBLIC, Tier.PARTNER):
        waits = any(row["during"].isempty for row in before[tier])  # to be rebuilt: its texts are not there to compare
        was = _shown_to(tier, before[tier], texts_after if waits else texts_before)
        changes.append(change(was, _shown_to(tier, after[tier], texts_after)))
    return max(changes)


def _shown_to(tier: Tier, rows: Iterable[Stored], texts: Iterable[Stored]) -> list[Shown]:
    seen = [text for text in texts if text["tier"] <= tier]
    return [shown(row, seen) for row in rows]


def change(before: Sequence[Shown], after: Sequence[Shown]) -> Change:
    """Of one testimony at one tier."""
    if not all(_is_covered(row, before) for row in after):
        return Change.OTHER
    return Change.NONE if all(_is_covered(row, after) for row in before) else Change.LESS


def _is_covered(new: Shown, before: Sequence[Shown]) -> bool:
    """Whether at every moment of the row something showed that said all that it says."""
    reached = new.start
    for old in sorted(before, key=lambda row: row.start):
        if old.end <= reached or new.end <= old.start:
            continue
        if old.start > reached or not new.is_within(old):
            return False
        reached = old.end
    return reached >= new.end


def says_no_more(new: Any, old: Any, key: str = "") -> bool:
    """Whether a value of a document is the old one, or is emptied, coarser, or has fewer entries in the same order."""
    if isinstance(new, dict) and isinstance(old, dict):
        return _document_says_no_more(new, old)
    if isinstance(new, list) and isinstance(old, list):
        rest = iter(old)
        return all(any(says_no_more(one, other) for other in rest) for one in new)
    if key == "tier":
        return _TIERS[new] >= _TIERS[old]
    return new == old or new in NOTHING


def _document_says_no_more(new: Document, old: Document) -> bool:
    wider = {name for names in SPANS if _is_wider(new, old, *names[-2:]) for name in names}
    return all(
        name in wider or name in DERIVED or says_no_more(value, old.get(name), name) for name, value in new.items()
    )


def _is_wider(new: Document, old: Document, earliest: str, latest: str) -> bool:
    """Reaches as far on both sides, and further on one. An open side reaches furthest."""
    now, then = (new.get(earliest), new.get(latest)), (old.get(earliest), old.get(latest))
    starts_no_later = now[0] is None or (then[0] is not None and now[0] <= then[0])
    ends_no_sooner = now[1] is None or (then[1] is not None and now[1] >= then[1])
    return now != then and starts_no_later and ends_no_sooner

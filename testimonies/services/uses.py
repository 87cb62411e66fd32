"""Acts on uses: what a campaign uses of testimonies. Refused where no clearance permits it (docs/adr/0034)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from testimonies import projections
from testimonies.access import Actor, Capability, Use
from testimonies.errors import Invalid, NotCleared
from testimonies.models import Campaign, CampaignUse, Clearance, Quote, Testimony, UsedTestimony, UseSource
from testimonies.models.quotes import HOLDS, QuoteStatus
from testimonies.models.testimonies import Status
from testimonies.services import records
from testimonies.services.acts import act
from testimonies.services.campaigns import named, set_sources

FIELDS = frozenset(["kind", "title", "url", "description", "audience", "language", "published", "purpose", "tier"])
"""What an act may set, beside `campaign` (a slug) and the whole lists `sources` ({source_id, locator}) and `testimonies`
({testimony_id, quote_id})."""
Link = tuple[UUID, UUID | None]
"""A testimony that is used, and the quote by which."""


@act(Capability.CURATE)
def create(*, by: Actor, **values: Any) -> CampaignUse:
    """Errors: Invalid; NotCleared."""
    projections.lock(campaignuse=[], linked=_linked(values))
    return _store(CampaignUse(created_by_id=by.user_id), values, by=by)


@act(Capability.CURATE)
def change(use_id: UUID, *, by: Actor, version: int | None, **values: Any) -> CampaignUse:
    """What was used before stays, whatever became of its clearances, unless purpose or day change. Errors: NotFound,
    Overtaken, Invalid; NotCleared.
    """
    projections.lock(campaignuse=[use_id], linked=_linked(values, use_id))
    return _store(records.at_version(records.find(CampaignUse, use_id, by=by), version), values, by=by)


@act(Capability.CURATE)
def remove(use_id: UUID, *, by: Actor, version: int | None) -> None:
    """With its measurements of reach. Errors: NotFound, Overtaken."""
    projections.lock(campaignuse=[use_id])
    records.delete(records.at_version(records.find(CampaignUse, use_id, by=by), version), by=by)


def _linked(values: dict[str, Any], use_id: UUID | None = None) -> dict[str, Iterable[UUID]]:
    used = UsedTestimony.objects.filter(use=use_id).values_list("testimony_id", flat=True) if use_id else ()
    return {
        "campaign": Campaign.objects.filter(slug=values.get("campaign", "")).values_list("pk", flat=True),
        "source": named(values),
        # whoever withdraws one, or ends its clearance, waits until this is done, or is seen
        "testimony": {*used, *(one["testimony_id"] for one in values.get("testimonies") or ())},
    }


def _store(use: CampaignUse, values: dict[str, Any], *, by: Actor) -> CampaignUse:
    sources, testimonies = values.pop("sources", None), values.pop("testimonies", None)
    is_new = use._state.adding  # noqa: SLF001 - Django's own word for it
    if "campaign" in values:
        use.campaign = records.by_slug(Campaign, values.pop("campaign"), "campaign", by=by)
    before = (use.purpose, use.published)
    records.put(use, values, FIELDS)
    records.store(use)
    kept: set[Link] = set() if is_new else {*use.used_testimonies.values_list("testimony_id", "quote_id")}
    wanted = _wanted(testimonies, by=by) if testimonies is not None else list(kept)
    anew = wanted if (use.purpose, use.published) != before else [link for link in wanted if link not in kept]
    _check_cleared(use, anew)
    if testimonies is not None:
        _set_testimonies(use, kept, wanted)
    if sources is not None:
        set_sources(UseSource, "use", use, sources, by=by)
    return use if is_new or (sources is None and testimonies is None) else records.touched(use)


def _wanted(testimonies: Sequence[dict[str, Any]], *, by: Actor) -> list[Link]:
    """Each once, as far as the actor may see it. Errors: Invalid."""
    found: list[Link] = []
    for number, one in enumerate(testimonies):
        testimony = records.related(Testimony, one["testimony_id"], f"testimonies/{number}/testimony_id", by=by)
        quote_id = one.get("quote_id")
        if quote_id is not None and not Quote.objects.filter(pk=quote_id, testimony=testimony).exists():
            raise Invalid((f"/testimonies/{number}/quote_id", "unknown", "Name a quote of this testimony."))
        if (testimony.pk, quote_id) in found:
            raise Invalid((f"/testimonies/{number}", "repeated", "Name each testimony, with each quote, once."))
        found.append((testimony.pk, quote_id))
    return found


def _set_testimonies(use: CampaignUse, kept: set[Link], wanted: list[Link]) -> None:
    for testimony_id, quote_id in kept - set(wanted):
        use.used_testimonies.filter(testimony=testimony_id, quote=quote_id).delete()
    for testimony_id, quote_id in wanted:
        if (testimony_id, quote_id) not in kept:
            records.store(UsedTestimony(use=use, testimony_id=testimony_id, quote_id=quote_id), pointer="/testimonies")


# --- Whether it may be used ---------------------------------------------------------------------------------------------


def _check_cleared(use: CampaignUse, links: Sequence[Link]) -> None:
    """Errors: NotCleared, by all that the use may not use."""
    day = _day(use, records.clock())
    wanted = {testimony_id: {use.purpose} for testimony_id, _ in links}
    for testimony_id, quote_id in links:
        if quote_id is not None:
            wanted[testimony_id] |= {Use.QUOTE.value}
    permitted = {
        (pk, purpose)
        for purpose in {purpose for purposes in wanted.values() for purpose in purposes}
        for pk in _usable(wanted, purpose, day).values_list("pk", flat=True)
    }
    quotes = {quote_id for _, quote_id in links if quote_id is not None}
    ready = Quote.objects.filter(pk__in=quotes, status=QuoteStatus.APPROVED, anchor__in=HOLDS)
    if ready.count() < len(quotes) or any(
        (testimony_id, purpose) not in permitted for testimony_id, purposes in wanted.items() for purpose in purposes
    ):
        raise NotCleared


Days = tuple[dt.datetime, dt.datetime]


def _day(use: CampaignUse, now: dt.datetime) -> Days:
    """When the testimonies are used: the days on which the use may have been published; undated, this moment."""
    if use.published is None:
        return now, now
    first = use.published_earliest or use.published_latest or now.date()
    last = use.published_latest or max(first, now.date())
    return _midnight(first), _midnight(last) + dt.timedelta(days=1) - dt.timedelta(microseconds=1)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(min(day, dt.date(9999, 12, 30)), dt.time(), dt.UTC)


def _usable(ids: Iterable[UUID], purpose: str, days: Days) -> Any:
    """Those of the testimonies that are published now, and for which a clearance permits the purpose on one of the days."""
    first, last = days
    holding = Clearance.objects.filter(testimony=OuterRef("pk"), uses__contains=[purpose], starts_at__lte=last)
    # a permission that was taken back permits nothing any more, not even to note what was done while it held
    taken_back = Q(withdrawn_at__lte=max(first, records.clock()))
    holding = holding.filter(Q(ends_at=None) | Q(ends_at__gt=first)).exclude(taken_back)
    return Testimony.objects.filter(
        Q(embargo_until=None) | Q(embargo_until__lte=records.clock()),
        Exists(holding),
        pk__in=list(ids),
        status=Status.PUBLISHED,
    )

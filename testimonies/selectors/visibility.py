"""The door: which projection rows an actor may read. Every reading statement takes its condition from here."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from testimonies.access import Actor, Use
from testimonies.models.assignments import Assignment
from testimonies.models.campaigns import CampaignUse, Measurement
from testimonies.models.codings import Coding
from testimonies.models.corrections import Correction
from testimonies.models.decisions import Decision
from testimonies.models.persons import Person, SamePersonLink
from testimonies.models.projections import BITS, ROWS
from testimonies.models.quotes import Quote
from testimonies.models.sources import Source
from testimonies.models.testimonies import Status, Testimony
from testimonies.selectors import actors
from testimonies.selectors.sql import Sql, both, either, fetch

Row = TypeVar("Row", bound=Model)


def table(actor: Actor) -> str:
    return ROWS[actor.tier]._meta.db_table


def rows(actor: Actor) -> Sql:
    """A condition on the rows of `table(actor)`: those that hold now, for the actor's uses, in states that the role sees."""
    # The clock by its name: as a parameter, its statement would be planned each time, which takes longer than to run it.
    # IS TRUE keeps these conditions from the indexes: there, a page of 51 asks them of all 130 entries of a leaf. The planner
    # still sees through it how many rows there are; what is never listed is in no index of the newest (docs/adr/0037).
    conditions = [Sql(f"is_listed AND (starts_at <= {actors.CLOCK} AND ends_at > {actors.CLOCK}) IS TRUE")]
    if actor.uses:
        permitted = permitting(actor.uses)
        conditions.append(Sql(f"({permitted.text}) IS TRUE", permitted.parameters))
    if actor.is_staff and not actor.sees_every_state:
        conditions.append(
            Sql(
                "(status = %s OR (status <> %s AND (created_by_id = %s OR testimony_id IN "
                "(SELECT testimony_id FROM testimonies_assignment WHERE coder_id = %s))))",
                (Status.PUBLISHED, Status.WITHDRAWN, actor.user_id, actor.user_id),
            )
        )
    return both(conditions)


def closed(collection: str) -> Sql:
    """A condition: rows that hold now, are not listed, and belong to the closed collection. For counts of many alone.

    Whoever asks: which uses a key is for would make a difference between two counts, and tell of single records.
    """
    return Sql(f"NOT is_listed AND during @> {actors.CLOCK} AND collections @> %s::text[]", ([collection],))


def permitting(uses: Iterable[str]) -> Sql:
    """A condition: cleared for at least one of the uses.

    Spelled as all the values of `permits` that have one of the bits: so an index answers it before a row is fetched, and the
    planner knows how many rows there are. Of a mask it would guess that nearly all have it.
    """
    wanted = sum({BITS[use] for use in uses})
    values = ",".join(str(permits) for permits in range(1 << len(BITS)) if permits & wanted)
    return Sql(f"permits = ANY ('{{{values}}}'::smallint[])")


def shared(noun: str, actor: Actor) -> Sql:
    """A condition on projection_shared: documents of one noun that the actor may read.

    Persons and sources are seen with the testimonies (a source also with the figures, campaigns and uses) that need them; the others by
    their own tier.
    """
    own = Sql("noun = %s AND tier = %s AND shape > 0", (noun, int(actor.tier)))
    if noun not in _NEEDED_BY or actor.sees_every_state:
        return own
    seen = rows(actor)
    needed = Sql(f"EXISTS (SELECT FROM {table(actor)} t WHERE {_NEEDED_BY[noun]} AND {seen.text})", seen.parameters)
    if noun == "source":
        others = [Sql(f"EXISTS ({statement})", (int(actor.tier),)) for statement in _OTHERS]
        needed = either([needed, *others])
    if actor.user_id is not None:  # whoever entered it sees it before any testimony needs it
        needed = either([needed, Sql("created_by_id = %s", (actor.user_id,))])
    return both([own, needed])


_NEEDED_BY = {
    "person": "t.person_id = projection_shared.record_id",
    "source": "t.sources @> ARRAY[projection_shared.record_id::text]",
}
_OTHERS = [
    f"SELECT FROM testimonies_{table} f JOIN projection_shared d ON d.noun = '{noun}' AND d.record_id = f.{owner}_id "
    "WHERE f.source_id = projection_shared.record_id AND d.tier = %s AND d.shape > 0"
    for table, noun, owner in (
        ("figuresource", "figure", "figure"),
        ("campaignsource", "campaign", "campaign"),
        ("usesource", "campaignuse", "use"),
        ("measurement", "campaignuse", "use"),
    )
]
"""What else needs a source: figures, campaigns and their uses, which are seen by their own tier."""


def may_see(record: Model, actor: Actor) -> bool:
    """The single-record question is the list question; what belongs to a testimony asks the testimony."""
    if _own_door(type(record)):
        return visible(type(record), actor).filter(pk=record.pk).exists()
    if actor.sees_every_state:
        return True
    if isinstance(record, Testimony):
        return _found(table(actor), both([Sql("testimony_id = %s", (record.pk,)), rows(actor)]))
    if isinstance(parent := getattr(record, "testimony", None), Testimony):
        return may_see(parent, actor)
    noun = str(record._meta.model_name)
    return _found("projection_shared", both([Sql("record_id = %s", (record.pk,)), shared(noun, actor)]))


def visible(model: type[Row], actor: Actor) -> QuerySet[Row]:
    """The base rows that the actor may see: for the admin, which has a door no other than the API's."""
    if door := _own_door(model):
        return door(model, actor)
    everything = model._default_manager.all()  # noqa: SLF001 - Django's own name for it
    if actor.sees_every_state:
        return everything
    if issubclass(model, Testimony):
        return everything.filter(pk__in=_ids("testimony_id", table(actor), rows(actor)))
    if issubclass(model, SamePersonLink):
        seen = visible(Person, actor).values("pk")
        return everything.filter(Q(other=None) | Q(other__in=seen), person__in=seen)
    if issubclass(model, Correction):
        of_testimonies = Q(testimony__in=visible(Testimony, actor).values("pk"))
        of_persons = Q(person__in=visible(Person, actor).values("pk"))
        return everything.filter(of_testimonies | of_persons | Q(source__in=visible(Source, actor).values("pk")))
    noun = str(model._meta.model_name)
    return everything.filter(pk__in=_ids("record_id", "projection_shared", shared(noun, actor)))


def quotes(actor: Actor) -> Sql:
    """A condition on testimonies_quote: passages that the actor may see, whatever they are wanted for.

    Below restricted: approved, their words in their text, the text seen, and the testimony seen and cleared for quoting.
    Staff see them in every state with the testimony; but what another proposes on a testimony that one still codes
    would end one's blindness (docs/adr/0025).
    """
    if actor.is_staff:
        seen = Sql("true") if actor.sees_every_state else _within("testimony_id", table(actor), rows(actor))
        if actor.user_id is None:
            return seen
        coding_still = (
            "EXISTS (SELECT FROM testimonies_assignment a WHERE a.testimony_id = testimonies_quote.testimony_id "
            "AND a.coder_id = %s AND a.state <> 'submitted')"
        )
        not_blind = Sql(
            f"(status = 'approved' OR proposed_by_id = %s OR NOT {coding_still})", (actor.user_id, actor.user_id)
        )
        return both([seen, not_blind])
    return both([Sql("tier <= %s", (int(actor.tier),)), quotable(actor, Use.QUOTE)])


def quotable(actor: Actor, *uses: str) -> Sql:
    """A condition on testimonies_quote: what may be quoted now by the actor, cleared for each of the uses."""
    door = both([rows(actor), *(permitting([use]) for use in uses)])
    is_out = (
        f"NOT EXISTS (SELECT FROM testimonies_testimony b WHERE b.id = testimonies_quote.testimony_id AND (b.status <> "
        f"'{Status.PUBLISHED.value}' OR b.embargo_until > {actors.CLOCK}))"
        if actor.is_staff  # below, there are no rows of anything else
        else "true"
    )
    return both(
        [
            Sql(f"status = 'approved' AND anchor IN ('anchored', 'moved') AND {is_out}"),
            _within("text_id", "projection_text", Sql("tier <= %s", (int(actor.tier),))),
            _within("testimony_id", table(actor), door),
        ]
    )


def _within(column: str, name: str, condition: Sql) -> Sql:
    return Sql(f"{column} IN (SELECT {column} FROM {name} WHERE {condition.text})", condition.parameters)


BLIND = (Assignment, Coding, Decision)
"""What is seen by who coded what, beside the testimony (docs/adr/0025)."""


def coding(model: type[Row], actor: Actor) -> QuerySet[Row]:
    """Assignments, codings or decisions that the actor may see: through their own door, of testimonies that are seen."""
    door: QuerySet[Row] = model._default_manager.visible_to(actor)  # type: ignore[attr-defined]  # noqa: SLF001
    if actor.sees_every_state:
        return door
    return door.filter(testimony__in=_ids("testimony_id", table(actor), rows(actor)))


def _quotes(model: type[Row], actor: Actor) -> QuerySet[Row]:
    return model._default_manager.filter(pk__in=_ids("id", "testimonies_quote", quotes(actor)))  # noqa: SLF001


def _measurements(model: type[Row], actor: Actor) -> QuerySet[Row]:
    return model._default_manager.filter(use__in=visible(CampaignUse, actor).values("pk"))  # noqa: SLF001


def _own_door(model: type[Model]) -> Callable[..., QuerySet[Any]] | None:
    """The door to a kind of rows that have neither documents nor projection rows of their own."""
    doors: dict[Any, Callable[..., QuerySet[Any]]] = {BLIND: coding, Quote: _quotes, Measurement: _measurements}
    return next((door for kinds, door in doors.items() if issubclass(model, kinds)), None)


def found(actor: Actor, condition: Sql) -> RawSQL:
    """Ids of the testimonies that the actor may see and whose projection rows satisfy the condition."""
    return _ids("testimony_id", table(actor), both([rows(actor), condition]))


def _ids(column: str, name: str, condition: Sql) -> RawSQL:
    return RawSQL(f"SELECT {column} FROM {name} WHERE {condition.text}", condition.parameters)  # noqa: S611 - text of ours


def _found(name: str, condition: Sql) -> bool:
    return bool(fetch(Sql(f"SELECT 1 FROM {name} WHERE {condition.text} LIMIT 1", condition.parameters)))

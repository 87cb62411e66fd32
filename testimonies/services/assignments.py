"""Acts on assignments: who codes which testimony with which codebook version, and how far they are.

Whatever opens or submits one moves what is shown of the testimony: while it is open, the consensus codes of that version are
withheld from every tier (docs/adr/0025). So these acts lock the testimony; acts on codings do not.
"""

from collections.abc import Sequence
from random import Random
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from testimonies import projections
from testimonies.access import CAPABILITIES, Actor, Capability, Role
from testimonies.errors import Exists, Forbidden, InUse, Invalid, NotAllowedNow, NotAssigned, Submitted
from testimonies.models import Assignment, Codebook, Testimony, User
from testimonies.models.assignments import AssignmentState
from testimonies.models.codebooks import CodebookStatus
from testimonies.models.testimonies import Status
from testimonies.services import acts, records
from testimonies.services.acts import act


@act(Capability.CURATE)
def create(*, by: Actor, testimony_id: UUID, codebook_id: UUID, coder: str | None = None, note: str = "") -> Assignment:
    """Give a testimony to a coder by their account's name; without one, to whoever has least to do.

    Errors: Invalid; Exists, where the coder has it already; NotAllowedNow, of what is withdrawn.
    """
    projections.lock(testimony=[testimony_id])
    testimony = _testimony(testimony_id, "testimony_id", by=by)
    codebook = _codebook(codebook_id, by=by)
    taken = Assignment.objects.filter(testimony=testimony, codebook=codebook).values("coder")
    if coder is None:
        account = min(_workload(_coders().exclude(pk__in=taken)), key=_least, default=(None, 0))[0]
        if account is None:
            raise NotAllowedNow("Every coder has it already. Name a coder once there is another one.")
    else:
        account = _coder(coder, "coder")
    return _give(testimony, codebook, account, note=note, by=by)


@act(Capability.CURATE)
def share(
    *,
    by: Actor,
    testimony_ids: Sequence[UUID],
    codebook_id: UUID,
    coders: Sequence[str],
    double: float,
    seed: int,
) -> list[Assignment]:
    """Spread testimonies over coders, a share of them to two: the same seed on the same records chooses the same.

    double  The share, from 0 to 1, that a second coder codes too, so that agreement can be measured.

    Each goes to whoever of the coders has least to do. One that enough of them have already is left as it is.
    Errors: Invalid, Exists, NotAllowedNow.
    """
    projections.lock(testimony=testimony_ids)
    testimonies = [_testimony(pk, f"testimony_ids/{n}", by=by) for n, pk in enumerate(testimony_ids)]
    codebook = _codebook(codebook_id, by=by)
    accounts = [_coder(name, f"coders/{n}") for n, name in enumerate(coders)]
    loads = dict(_workload(User.objects.filter(pk__in=[a.pk for a in accounts])))
    random, made = Random(seed), []  # noqa: S311 - repeatable, and no secret
    order = sorted(testimonies, key=lambda one: one.ref)
    random.shuffle(order)
    n_double = round(double * len(order))
    for number, testimony in enumerate(order):
        has = {*testimony.assignments.filter(codebook=codebook).values_list("coder_id", flat=True)}
        free = [account for account in sorted(loads, key=lambda one: one.username) if account.pk not in has]
        random.shuffle(free)  # among those with equally little to do
        wanted = (2 if number < n_double else 1) - sum(account.pk in has for account in loads)
        for account in sorted(free, key=loads.__getitem__)[: max(wanted, 0)]:
            made.append(_give(testimony, codebook, account, note="", by=by))
            loads[account] += 1
    return made


@act(Capability.CURATE)
def remove(assignment_id: UUID, *, by: Actor, version: int | None) -> None:
    """Take it back, with what its coder has coded so far. Errors: NotFound, Overtaken; Submitted; InUse."""
    assignment = _locked(assignment_id, by=by)
    records.at_version(assignment, version)
    if assignment.is_submitted:
        raise Submitted("It is submitted, and its codings are kept. Return it first, if nothing was decided on them.")
    if assignment.codings.filter(settled__isnull=False).exists():
        raise InUse("decisions")
    records.delete(assignment, by=by)


@act(Capability.CODE, thaws=True)
def move(assignment_id: UUID, *, by: Actor, to: str, reason: str = "", version: int | None = None) -> Assignment:
    """Begin or submit what is one's own; return what another submitted, with the reason.

    Submitting shows again what was decided before, also where it is published: nothing that was not shown then.
    Errors: NotFound, Overtaken, Forbidden, Invalid; NotAssigned; Submitted; NotAllowedNow.
    """
    if to == AssignmentState.RETURNED and not by.may(Capability.CURATE):
        raise Forbidden
    assignment = records.at_version(_locked(assignment_id, by=by), version)
    {
        AssignmentState.IN_PROGRESS: _begin,
        AssignmentState.SUBMITTED: _submit,
        AssignmentState.RETURNED: _return,
    }[AssignmentState(to)](assignment, by, reason)
    assignment.refresh_from_db()
    return assignment


def own(assignment: Assignment, by: Actor) -> Assignment:
    """Errors: NotAssigned; Submitted."""
    if by.user_id is None or assignment.coder_id != by.user_id:
        raise NotAssigned
    if assignment.is_submitted:
        raise Submitted
    return assignment


def begun(assignment: Assignment) -> None:
    """The first coding begins what is open."""
    if assignment.state == AssignmentState.OPEN:
        _move(assignment, state=AssignmentState.IN_PROGRESS, started_at=Now())


def _begin(assignment: Assignment, by: Actor, _: str) -> None:
    if own(assignment, by).state == AssignmentState.IN_PROGRESS:
        raise NotAllowedNow("It is in progress already.")
    started = {} if assignment.started_at else {"started_at": Now()}
    _move(assignment, state=AssignmentState.IN_PROGRESS, **started)


def _submit(assignment: Assignment, by: Actor, _: str) -> None:
    started = {} if own(assignment, by).started_at else {"started_at": Now()}  # nothing applied: that is a coding too
    _move(assignment, state=AssignmentState.SUBMITTED, submitted_at=Now(), **started)


def _return(assignment: Assignment, by: Actor, reason: str) -> None:
    if not assignment.is_submitted:
        raise NotAllowedNow("Only what is submitted is returned.")
    if not reason.strip():
        raise Invalid(("/reason", "required", "Say why, so that the coder knows what to look at."))
    settled = assignment.testimony.decisions.standing().filter(codebook=assignment.codebook_id)
    if settled.exists():
        raise NotAllowedNow("It has been decided upon. Reopen the decision first.")
    acts.explain(by, reason)
    _move(assignment, state=AssignmentState.RETURNED, return_reason=reason)


def _move(assignment: Assignment, **values: object) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(**values)


def _locked(assignment_id: UUID, *, by: Actor) -> Assignment:
    """Through the door, after its testimony."""
    ids = Assignment.objects.filter(pk=assignment_id).values_list("testimony", flat=True)
    projections.lock(testimony=list(ids))
    return records.find(Assignment, assignment_id, by=by)


def _give(testimony: Testimony, codebook: Codebook, coder: User, *, note: str, by: Actor) -> Assignment:
    if Assignment.objects.filter(testimony=testimony, codebook=codebook, coder=coder).exists():
        raise Exists("This coder has it already, with this codebook version.")
    return records.store(
        Assignment(testimony=testimony, codebook=codebook, coder=coder, note=note, created_by_id=by.user_id)
    )


def _testimony(testimony_id: UUID, field: str, *, by: Actor) -> Testimony:
    testimony = records.related(Testimony, testimony_id, field, by=by)
    if testimony.status == Status.WITHDRAWN:
        raise NotAllowedNow("It is withdrawn: nobody codes it.")
    return testimony


def _codebook(codebook_id: UUID, *, by: Actor) -> Codebook:
    codebook = records.related(Codebook, codebook_id, "codebook_id", by=by)
    if codebook.status != CodebookStatus.PUBLISHED:
        raise NotAllowedNow(
            "This codebook version is a draft. Publish it first: what is coded with it stays as it was."
        )
    return codebook


def _coders() -> QuerySet[User]:
    """Accounts whose work is coding: editors code where they are named."""
    return User.objects.filter(is_active=True, role=Role.CODER)


def _coder(name: str, field: str) -> User:
    account = User.objects.filter(is_active=True, username=name).first()
    if account is None or Capability.CODE not in CAPABILITIES[Role(account.role)]:
        raise Invalid((f"/{field}", "unknown", "There is no such coder. Name an account that codes."))
    return account


def _workload(accounts: QuerySet[User]) -> list[tuple[User, int]]:
    waiting = Count("assignments", filter=~Q(assignments__state=AssignmentState.SUBMITTED))
    return [(account, account.n_waiting) for account in accounts.annotate(n_waiting=waiting)]


def _least(load: tuple[User, int]) -> tuple[int, str]:
    return load[1], load[0].username

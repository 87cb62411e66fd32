"""Acts on decisions: an editor settles what coders submitted, and writes the consensus codes. Every coding is kept."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import BeingCoded, Forbidden, Invalid, NotAllowedNow, OwnCoding
from testimonies.models import Code, Codebook, Coding, ConsensusCode, DecidedCode, Decision, SettledCoding, Testimony
from testimonies.models.codebooks import CodebookStatus
from testimonies.models.testimonies import CodingStatus
from testimonies.selectors.coding import Compared, compare
from testimonies.services import acts, records
from testimonies.services.acts import act

REASONED = "Coders differ here, or you differ from all of them: say why."


@act(Capability.REVIEW, thaws=True)
def create(
    *, by: Actor, testimony_id: UUID, codebook_id: UUID, codes: Iterable[Mapping[str, Any]] = (), reason: str = ""
) -> Decision:
    """Decide on every code that a coder used: where all agree, without a word; where not, as `codes` says and why.

    codes  {code_id, applies, reason} of each code on which coders differ, and of any other that is decided otherwise.

    The coders are one side and the editor the second, so consensus codes change also where the testimony is published.
    Errors: Invalid; OwnCoding; BeingCoded; NotAllowedNow, while another decision stands.
    """
    codes = list(codes)
    known = Code.objects.filter(pk__in=[one["code_id"] for one in codes]).values_list("pk", flat=True)
    used = Coding.objects.filter(testimony=testimony_id, codebook=codebook_id).values_list("code", flat=True)
    projections.lock(testimony=[testimony_id], linked={"code": {*known, *used}, "codebook": [codebook_id]})
    testimony = records.related(Testimony, testimony_id, "testimony_id", by=by)
    codebook = records.related(Codebook, codebook_id, "codebook_id", by=by)
    check(testimony, codebook, by=by)
    verdicts = _verdicts(compare(testimony, codebook), codebook, codes)
    acts.explain(by, reason)
    decision = records.store(Decision(testimony=testimony, codebook=codebook, reason=reason, created_by_id=by.user_id))
    for verdict in verdicts:
        verdict.decision = decision
    DecidedCode.objects.bulk_create(verdicts)
    settled = Coding.objects.filter(testimony=testimony, codebook=codebook).values_list("pk", flat=True)
    SettledCoding.objects.bulk_create(SettledCoding(decision=decision, coding_id=pk) for pk in settled)
    _publish(testimony, codebook, {one.code_id for one in verdicts if one.applies})
    return decision


@act(Capability.REVIEW, thaws=True)
def reopen(decision_id: UUID, *, by: Actor, reason: str, version: int | None = None) -> Decision:
    """Take its consensus codes down until it is decided anew. Errors: NotFound, Overtaken; OwnCoding; NotAllowedNow."""
    ids = Decision.objects.filter(pk=decision_id).values_list("testimony", flat=True)
    projections.lock(testimony=list(ids))
    decision = records.at_version(records.find(Decision, decision_id, by=by), version)
    _check_other(decision.testimony, by)
    if decision.reopened_at is not None:
        raise NotAllowedNow("It is reopened already. Decide anew.")
    acts.explain(by, reason)
    Decision.objects.filter(pk=decision.pk).update(reopened_at=Now(), reopened_by_id=by.user_id, reopen_reason=reason)
    _publish(decision.testimony, decision.codebook, set())
    decision.refresh_from_db()
    return decision


def check(testimony: Testimony, codebook: Codebook, *, by: Actor) -> None:
    """Whether the actor may decide now. Errors: Forbidden, OwnCoding, BeingCoded, NotAllowedNow."""
    _check_other(testimony, by)
    assignments = testimony.assignments.filter(codebook=codebook)
    if not assignments.exists():
        raise NotAllowedNow("Nobody was asked to code it with this codebook version: there is nothing to decide.")
    if codebook.status != CodebookStatus.PUBLISHED or assignments.unsubmitted().exists():
        raise BeingCoded
    if testimony.decisions.standing().filter(codebook=codebook).exists():
        raise NotAllowedNow("It is decided. Reopen that decision first, with a reason.")


def _check_other(testimony: Testimony, by: Actor) -> None:
    if by.user_id is None:
        raise Forbidden  # nobody would know of whom it is the decision
    if testimony.assignments.filter(coder=by.user_id).exists():
        raise OwnCoding


def _verdicts(compared: list[Compared], codebook: Codebook, codes: list[Mapping[str, Any]]) -> list[DecidedCode]:
    errors = []
    said = {one["code_id"]: (number, one) for number, one in enumerate(codes)}
    if len(said) < len(codes):
        errors.append(("/codes", "repeated", "Name each code once."))
    found = []
    for one in compared:
        number, verdict = said.pop(one.code.pk, (None, None))
        if verdict is None and not one.is_agreed:
            errors.append(
                ("/codes", "undecided", f"Coders differ on {one.code.slug}. Say whether it applies, and why.")
            )
            continue
        applies = one.applies if verdict is None else verdict["applies"]
        is_agreed = one.is_agreed and applies == one.applies
        reason = "" if verdict is None else verdict.get("reason", "").strip()
        if not is_agreed and not reason:
            errors.append((f"/codes/{number}/reason", "required", REASONED))
        found.append(DecidedCode(code=one.code, applies=applies, is_agreed=is_agreed, reason=reason))
    known = Code.objects.filter(pk__in=said, codebook=codebook, is_assignable=True).in_bulk()
    for code_id, (number, verdict) in said.items():  # what no coder used
        reason = verdict.get("reason", "").strip()
        if code_id not in known:
            errors.append((f"/codes/{number}/code_id", "unknown", "Name an assignable code of this codebook version."))
        elif verdict["applies"] and not reason:
            errors.append((f"/codes/{number}/reason", "required", REASONED))
        else:
            found.append(
                DecidedCode(
                    code=known[code_id], applies=verdict["applies"], is_agreed=not verdict["applies"], reason=reason
                )
            )
    if errors:
        raise Invalid(*errors)
    return found


def _publish(testimony: Testimony, codebook: Codebook, wanted: set[UUID]) -> None:
    """Exactly these consensus codes of the codebook version; what was decided with others stays."""
    rows = testimony.consensus_codes.filter(code__codebook=codebook)
    rows.exclude(code__in=wanted).delete()
    new = wanted - {*rows.values_list("code_id", flat=True)}
    ConsensusCode.objects.bulk_create(ConsensusCode(testimony=testimony, code_id=pk) for pk in new)
    is_decided = testimony.decisions.standing().exists()
    status = CodingStatus.DECIDED if is_decided else CodingStatus.NOT_CODED
    Testimony.objects.filter(pk=testimony.pk).update(coding_status=status, changed_at=Now())

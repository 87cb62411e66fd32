from typing import Any

from django.db.models.functions import Now

from testimonies.access import Role
from testimonies.models import Assignment, Coding, DecidedCode, Decision, SettledCoding, Text
from tests.factories.accounts import make_user
from tests.factories.base import batch, write
from tests.factories.codebooks import make_codebook
from tests.factories.testimonies import make_testimony


def make_assignment(*, state: str = "in_progress", **values: Any) -> Assignment:
    """Of a new coder, testimony and codebook version, unless these are given."""
    moments = {"started_at": Now() if state != "open" else None}
    if state in ("submitted", "returned"):
        moments["submitted_at"] = Now()
    return write(
        Assignment,
        **{
            "testimony": values.get("testimony") or make_testimony(),
            "codebook": values.get("codebook") or make_codebook(),
            "coder": values.get("coder") or make_user(role=Role.CODER),
            "state": state,
            "return_reason": "Invented reason" if state == "returned" else "",
            **moments,
            **values,
        },
    )


def make_coding(*, text: Text | None = None, quote: str = "", **values: Any) -> Coding:
    """Needs `assignment` and `code`. Of the first `quote` in the text, or of the whole testimony."""
    assignment = values["assignment"]
    passage: dict[str, Any] = {}
    if text is not None:
        start = text.body.index(quote)
        end = start + len(quote)
        passage = {
            "text": text,
            "start": start,
            "end": end,
            "quote": quote,
            "prefix": text.body[max(0, start - 32) : start],
            "suffix": text.body[end : end + 32],
        }
    owners = {"testimony_id": assignment.testimony_id, "codebook_id": assignment.codebook_id}
    return write(Coding, **owners, **passage, **values)


def make_decision(*, assignment: Assignment, **values: Any) -> Decision:
    """As if all that was submitted with the assignment's codebook on its testimony had been agreed upon."""
    with batch():
        owners = {"testimony_id": assignment.testimony_id, "codebook_id": assignment.codebook_id}
        decision = write(Decision, **owners, **values)
        codings = Coding.objects.filter(**owners, assignment__state="submitted")
        for code_id in {*codings.values_list("code_id", flat=True)}:
            DecidedCode.objects.create(decision=decision, code_id=code_id, applies=True, is_agreed=True)
        for coding in codings:
            SettledCoding.objects.create(decision=decision, coding=coding)
    return decision

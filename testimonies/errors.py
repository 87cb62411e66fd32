"""What can be wrong with a request, in the domain's own words. The HTTP edge maps each code to a status."""

from collections.abc import Iterable


class DomainError(Exception):
    """A refusal that names its reason with a stable code and tells the reader what to do next.

    The detail never repeats protected text and never says whether something hidden exists.
    """

    code = "refused"
    detail = "This cannot be done."
    may_be_proposed = False
    """Whether the same change may be proposed as a correction."""

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail


class NotFound(DomainError):
    code = "not_found"
    detail = "There is nothing here that you may see. Check the id."


class InvalidParameter(DomainError):
    """A query parameter that does not fit: its name, a code and what fits instead."""

    code = "invalid_parameter"

    def __init__(self, parameter: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter
        self.code = code


class InvalidParameters(DomainError):
    """All that is wrong with a query string, at once."""

    code = "invalid_parameters"
    detail = "The query does not fit the contract; each parameter at fault is listed under errors."

    def __init__(self, errors: list[InvalidParameter]) -> None:
        super().__init__()
        self.errors = errors


class RejectedFile(DomainError):
    """A file of which nothing was loaded: every problem with its file, line and field."""

    code = "rejected_file"

    def __init__(self, problems: list[str]) -> None:
        super().__init__(f"{len(problems)} problems; nothing was loaded.")
        self.problems = problems


class Invalid(DomainError):
    """A body that does not fit: all that is wrong with it, as (JSON pointer, code, what fits instead)."""

    code = "invalid"
    detail = "The body does not fit the contract; each value at fault is listed under errors."

    def __init__(self, *errors: tuple[str, str, str]) -> None:
        super().__init__()
        self.errors = errors


class Forbidden(DomainError):
    """People in this role do not do this; whether the record exists is not said."""

    code = "forbidden"
    detail = "Your role does not do this. Ask somebody whose role may."


class VersionNeeded(DomainError):
    """A change that does not say on which version it was made."""

    code = "version_needed"
    detail = "Send If-Match with the ETag that you read, or * to overwrite whatever is there."


class Overtaken(DomainError):
    """Somebody else changed the record since it was read."""

    code = "overtaken"
    detail = "The record has changed since you read it. Read it again, and repeat your change on what is there now."

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version


class InUse(DomainError):
    """Others still need the record: kind and number of what is in the way, as far as the actor may see it."""

    code = "in_use"

    def __init__(self, what: str) -> None:
        super().__init__(f"Still needed by {what}. Remove or change these first.")


class Exists(DomainError):
    code = "exists"
    detail = "There is one like it already. Change that one, or choose another value."


class NotAllowedNow(DomainError):
    """The workflow has no such step from here, or not for this actor."""

    code = "not_allowed_now"


class OwnWork(NotAllowedNow):
    code = "own_work"
    detail = "Nobody publishes their own work. Ask a second person who has not changed this record."


class NotAssigned(NotAllowedNow):
    """Coding what is not one's own."""

    code = "not_assigned"
    detail = (
        "You code what is assigned to you. Ask an editor to assign this testimony to you with this codebook version."
    )


class Submitted(NotAllowedNow):
    """Of an assignment that is submitted nothing changes until it is returned."""

    code = "submitted"
    detail = "It is submitted. Ask an editor to return it to you, with the reason."


class BeingCoded(NotAllowedNow):
    """Somebody still codes: there is nothing to compare yet."""

    code = "being_coded"
    detail = "Not all who code it have submitted. Wait for them, or delete an assignment that nobody will work on."


class OwnCoding(NotAllowedNow):
    code = "own_coding"
    detail = "Nobody decides where they coded. Ask an editor who has not coded this testimony."


class NotCleared(NotAllowedNow):
    """A use of what may not be used so, or may not be used at all. Which it is, and why, is not said."""

    code = "not_cleared"
    detail = (
        "Not all of it may be used for this purpose on that day: each testimony must be published, its embargo past, and a "
        "clearance must permit the purpose; a quote must be approved and cleared for quoting as well. "
        "/api/v1/testimonies/?cleared_for=… and /api/v1/quotes/?cleared_for=… list what may be used now."
    )


class Frozen(NotAllowedNow):
    """A change of what published testimonies show below restricted, other than showing less."""

    code = "frozen"
    may_be_proposed = True
    detail = (
        "What is published is frozen. Either send it back to draft first, or propose a correction (over the API at "
        "/api/v1/corrections/), which a second person approves. Showing less of it is always allowed: raise a tier, set an embargo, empty a field."
    )


class OnlyLess(NotAllowedNow):
    """A coder's change of what is published that does not show less of it."""

    may_be_proposed = True
    detail = "It is published. You may show less of it, send it back to draft, or propose a correction."


class Recognisable(NotAllowedNow):
    """Too few published persons are like this one for nobody to recognise them."""

    code = "recognisable"
    detail = (
        "Fewer than three published persons share this gender, origin and age band. Send it back to draft and have the "
        "person's disclosure set to banded or withheld, or accept it with a reason (accept_recognition)."
    )


class Outdated(DomainError):
    """What a correction would correct has changed since it was proposed."""

    code = "outdated"

    def __init__(self, fields: Iterable[str]) -> None:
        names = ", ".join(sorted(fields))
        super().__init__(f"Since it was proposed, this has changed: {names}. Reject it, or propose it anew.")


class IdempotencyMismatch(DomainError):
    code = "idempotency_mismatch"
    detail = "Send another Idempotency-Key with another body."


class VaultShut(DomainError):
    """An entry was sealed under a key that is not at hand, or has been altered."""

    code = "vault_shut"
    detail = (
        "Some of it was sealed under a key that is not among VAULT_KEYS. Ask whoever runs the service for that key."
    )


class PurposeRequired(DomainError):
    """Everything at once, above the public tier, without saying what for."""

    code = "purpose_required"
    detail = "Say what the export is for, in a sentence of 10 to 500 characters that names nobody."


class TooManyExports(DomainError):
    """As many files as are sent at once are being sent."""

    code = "too_many_exports"
    wait = 10
    """Seconds after which it is worth asking again."""
    detail = "Wait until one of the exports that run has ended."

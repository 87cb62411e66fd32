"""Every kind of problem that an answer may be: its stable code, its status, its cause and its cure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of problem: its code is stable. `cause` is said on its page, `detail` (the cure) in every answer."""

    code: str
    status: int
    title: str
    cause: str
    detail: str


PROBLEMS = {
    problem.code: problem
    for problem in (
        Problem(
            "bad_request",
            400,
            "The request cannot be understood",
            "The Host header names another service, a header is malformed, or the query has more than 20,000 parameters.",
            "Check the address and the headers.",
        ),
        Problem(
            "malformed",
            400,
            "The body is not JSON",
            "The body cannot be read as JSON in UTF-8.",
            "Send one JSON value in UTF-8.",
        ),
        Problem(
            "invalid_parameters",
            400,
            "The query does not fit the contract",
            "A parameter or a value is unknown, malformed, repeated too often or above the caller's tier. "
            "Nothing is ignored: a misspelt filter would return more than was asked for.",
            "Each parameter at fault is listed under errors.",
        ),
        Problem(
            "purpose_required",
            400,
            "Say what the export is for",
            "Everything of a list was asked for above the public tier, without a purpose. Nothing was sent.",
            "Send Export-Purpose: a sentence of 10 to 500 characters that names nobody. It is recorded.",
        ),
        Problem(
            "invalid",
            400,
            "The body does not fit the contract",
            "A field is unknown, missing, of another type, or against a rule. Nothing was written.",
            "Each value at fault is listed under errors, with a JSON pointer.",
        ),
        Problem(
            "not_authenticated",
            401,
            "A key is needed",
            "No key was sent, and this service does not answer without one.",
            "Send Authorization: Bearer <key>. Keys are made with manage.py create_key.",
        ),
        Problem(
            "invalid_key",
            401,
            "The key does not work",
            "The key is unknown, revoked or expired, or the Authorization header does not read Bearer <key>.",
            "Check the header, or ask for a new key.",
        ),
        Problem(
            "forbidden",
            403,
            "People like you do not do this",
            "The key's role does not do this kind of thing, whatever the record.",
            "Use a key whose role may.",
        ),
        Problem(
            "not_found",
            404,
            "There is nothing here",
            "The address is wrong, or the record is not there for the caller: hidden and never there look the same.",
            "There is nothing here that you may see. Check the address.",
        ),
        Problem(
            "method_not_allowed",
            405,
            "This cannot be done here",
            "The address exists, but not for this method.",
            "The Allow header lists what can.",
        ),
        Problem(
            "own_work",
            409,
            "Nobody publishes their own work",
            "The caller entered the record or has changed something that it shows.",
            "Ask a second person who has not changed this record.",
        ),
        Problem(
            "not_allowed_now",
            409,
            "Not from here",
            "The workflow has no such step from the record's status, or not for this role.",
            "The detail says which step is possible, and for whom.",
        ),
        Problem(
            "not_assigned",
            409,
            "It is not yours to code",
            "Coders code what is assigned to them, and only with the codebook version that was assigned.",
            "Ask an editor to assign it to you: POST /api/v1/assignments/.",
        ),
        Problem(
            "not_cleared",
            409,
            "It may not be used so",
            "A testimony of the use is not published, is under embargo, or has no clearance for the purpose on the day of the "
            "use; or a quote is not approved, or not cleared for quoting. Which it is, is not said.",
            "List what may be used: /api/v1/testimonies/?cleared_for=… and /api/v1/quotes/?cleared_for=…; or ask for a clearance.",
        ),
        Problem(
            "submitted",
            409,
            "It is submitted",
            "Of an assignment that is submitted nothing changes, so that what others saw stays what they saw.",
            "Ask an editor to return it, with a reason.",
        ),
        Problem(
            "being_coded",
            409,
            "Not all have submitted",
            "Nothing is decided as long as somebody still codes the testimony with this codebook version.",
            "Wait until all assignments are submitted, or have one deleted that nobody will work on.",
        ),
        Problem(
            "own_coding",
            409,
            "Nobody decides where they coded",
            "The caller is or was a coder of this testimony.",
            "Ask an editor who has not coded it.",
        ),
        Problem(
            "frozen",
            409,
            "What is published is frozen",
            "The change would show below restricted something else, or more, than a published testimony shows now.",
            "Send the testimony back to draft, or propose a correction. Showing less of it is always allowed.",
        ),
        Problem(
            "recognisable",
            409,
            "Somebody could be recognised",
            "Fewer than three published persons share the gender, origin and age band that publishing would show.",
            "Have the person's disclosure set to banded or withheld, or accept it with a reason: accept_recognition.",
        ),
        Problem(
            "outdated",
            409,
            "What was to be corrected has changed",
            "Since the correction was proposed, somebody changed a field that it is about. Nothing was written.",
            "The detail names the fields. Reject the correction, or propose it anew.",
        ),
        Problem(
            "in_use",
            409,
            "Others need it",
            "Other records refer to the one that was to be deleted.",
            "The detail says what is in the way. Remove or change these first.",
        ),
        Problem(
            "exists",
            409,
            "There is one like it",
            "Another record has the same value where there can be only one.",
            "Change that one, or choose another value.",
        ),
        Problem(
            "vault_shut",
            503,
            "A key of the vault is missing",
            "An entry was sealed under a key that is not among VAULT_KEYS, or has been altered.",
            "Ask whoever runs the service to add that key.",
        ),
        Problem(
            "overtaken",
            412,
            "Somebody else changed it",
            "If-Match names a version that is no longer current. Nothing was written.",
            "Read the record again, and repeat your change on what is there now.",
        ),
        Problem(
            "idempotency_mismatch",
            422,
            "The Idempotency-Key belongs to another request",
            "The same key came with another body or address within the last 24 hours. Nothing was written.",
            "Send another Idempotency-Key with another body.",
        ),
        Problem(
            "version_needed",
            428,
            "Say which version you changed",
            "PUT, PATCH and DELETE need If-Match, so that nobody overwrites what they have not seen.",
            "Send If-Match with the ETag that you read, or * to overwrite whatever is there.",
        ),
        Problem(
            "not_acceptable",
            406,
            "No such representation",
            "The Accept header names only formats that this address does not have.",
            "The OpenAPI document lists the formats.",
        ),
        Problem(
            "body_too_large",
            413,
            "The body is too large",
            "The body has more bytes than are read.",
            "Send less at once.",
        ),
        Problem(
            "unsupported_media_type",
            415,
            "The body is of a kind that is not read here",
            "The Content-Type header names something else than JSON.",
            "Send application/json.",
        ),
        Problem(
            "too_many_requests",
            429,
            "Too many requests",
            "The key was given a rate, and asked more often; or a proxy before the service limits requests.",
            "Wait as long as Retry-After says.",
        ),
        Problem(
            "too_many_exports",
            429,
            "Too many exports at once",
            "The caller, or the service, sends as many files as may be sent at a time.",
            "Wait until one of them has ended.",
        ),
        Problem(
            "internal",
            500,
            "Something is broken here",
            "A fault of the service, not of the request.",
            "It was noted under the request id. Try again later.",
        ),
        Problem(
            "unavailable",
            503,
            "The service cannot answer now",
            "The database cannot be reached, restarts, or has no connection to spare.",
            "Try again in a moment.",
        ),
        Problem(
            "too_slow",
            503,
            "The answer takes too long",
            "The database gave up the statement at its time limit.",
            "Ask for less. What could be narrowed is listed under errors.",
        ),
    )
}

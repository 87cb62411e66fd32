"""Doing once what is asked for twice: a client that lost the answer sends the request again with the same key."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from django.db.models.functions import Now

from testimonies.access import Actor, Capability
from testimonies.errors import Forbidden, IdempotencyMismatch
from testimonies.models import IdempotencyKey
from testimonies.models.base import Record
from testimonies.services.acts import act

KEPT_FOR = dt.timedelta(hours=24)


@act(Capability.DRAFT)
def once(create: Callable[[], Record], *, by: Actor, key: str, digest: bytes, noun: str) -> UUID:
    """The id of what `create` makes, or made when the key first came. Errors: IdempotencyMismatch, and those of `create`.

    Of two requests at once, one waits for the other's transaction at the unique key, before either has locked anything.
    """
    if by.user_id is None:  # a key that writes has an account
        raise Forbidden
    IdempotencyKey.objects.filter(user_id=by.user_id, created_at__lt=Now() - KEPT_FOR).delete()
    mine, is_new = IdempotencyKey.objects.get_or_create(
        user_id=by.user_id, key=key, defaults={"digest": digest, "noun": noun}
    )
    if is_new:
        mine.record_id = create().pk
        mine.save(update_fields=["record_id"])
    elif bytes(mine.digest) != digest:
        raise IdempotencyMismatch
    assert mine.record_id is not None  # noqa: S101 - committed rows have it
    return mine.record_id

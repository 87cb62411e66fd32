"""What became of accounts and keys, noted with the act itself (docs/adr/0020)."""

from testimonies.access import Actor
from testimonies.models import AccountAct, ApiKey, User
from testimonies.models.accounts import AccountChange


def note(act: AccountChange, about: User | ApiKey, *, by: Actor | None, said: str = "") -> None:
    """Within the transaction of the act. `by` is nobody, or has no account, where a command did it."""
    AccountAct.objects.create(
        act=act,
        by_id=by.user_id if by else None,
        account=about if isinstance(about, User) else None,
        key=about if isinstance(about, ApiKey) else None,
        said=said[:200],
    )

"""External ids that were erased: kept as keyed digests, so that nothing brings back what had them and nobody reads them here."""

from collections.abc import Iterable, Iterator, Mapping

from django.conf import settings

from testimonies.models import BarredId
from testimonies.selectors.sql import Sql, fetch
from testimonies.values.seals import Keyring

Named = Mapping[str, str]
"""An external id: its system and value."""


def bar(ids: Iterable[Named]) -> None:
    keys = _keys()
    rows = [BarredId(digest=keys.index(_text(one)), key_mark=keys.mark) for one in ids]
    BarredId.objects.bulk_create(rows, ignore_conflicts=True)


def barred(ids: Iterable[Named]) -> Iterator[Named]:
    """Those of the ids that must not come back."""
    digests = [(one, {*_keys().indexes(_text(one))}) for one in ids]
    wanted = [digest for _, some in digests for digest in some]
    found = {
        digest for (digest,) in fetch(Sql("SELECT digest FROM testimonies_barredid WHERE digest = ANY (%s)", (wanted,)))
    }
    return (one for one, some in digests if some & found)


def digest(system: str, value: str) -> str:
    """By which what holds an external id is found again without keeping the id."""
    return _keys().index(_text({"system": system, "value": value})).hex()


def digests(ids: Iterable[Named]) -> list[str]:
    """The same of several ids, under every key that was in use."""
    return [found.hex() for one in ids for found in _keys().indexes(_text(one))]


def _text(one: Named) -> str:
    return f"{one['system']}\n{one['value']}"


def _keys() -> Keyring:
    return settings.VAULT_KEYS

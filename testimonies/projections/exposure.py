"""From which tier each key of each document is filled: read off the shapes, which refer to the models' Exposure."""

from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from testimonies.access import Tier
from testimonies.projections import shapes
from testimonies.projections.redaction import field_tiers
from testimonies.projections.shapes import Described

DOCUMENTS = (
    shapes.Testimony,
    shapes.Person,
    shapes.Source,
    shapes.Group,
    shapes.Collection,
    shapes.Figure,
    shapes.Campaign,
    shapes.CampaignUse,
    shapes.Quote,
    shapes.Codebook,
    shapes.Code,
)


def described(hint: Any, key: str) -> Described:
    """What a key's annotation says; its model's field bears the key's name unless it is named."""
    extras = reversed(getattr(hint, "__metadata__", ()))  # the outermost annotation speaks for the key
    found = next((extra for extra in extras if isinstance(extra, Described)), Described())
    return found if found.field or not found.model else Described(**{**vars(found), "field": key})


@cache
def tiers(shape: type) -> dict[str, Tier]:
    """Key -> least tier for which it is filled."""
    found = {}
    for key, hint in get_type_hints(shape, include_extras=True).items():
        says = described(hint, key)
        declared = field_tiers(says.model).get(says.field, Tier.PUBLIC) if says.model else Tier.PUBLIC
        found[key] = says.tier if says.tier is not None else declared
    return found


@cache
def withheld(tier: Tier) -> tuple[str, ...]:
    """Keys that no document fills for the tier, as Document.key, nested ones as Document.list.key."""
    return tuple(path for shape in DOCUMENTS for path in _withheld(shape, shape.__name__, tier))


def _withheld(shape: type, path: str, tier: Tier) -> list[str]:
    found = []
    for key, hint in get_type_hints(shape, include_extras=True).items():
        if tiers(shape)[key] > tier:
            found.append(f"{path}.{key}")
        elif (within := inner(hint)) and within is not shape:
            found += _withheld(within, f"{path}.{key}", tier)
    return found


def inner(hint: Any) -> type | None:
    """The shape within a hint, if there is one."""
    if get_origin(hint) in {Annotated, list}:
        return inner(get_args(hint)[0])
    return hint if isinstance(hint, type) and hasattr(hint, "__total__") else None

"""Who testifies."""

from typing import Annotated, TypedDict

from testimonies import models
from testimonies.access import Tier
from testimonies.models.groups import Belonging
from testimonies.models.persons import Gender, NameKind
from testimonies.projections.shapes.base import (
    Described,
    ExternalIdRef,
    Id,
    MissingValue,
    RaisedField,
    TierWord,
    UpdatedAt,
    of,
)


class PersonRef(TypedDict):
    """The person who testifies, as a testimony shows them."""

    id: Id
    ref: Annotated[str, of(models.Person)]
    name: Annotated[str, Described("An outlet's pseudonym, or `unnamed`. Other names are filled from tier restricted.")]
    name_kind: Annotated[str, Described(model=models.Person, choices=NameKind)]
    gender: Annotated[str, Described(model=models.Person, choices=Gender)]
    nationality: Annotated[str | None, of(models.Person)]
    residence_before: Annotated[str | None, of(models.Person)]
    origin_stated: Annotated[str, of(models.Person)]


class NameEntry(TypedDict):
    """Another name of the person."""

    value: Annotated[str, of(models.PersonName)]
    kind: Annotated[str, Described(model=models.PersonName, choices=NameKind)]
    tier: Annotated[str, Described("Least tier that may see the name.", choices=Tier)]


class MembershipEntry(TypedDict):
    """One time with one group."""

    group: Annotated[str, Described("Slug of the group.")]
    membership: Annotated[str, Described(model=models.Membership, field="belonging", choices=Belonging)]
    role_in_group: Annotated[str, of(models.Membership)]
    joined: Annotated[str | None, of(models.Membership)]
    left: Annotated[str | None, of(models.Membership)]


class Person(TypedDict):
    """Somebody who testifies. Names are no keys: two people share one, one person has several."""

    id: Id
    ref: Annotated[str, of(models.Person)]
    updated_at: UpdatedAt
    name: Annotated[str, Described("An outlet's pseudonym, or `unnamed`. Other names are filled from tier restricted.")]
    name_kind: Annotated[str, Described(model=models.Person, choices=NameKind)]
    other_names: Annotated[list[NameEntry], Described("Other names; outside staff only outlets' pseudonyms.")]
    gender: Annotated[str, Described(model=models.Person, choices=Gender)]
    nationality: Annotated[str | None, of(models.Person)]
    residence_before: Annotated[str | None, of(models.Person)]
    origin_stated: Annotated[str, of(models.Person)]
    disclosure: Annotated[str, of(models.Person)]
    memberships: Annotated[
        list[MembershipEntry],
        Described("All memberships. Below, a testimony shows the one that it tells of.", tier=Tier.RESTRICTED),
    ]
    external_ids: Annotated[list[ExternalIdRef], Described("What other systems call the person.", tier=Tier.RESTRICTED)]
    raised: Annotated[list[RaisedField], Described("Fields that need a higher tier than usual.", models.Person)]
    tier: TierWord
    missing: list[MissingValue]

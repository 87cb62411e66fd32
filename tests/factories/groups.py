from typing import Any

from testimonies.access import Tier
from testimonies.models import Group, Membership
from tests.factories.base import number, write
from tests.factories.persons import make_person


def make_group(**values: Any) -> Group:
    n = number()
    return write(Group, **{"slug": f"invented-group-{n}", "name": f"Invented group {n}", "tier": Tier.PUBLIC, **values})


def make_membership(**values: Any) -> Membership:
    """Of a new person in a new group, unless these are given."""
    return write(
        Membership,
        **{
            "person": values.get("person") or make_person(),
            "group": values.get("group") or make_group(),
            "belonging": "says_member",
            "role_in_group": "fighter",
            "joined": "2014-03",
            "left": "2015",
            "tier": Tier.PUBLIC,
            **values,
        },
    )

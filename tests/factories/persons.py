from typing import Any

from testimonies.access import Tier
from testimonies.models import Person
from tests.factories.base import number, write


def make_person(**values: Any) -> Person:
    """A public person under a pseudonym that an outlet chose."""
    return write(
        Person,
        **{
            "name": f"Invented Pseudonym {number()}",
            "name_kind": "outlet_pseudonym",
            "gender": "male",
            "nationality": "SY",
            "residence_before": "DE",
            "tier": Tier.PUBLIC,
            **values,
        },
    )

"""Who asks."""

from typing import Annotated, TypedDict

from testimonies.access import Role, Tier, Use
from testimonies.projections.shapes.base import Described, Moment


class Me(TypedDict):
    """The caller, as the service knows them."""

    role: Annotated[str, Described("What the caller may do.", choices=Role)]
    tier: Annotated[str, Described("The highest tier that the caller reads.", choices=Tier)]
    uses: Annotated[
        list[str],
        Described("The caller reads only what is cleared for one of these; empty: no such limit.", choices=Use),
    ]
    key: Annotated[str, Described("Name of the key; empty without one.")]
    expires_at: Annotated[Moment | None, Described("From when on the key no longer works.")]
    withheld: Annotated[list[str], Described("Fields that are not filled for this tier, as document.field.")]

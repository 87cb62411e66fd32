"""/api/v1/groups/: organisations that people are said to have belonged to."""

from testimonies.api.reading import SharedViewSet, shared
from testimonies.projections import shapes


class GroupViewSet(SharedViewSet):
    """Organisations that people are said to have belonged to: never assumed, never a finding of ours."""

    noun = "group"
    shape = item = shapes.Group
    declared = shared("groups", ())

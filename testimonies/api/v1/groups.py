"""/api/v1/groups/: organisations that people are said to have belonged to."""

from testimonies import models
from testimonies.access import Capability
from testimonies.api.history import HistoryMixin
from testimonies.api.reading import SharedViewSet, shared
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin
from testimonies.projections import shapes
from testimonies.services import groups

GroupWriteSerializer = fields.body(
    "GroupWrite", "A group, as written.", **fields.of(models.Group, "slug", "name", "description", "tier")
)


class GroupViewSet(HistoryMixin, WriteMixin, SharedViewSet):
    """Organisations that people are said to have belonged to: never assumed, never a finding of ours."""

    noun = "group"
    service = groups
    write = GroupWriteSerializer
    capability = Capability.CURATE
    shape = item = shapes.Group
    declared = shared("groups", ())

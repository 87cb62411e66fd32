"""Which column of a kind of spreadsheet is which of ours: said once, kept by a name."""

from django.db import models
from django.db.models import Q

from testimonies.models.base import Record
from testimonies.models.fields import choice_field, one_of


class DateFormat(models.TextChoices):
    """How a file writes dates whose year comes last. What is EDTF already is read in any case."""

    EDTF = "edtf", "EDTF alone: 2014-09-25, 2014-09, 2014~"
    DAY_FIRST = "day_first", "day first: 25.9.2014, 25/09/2014, 9/2014"
    MONTH_FIRST = "month_first", "month first: 9/25/2014, 9/2014"


class ImportMapping(Record):
    """How files of one kind are read. It holds headers and words that are the same in every row, nothing of any record."""

    name = models.CharField(
        max_length=120, unique=True, help_text="What people call it, such as the archive whose files it reads."
    )
    columns = models.JSONField(
        default=list,
        blank=True,
        help_text="Each column of the file: its header, and the column of ours that it is; null: it is left out.",
    )
    fixed = models.JSONField(
        default=list, blank=True, help_text="Columns of ours that the file does not have, with the cell for every row."
    )
    date_format = choice_field(DateFormat, "How the file writes dates whose year comes last.", default=DateFormat.EDTF)

    class Meta:
        constraints = [
            one_of("import_mapping", "date_format", DateFormat),
            models.CheckConstraint(condition=~Q(name=""), name="import_mapping_has_a_name"),
        ]

    class Exposure:
        restricted = ("id", "version", "name", "columns", "fixed", "date_format")
        internal = ("created_at", "changed_at", "created_by")

    def __str__(self) -> str:
        return self.name

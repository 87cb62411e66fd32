"""On what basis and for which uses a testimony may be used, from when until when."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from testimonies.access import Use
from testimonies.models.base import Record
from testimonies.models.fields import choice_field, one_of, only
from testimonies.models.testimonies import Testimony


class Basis(models.TextChoices):
    INFORMED = "informed", "informed consent of the person"
    GUARDIAN = "guardian", "consent of a guardian"
    PUBLIC_SOURCE_NO_CONTACT = "public_source_no_contact", "public source, nobody was contacted"
    COURT_RECORD = "court_record", "public court record"
    PUBLISHED_FIGURES = "published_figures", "published figures, no people"
    INVENTED = "invented", "invented: nobody said this"
    NOT_STATED = "not_stated", "nobody has stated it yet: the records of such a collection stay drafts"


class Clearance(Record):
    """Permission for some uses during some time. A public interview is not consent to every later use."""

    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="clearances", help_text="What may be used."
    )
    basis = choice_field(Basis, "On what the permission rests.")
    uses = ArrayField(
        models.CharField(max_length=20, choices=Use.choices), help_text="What the testimony may be used for."
    )
    starts_at = models.DateTimeField(help_text="From this moment on.")
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="Until this moment, which is no longer covered; empty: no end."
    )
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="From this moment on it no longer holds. No reason needs to be given."
    )
    evidence = models.TextField(
        blank=True, help_text="Where the permission is kept, such as a form's number. Never published."
    )
    reviewed_by = models.CharField(max_length=200, blank=True, help_text="Who reviewed it: roles, not names of people.")

    class Meta:
        constraints = [
            one_of("clearance", "basis", Basis),
            only("clearance", "uses", Use),
            models.CheckConstraint(condition=~Q(uses=[]), name="clearance_permits_something"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="clearance_ends_after_it_starts"
            ),
        ]

    class Exposure:
        public = ("uses",)
        internal = (
            "id", "testimony", "basis", "starts_at", "ends_at", "withdrawn_at", "evidence", "reviewed_by",
            "version", "created_at", "changed_at", "created_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"clearance {self.pk}"

"""That the history is what it was: seals, each over some events and the seal before it (docs/adr/0017)."""

from django.db import models


class HistorySeal(models.Model):
    """One link of the chain: what it holds cannot change without changing its digest, and those of all that follow."""

    number = models.BigIntegerField(primary_key=True, help_text="One more than the seal before it.")
    sealed_at = models.DateTimeField(help_text="When.")
    previous = models.BinaryField(max_length=32, help_text="Digest of the seal before it; empty where a chain begins.")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of the previous digest, the number and the events.")
    horizon = models.BigIntegerField(
        help_text="Every transaction that may still add an event below the marks is older."
    )
    marks = models.JSONField(
        help_text="By kind of event, the highest one up to which all that could be seen are sealed."
    )
    floor = models.JSONField(help_text="The same, up to which all are sealed that were ever committed.")

    class Exposure:
        internal = ("number", "sealed_at", "previous", "digest", "horizon", "marks", "floor")

    def __str__(self) -> str:
        return f"seal {self.number}"


class SealedEvent(models.Model):
    """The digest of one event and of its random salt, which is in the event alone: without that it tells nothing."""

    id = models.BigAutoField(primary_key=True, help_text="The order within the seal.")
    seal = models.ForeignKey(HistorySeal, on_delete=models.CASCADE, related_name="events", help_text="The seal.")
    kind = models.CharField(max_length=30, help_text="Of what the event is: the model's name in lower case.")
    event = models.BigIntegerField(help_text="The event, by its pgh_id.")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of all that the event holds.")
    erased_with = models.UUIDField(
        null=True, blank=True, help_text="The testimony with which the event was erased; empty: it still stands."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "event"], name="sealed_event_once")]

    class Exposure:
        internal = ("id", "seal", "kind", "event", "digest", "erased_with")

    def __str__(self) -> str:
        return f"{self.kind} {self.event}"

"""Requests that may be sent twice and are done once."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class IdempotencyKey(models.Model):
    """A key under which an account made one record. Of the request only a digest is kept, of the answer only an id."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", help_text="The account that wrote."
    )
    key = models.CharField(max_length=200, help_text="The key, as the caller chose it.")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of method, address and body.")
    noun = models.CharField(max_length=40, help_text="What kind of record was made.")
    record_id = models.UUIDField(
        null=True, help_text="The record that was made; empty only until it is, within one transaction."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False, help_text="When the key was first sent.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_is_one_per_account")]

    class Exposure:
        internal = ("id", "user", "key", "digest", "noun", "record_id", "created_at")

    def __str__(self) -> str:
        return f"idempotency key {self.pk}"

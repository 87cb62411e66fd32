"""How often somebody failed to log in, told by nothing that names them."""

from django.db import models


class FailedLogin(models.Model):
    """Attempts to log in, by the name or from the address that the mark stands for, since a moment."""

    mark = models.BinaryField(
        max_length=32, primary_key=True, editable=False, help_text="Keyed digest of a name or of an address."
    )
    attempts = models.PositiveIntegerField(help_text="How many since then did not end in a login.")
    since = models.DateTimeField(help_text="When the first of them was; a while later they are forgotten.")

    class Meta:
        indexes = [models.Index(fields=["since"], name="failed_login_by_time")]

    class Exposure:
        internal = ("mark", "attempts", "since")

    def __str__(self) -> str:
        return "attempts to log in"

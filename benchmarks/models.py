"""The peer's tables to write to: the product's columns, indexes and constraints, without triggers, history and projections."""

from django.db import models

from testimonies.models import Collection, Membership, Testimony


def _copied(model: type[models.Model], *leave_out: str) -> dict[str, models.Field]:
    """Its fields, without the ways back: those are the product's."""
    return {field.name: _copy(field) for field in model._meta.local_fields if field.name not in leave_out}


def _copy(field: models.Field) -> models.Field:
    if field.is_relation:
        return models.ForeignKey(
            field.remote_field.model, models.PROTECT, null=field.null, editable=field.editable, related_name="+"
        )
    _, _, positional, named = field.deconstruct()
    return type(field)(*positional, **named)


class _Meta:
    app_label = "benchmarks"


PlainMembership = type(
    "PlainMembership", (models.Model,), {"__module__": __name__, "Meta": _Meta, **_copied(Membership)}
)
PlainTestimony = type(
    "PlainTestimony",
    (models.Model,),
    {
        "__module__": __name__,
        "Meta": type("Meta", (_Meta,), {"indexes": [models.Index(fields=["-changed_at", "id"], name="plain_changed")]}),
        **_copied(Testimony, "membership"),
        "membership": models.ForeignKey(PlainMembership, null=True, on_delete=models.SET_NULL, related_name="+"),
        "collections": models.ManyToManyField(Collection, related_name="+"),
    },
)

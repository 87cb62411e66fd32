"""Every field says who may see it, and what it holds (STYLE.md section 6)."""

from collections import Counter
from typing import get_type_hints

import pytest
from django.apps import apps
from django.contrib.admin import site

from testimonies.access import Tier
from testimonies.models import (
    EVENTS,
    ApiKey,
    BarredId,
    Correction,
    Erasure,
    FailedLogin,
    HistorySeal,
    IdempotencyKey,
    SealedEvent,
    User,
    VaultEntry,
    VaultOpening,
)
from testimonies.models.projections import ROWS, ReferenceRevision, SharedDocument, SourceTier, StaleMark, TextDocument
from testimonies.projections import exposure

TIERS = ("public", "partner", "restricted", "by_kind", "vault", "internal")
PASSING = {BarredId, Correction, Erasure, FailedLogin, IdempotencyKey, VaultEntry, VaultOpening}
"""What has no history: it holds nothing that anybody entered about a record, must not be kept twice, or is itself the account of what was asked and decided."""
MODELS = sorted(apps.get_app_config("testimonies").get_models(), key=lambda model: model.__name__)
NEVER_SHOWN = {
    *ROWS.values(),
    ReferenceRevision,
    SharedDocument,
    SourceTier,
    StaleMark,
    TextDocument,
    ApiKey,
    User,
    HistorySeal,
    SealedEvent,
}
"""Rows that are made of others, and accounts: no document is made of them."""
SHOWN = [model for model in MODELS if model not in NEVER_SHOWN]


def name(model):
    return model.__name__


def test_there_are_models_to_look_at():
    assert len(SHOWN) >= 20


@pytest.mark.parametrize("model", SHOWN, ids=name)
def test_every_field_is_declared_once(model):
    declared = Counter(field for tier in TIERS for field in getattr(model.Exposure, tier, ()))
    assert declared == Counter(field.name for field in model._meta.get_fields() if field.concrete)


@pytest.mark.parametrize("model", SHOWN, ids=name)
def test_nothing_else_is_declared(model):
    declared = {name for name in vars(model.Exposure) if not name.startswith("_")}
    assert declared <= {*TIERS, "coarsened"}


@pytest.mark.parametrize("model", SHOWN, ids=name)
def test_what_is_coarsened_is_shown(model):
    shown = {field for tier in ("public", "partner") for field in getattr(model.Exposure, tier, ())}
    assert set(getattr(model.Exposure, "coarsened", ())) <= shown


@pytest.mark.parametrize("model", [model for model in MODELS if model not in EVENTS.values()], ids=name)
def test_every_field_has_a_help_text(model):
    ours = [field for field in model._meta.get_fields() if field.concrete and not field.auto_created]
    djangos = {field.name for field in User._meta.get_fields()} - {"role"} if model is User else set()
    assert [field.name for field in ours if not field.help_text and field.name not in djangos] == []


def test_every_model_that_holds_content_has_a_history():
    assert EVENTS.keys() == set(SHOWN) - set(EVENTS.values()) - PASSING


@pytest.mark.parametrize("model", EVENTS, ids=name)
def test_a_history_keeps_every_field_and_shows_none_below_restricted(model):
    event = EVENTS[model]
    kept = {field.attname for field in event._meta.concrete_fields if not field.name.startswith("pgh_")}
    assert kept == {field.attname for field in model._meta.concrete_fields}
    assert not any(hasattr(event.Exposure, tier) for tier in ("public", "partner", "by_kind"))
    assert set(getattr(model.Exposure, "internal", ())) <= set(event.Exposure.internal)


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_every_model_says_what_a_row_is(model):
    assert model.__doc__
    assert not model.__doc__.startswith(f"{model.__name__}(")  # what Django writes where nobody has


def test_no_document_shows_a_field_that_its_model_keeps_internal():
    said = [
        (shape, key, exposure.described(hint, key))
        for shape in exposure.DOCUMENTS
        for key, hint in get_type_hints(shape, include_extras=True).items()
    ]
    assert len(said) > 100
    shown_though_internal = [
        (shape.__name__, key)
        for shape, key, says in said
        for kept in ("internal", "vault")
        if says.model and says.field in getattr(says.model.Exposure, kept, ())
    ]
    assert shown_though_internal == []


def test_what_each_tier_is_not_shown():
    """In literals: whoever opens a field for a tier changes this list too."""
    restricted = [
        "Testimony.citations.supports",
        "Testimony.claims.note",
        "Testimony.notes_internal",
        "Testimony.embargo_until",
        "Testimony.external_ids",
        "Testimony.raised",
        "Testimony.version",
        "Person.memberships",
        "Person.external_ids",
        "Person.raised",
        "Person.disclosure",
        "Source.external_ids",
        "Figure.position",
        "Code.position",
    ]
    assert sorted(exposure.withheld(Tier.PUBLIC)) == sorted(restricted)
    assert sorted(exposure.withheld(Tier.PARTNER)) == sorted(restricted)
    assert exposure.withheld(Tier.RESTRICTED) == ()


def test_the_desk_shows_nothing_of_the_vault():
    """Whoever is a superuser, or an editor, reads nothing of it there: no page is made of these rows at all."""
    of_the_vault = {model for model in MODELS if getattr(getattr(model, "Exposure", None), "vault", ())}
    assert {model.__name__ for model in of_the_vault} == {"Erasure", "VaultEntry", "VaultOpening"}
    for model_admin in site._registry.values():
        shown = {model_admin.model, *(inline.model for inline in model_admin.inlines)}
        assert not shown & of_the_vault


def test_the_desk_shows_only_what_is_declared():
    """Each record at the desk, and each kind of part, is a model that says who may see which field; accounts and keys are not records."""
    registered = {model_admin.model for model_admin in site._registry.values()}
    parts = {inline.model for model_admin in site._registry.values() for inline in model_admin.inlines}
    assert registered - {User, ApiKey} <= set(SHOWN)
    assert parts <= set(SHOWN)
    assert len(registered) > 8

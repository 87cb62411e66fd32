"""Every field says who may see it, and what it holds (STYLE.md section 6)."""

from collections import Counter
from typing import get_type_hints

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.admin.utils import flatten, flatten_fieldsets
from django.urls import URLPattern, URLResolver, get_resolver

import testimonies.admin.urls  # noqa: F401 - loads the desk
from testimonies.access import Tier
from testimonies.admin.records import RecordAdmin
from testimonies.models import (
    EVENTS,
    AccountAct,
    ApiKey,
    BarredId,
    Correction,
    Erasure,
    Export,
    FailedLogin,
    HistorySeal,
    IdempotencyKey,
    Import,
    ImportChunk,
    ImportMapping,
    ImportRow,
    SealedEvent,
    SpentRef,
    User,
    VaultEntry,
    VaultOpening,
)
from testimonies.models.projections import ROWS, ReferenceRevision, SharedDocument, SourceTier, StaleMark, TextDocument
from testimonies.models.showings import Showing
from testimonies.projections import exposure
from testimonies.projections.shapes import Described

TIERS = ("public", "partner", "restricted", "by_kind", "vault", "internal")
PASSING = {
    BarredId,
    Correction,
    Erasure,
    Export,
    FailedLogin,
    IdempotencyKey,
    Import,
    ImportMapping,
    ImportChunk,
    ImportMapping,
    ImportRow,
    SpentRef,
    VaultEntry,
    VaultOpening,
}
"""What has no history: it holds nothing that anybody entered about a record, must not be kept twice, or is itself the account of what was asked and decided."""
MODELS = sorted(apps.get_app_config("testimonies").get_models(), key=lambda model: model.__name__)
NEVER_SHOWN = {
    *ROWS.values(),
    ReferenceRevision,
    SharedDocument,
    Showing,
    SourceTier,
    StaleMark,
    TextDocument,
    AccountAct,
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
        "Quote.citations.supports",
        "Quote.note",
        "Quote.version",
    ]
    assert sorted(exposure.withheld(Tier.PUBLIC)) == sorted(restricted)
    assert sorted(exposure.withheld(Tier.PARTNER)) == sorted(restricted)
    assert exposure.withheld(Tier.RESTRICTED) == ()


def test_the_desk_shows_nothing_of_the_vault():
    """Whoever is a superuser, or an editor, reads nothing of it there: no page is made of these rows at all.

    Certificates of erasures tell nothing of what was erased: custodians read them (tests/admin/test_erasures.py).
    """
    of_the_vault = {model for model in MODELS if getattr(getattr(model, "Exposure", None), "vault", ())}
    assert {model.__name__ for model in of_the_vault} == {"Erasure", "VaultEntry", "VaultOpening"}
    for model_admin in site._registry.values():
        shown = {model_admin.model, *(inline.model for inline in model_admin.inlines)}
        assert not shown & (of_the_vault - {Erasure})


def shapes(of=exposure.DOCUMENTS):
    """Every document, and every shape within one, once."""
    found = {}
    for shape in of:
        found[shape] = None
        for hint in get_type_hints(shape, include_extras=True).values():
            inner = exposure.inner(hint)
            if inner and inner not in found:
                found |= shapes([inner])
    return found


FOR_EVERYBODY = {
    # keys that are no field of one model: they lead to the record, or are made of what the tier sees and nothing else
    "Campaign": {"id", "updated_at", "tier"},
    "CampaignUse": {"id", "updated_at", "tier", "campaign", "is_covered"},
    "CaseEntry": {"collection"},
    "CitationEntry": {"id"},
    "ClaimEntry": {"id"},
    "Code": {"id", "updated_at", "tier", "parent"},
    "Codebook": {"id", "updated_at", "tier"},
    "Collection": {"id", "updated_at", "tier", "codebook"},
    "Figure": {"id", "updated_at", "tier", "collection", "population"},
    "FigureConflict": {"source", "statement", "value"},
    "Group": {"id", "updated_at", "tier"},
    "MembershipEntry": {"group"},
    "MissingValue": {"field", "reason"},
    "NameEntry": {"tier"},
    "Person": {"id", "updated_at", "tier", "name"},
    "PersonRef": {"id", "name"},
    "Quote": {
        "id",
        "tier",
        "attribution",
        "name",
        "outlets",
        "collections",
        "caveats",
        "cleared_for",
        "expires_at",
    },
    "QuoteTranslation": {"quote_id"},
    "RaisedField": {"field", "tier"},
    "Source": {"id", "updated_at", "tier"},
    "SourceRef": {"id"},
    "Testimony": {"id", "updated_at", "tier", "group", "outlets", "collections", "cleared_for", "caveats"},
    "TextEntry": {"id", "tier"},
    "UsedTestimonyEntry": {"is_covered"},
}


def test_every_key_of_every_document_is_declared():
    """By a field of a model that says who sees it, by a tier of its own, or in the list above, which is a decision too."""
    found = {}
    for shape in shapes():
        for key, hint in get_type_hints(shape, include_extras=True).items():
            says = exposure.described(hint, key)
            declared = {field for tier in TIERS for field in getattr(getattr(says.model, "Exposure", None), tier, ())}
            if says.tier is None and says.field not in declared and not exposure.inner(hint):
                found.setdefault(shape.__name__, set()).add(key)
    assert found == FOR_EVERYBODY


def test_every_route_answers_with_a_declared_shape():
    """Of the router as it is: a view without one would be served without anybody having said what it shows."""
    views = [view for path, view in views_of(get_resolver()) if path.startswith("api/v1/")]
    assert len(views) > 50
    for view in views:
        undescribed = [
            key
            for shape in shapes([view.shape])
            for key, hint in get_type_hints(shape, include_extras=True).items()
            if exposure.described(hint, key) == Described() and not exposure.inner(hint)
        ]
        assert undescribed == [], view


def views_of(resolver, prefix=""):
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from views_of(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, getattr(entry.callback, "cls", None)


def test_the_desk_shows_only_what_is_declared():
    """Each record at the desk, and each kind of part, is a model that says who may see which field; accounts and keys are not records."""
    registered = {model_admin.model for model_admin in site._registry.values()}
    parts = {inline.model for model_admin in site._registry.values() for inline in model_admin.inlines}
    assert registered - {User, ApiKey} <= set(SHOWN)
    assert parts <= set(SHOWN)
    assert len(registered) > 8


def test_every_column_on_a_form_of_the_desk_is_declared_and_none_is_the_vaults():
    admins = [model_admin for model_admin in site._registry.values() if isinstance(model_admin, RecordAdmin)]
    inlines = [inline for model_admin in admins for inline in model_admin.inlines]
    assert len(admins) + len(inlines) > 10
    for one in (*admins, *inlines):
        names = set(flatten_fieldsets(one.fieldsets) if one.fieldsets else flatten(one.fields or ()))
        columns = {field.name for field in one.model._meta.concrete_fields}
        declared = {name for tier in TIERS if tier != "vault" for name in getattr(one.model.Exposure, tier, ())}
        assert (names | set(getattr(one, "list_display", ()))) & columns <= declared, one

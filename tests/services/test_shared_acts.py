"""Acts on sources, groups, collections, figures, codebooks and codes: who may, what is kept, and that projections stay true."""

from types import ModuleType

import pytest

from testimonies.access import HIGHEST_TIER, Actor, Role
from testimonies.errors import Exists, Forbidden, NotAllowedNow, Overtaken
from testimonies.models.base import Record
from testimonies.projections import verify
from testimonies.services import codebooks, codes, collections, figures, groups, sources
from tests.factories import make_codebook, make_collection, make_figure, make_source, make_testimony, make_user

ACTS = {
    # kind:       (acts,        least role,  fields that a new record needs)
    "source":     (sources,     Role.CODER,  lambda: {"outlet": "Invented Daily", "external_ids": [{"system": "invented", "value": "1"}]}),
    "group":      (groups,      Role.EDITOR, lambda: {"slug": "invented", "name": "Invented"}),
    "collection": (collections, Role.EDITOR, lambda: {"slug": "invented", "title": "Invented", "basis_of_use": "invented", "codebook": str(make_codebook())}),
    "figure":     (figures,     Role.EDITOR, lambda: {"collection": make_collection().slug, "slug": "invented", "scope": "cases", "statement": "Invented.",
                                                      "status": "given", "metric": "count_persons", "operator": "eq",
                                                      "sources": [{"source_id": make_source().pk, "locator": ""}]}),
    "codebook":   (codebooks,   Role.EDITOR, lambda: {"slug": "invented", "edition": "1", "title": "Invented"}),
    "code":       (codes,       Role.EDITOR, lambda: {"codebook_id": make_codebook(status="draft").pk, "slug": "invented", "label": "Invented"}),
}  # fmt: skip
each = pytest.mark.parametrize("kind", ACTS)


@pytest.fixture
def as_(now):
    """An actor of a role, with an account of their own."""

    def as_(role: Role) -> Actor:
        user_id = None if role == Role.ANONYMOUS else make_user(role=role).pk
        return Actor(role=role, tier=HIGHEST_TIER[role], now=now, user_id=user_id)

    return as_


def of(kind) -> tuple[ModuleType, Role, dict]:
    acts, least, values = ACTS[kind]
    return acts, least, values()


@each
def test_whoever_may_makes_changes_and_removes(kind, as_):
    acts, least, values = of(kind)
    actor = as_(least)
    record: Record = acts.create(by=actor, **values)
    assert (record.version, record.created_by_id) == (1, actor.user_id)
    name = next(name for name in ("title", "label", "name", "statement", "outlet") if name in values)
    changed = acts.change(record.pk, by=actor, version=record.version, **{name: "Anew"})
    assert (changed.version, getattr(changed, name)) == (2, "Anew")
    with pytest.raises(Overtaken) as caught:
        acts.change(record.pk, by=actor, version=1, **{name: "Lost"})
    assert caught.value.version == 2
    acts.remove(record.pk, by=actor, version=2)
    assert not type(record)._default_manager.filter(pk=record.pk).exists()


@each
def test_others_may_not(kind, as_):
    acts, least, values = of(kind)
    record = acts.create(by=as_(Role.EDITOR), **values)
    roles = [Role.ANONYMOUS, Role.READER, *([Role.CODER] if least == Role.EDITOR else [])]
    for role in roles:
        for act in (
            lambda by: acts.create(by=by, **values),
            lambda by: acts.change(record.pk, by=by, version=None),
            lambda by: acts.remove(record.pk, by=by, version=None),
        ):
            with pytest.raises(Forbidden):
                act(as_(role))


def test_a_coder_changes_a_source_until_something_published_needs_it(as_):
    coder = as_(Role.CODER)
    source = sources.create(by=coder, outlet="Invented Daily")
    make_testimony(status="draft", published_at=None, sources=[source])
    sources.change(source.pk, by=coder, version=None, outlet="Invented Weekly")
    make_figure(sources=(source,))
    with pytest.raises(NotAllowedNow):
        sources.change(source.pk, by=coder, version=None, outlet="Invented Monthly")
    sources.change(source.pk, by=as_(Role.EDITOR), version=None, outlet="Invented Monthly")


def test_an_external_id_names_one_source(as_):
    editor, ids = as_(Role.EDITOR), [{"system": "invented", "value": "1"}]
    first = sources.create(by=editor, outlet="Invented Daily", external_ids=ids)
    second = sources.create(by=editor, outlet="Invented Weekly")
    with pytest.raises(Exists):
        sources.change(second.pk, by=editor, version=None, external_ids=ids)
    sources.change(first.pk, by=editor, version=None, external_ids=[])
    assert sources.change(second.pk, by=editor, version=1, external_ids=ids).version == 2


def test_new_figures_come_last(as_):
    editor, collection = as_(Role.EDITOR), make_collection()
    _, _, values = of("figure")
    for slug, position in (("a", 0), ("b", 1)):
        figure = figures.create(by=editor, **values | {"collection": collection.slug, "slug": slug})
        assert figure.position == position
    kept = figures.change(figure.pk, by=editor, version=None, statement="Anew.")
    assert (kept.position, kept.figure_sources.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
@each
def test_projections_are_true_after_each_act(kind, as_):
    """With real commits, which refuse what is stale."""
    acts, _, values = of(kind)
    editor = as_(Role.EDITOR)
    record = acts.create(by=editor, **values)
    if kind in {"source", "group", "collection"}:
        links = {"source": "sources", "collection": "collections"}
        make_testimony(status="draft", published_at=None, **({links[kind]: [record]} if kind in links else {}))
    assert list(verify.differences()) == []
    acts.change(record.pk, by=editor, version=None, tier=1)
    assert list(verify.differences()) == []
    if kind in {"group", "figure", "codebook", "code"}:
        acts.remove(record.pk, by=editor, version=None)
        assert list(verify.differences()) == []

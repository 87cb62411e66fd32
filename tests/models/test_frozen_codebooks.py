"""PostgreSQL itself keeps published versions of codebooks as they are, whoever writes."""

import pytest
from django.db import connection, transaction

from testimonies import projections
from testimonies.models import Code, Codebook, CodeOrigin
from tests import factories as make

FROZEN, CODES_FROZEN = "published_codebooks_are_frozen", "codes_of_published_codebooks_are_frozen"


@pytest.fixture
def books(transactional_db):
    """Two published versions and their map, committed; and a draft with a code."""
    with make.batch():
        first = make.make_codebook(slug="alpha")
        old = make.make_code(codebook=first)
        second = make.make_codebook(slug="alpha", edition="2", follows=first)
        new = make.make_code(codebook=second)
        origin = CodeOrigin.objects.create(code=new, origin=old)
        draft = make.make_code(codebook=make.make_codebook(status="draft"))
    return {"first": first, "second": second, "old": old, "new": new, "origin": origin, "draft": draft}


REFUSED = {
    "title": (FROZEN, "UPDATE testimonies_codebook SET title = 'Other' WHERE id = {second}"),
    "status": (FROZEN, "UPDATE testimonies_codebook SET status = 'draft' WHERE id = {second}"),
    "moment": (FROZEN, "UPDATE testimonies_codebook SET published_at = NULL WHERE id = {second}"),
    "version": (FROZEN, "DELETE FROM testimonies_codebook WHERE id = {second}"),
    "label": (CODES_FROZEN, "UPDATE testimonies_code SET label = 'Other' WHERE id = {new}"),
    "code": (CODES_FROZEN, "DELETE FROM testimonies_code WHERE id = {new}"),
    "moved in": (CODES_FROZEN, "UPDATE testimonies_code SET codebook_id = {second} WHERE id = {draft}"),
    "moved out": (CODES_FROZEN, "UPDATE testimonies_code SET codebook_id = (SELECT codebook_id FROM testimonies_code WHERE id = {draft}) WHERE id = {new}"),
    "map": (CODES_FROZEN, "DELETE FROM testimonies_codeorigin WHERE id = {origin}"),
    "added to the map": (CODES_FROZEN, "INSERT INTO testimonies_codeorigin (code_id, origin_id) VALUES ({new}, {draft})"),
    "from anywhere": ("code_comes_from_the_version_before", "INSERT INTO testimonies_codeorigin (code_id, origin_id) VALUES ({draft}, {old})"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_published_stays_as_it_is(books, refused_by, what):
    constraint, statement = REFUSED[what]
    with refused_by(constraint), connection.cursor() as cursor:
        cursor.execute(statement.format(**{name: f"'{row.pk}'" for name, row in books.items()}))


def test_nothing_is_added_either(books, refused_by):
    with refused_by(CODES_FROZEN):
        Code.objects.create(codebook=books["second"], slug="other", dimension="other", label="Other")


def test_a_draft_changes_until_the_transaction_that_publishes_it_ends(books):
    code = books["draft"]
    with projections.refreshed():
        Codebook.objects.filter(pk=code.codebook_id).update(status="published")
        make.make_code(codebook=code.codebook)
        Code.objects.filter(pk=code.pk).update(label="Last")
    found = Codebook.objects.get(pk=code.codebook_id)
    assert found.published_at is not None
    assert set(found.codes.values_list("label", flat=True)) >= {"Last"}
    with transaction.atomic():
        Code.objects.filter(pk=code.pk).update(label="Last")  # nothing changes
        transaction.set_rollback(True)


def test_nobody_sets_the_moment(db):
    moment = "2000-01-01T00:00:00Z"
    for status, is_set in (("draft", False), ("published", True)):
        book = make.make_codebook(status=status, published_at=moment)
        book.refresh_from_db()
        assert (book.published_at is not None) is is_set
        assert not is_set or book.published_at.year > 2000


def test_a_data_migration_may(books):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL testimonies.on_stale = 'hide'")
        Code.objects.filter(pk=books["new"].pk).update(label="Migrated")
    assert Code.objects.get(pk=books["new"].pk).label == "Migrated"

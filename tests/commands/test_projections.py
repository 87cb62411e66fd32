from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from testimonies.models import PublicTestimony
from tests.factories import make_testimony

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(transactional_db, run):
    return run


def test_no_difference(run):
    make_testimony()
    assert run("verify_projections") == ("4 records verified, no difference\n", "")


def test_a_row_that_somebody_altered_is_named(run):
    testimony = make_testimony()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projection_public SET item = '{}' WHERE testimony_id = %s", [testimony.pk])
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_projections", stdout=out)
    assert (stopped.value.code, out.getvalue()) == (1, f"testimony {testimony.pk} at tier public\n")


def test_rebuilding(run):
    testimony = make_testimony()
    assert run("rebuild_projections") == ("0 records rebuilt\n", "")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM projection_restricted")
        cursor.execute("DELETE FROM projection_public")
    assert run("rebuild_projections") == ("1 records rebuilt\n", "")
    assert PublicTestimony.objects.get().testimony_id == testimony.pk
    assert run("rebuild_projections", "--all")[0] == run("verify_projections")[0].replace(
        "verified, no difference", "rebuilt"
    )

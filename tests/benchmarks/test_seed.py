"""What `make bench` seeds: marked as synthetic, always the same, and served as any other record."""

import pytest

from benchmarks.seed import load, rows
from testimonies import models, projections
from testimonies.projections import verify
from testimonies.projections.refresh import KINDS
from testimonies.values import refs

N = 60


def test_the_same_number_of_records_is_always_the_same_records():
    assert rows.part(0, N, N) == rows.part(0, N, N)
    assert rows.shared(N) == rows.shared(N)


def test_no_two_of_a_million_records_have_the_same_reference():
    made = {rows.ref("T", number) for number in range(1_000_000)}
    assert len(made) == 1_000_000
    assert refs.is_ref(rows.ref("T", 999_999), "T")


@pytest.mark.django_db(transaction=True)
def test_seeded_records_are_served_once_several_shares_have_projected_them(api):
    load.copy(rows.shared(N))
    load.copy(rows.part(0, N, N))
    assert api.get("/api/v1/testimonies/").json()["results"] == []  # hidden until its projections are made
    for kinds in (KINDS[:-1], KINDS[-1:]):
        made = [projections.rebuild(share=(number, 2), kinds=kinds) for number in range(2)]
        assert all(made)
    assert not list(verify.differences())
    found = api.get("/api/v1/testimonies/?page_size=500").json()["results"]
    assert len(found) == models.Testimony.objects.filter(status="published", tier=0).count()
    assert all(item["title"].startswith(rows.MARK) for item in found)
    assert all("bench" in item["collections"] for item in found)


@pytest.mark.django_db(transaction=True)
def test_seeded_texts_are_of_several_scripts():
    load.copy(rows.shared(N))
    load.copy(rows.part(0, N, N))
    bodies = " ".join(models.Text.objects.values_list("body", flat=True))
    assert any("\u0400" <= letter <= "\u04ff" for letter in bodies)
    assert any("\u0600" <= letter <= "\u06ff" for letter in bodies)
    assert not models.Text.objects.exclude(body__startswith=rows.MARK).exists()

"""Regions at the desk: looked at, never written."""

import pytest

from testimonies.models import Region


@pytest.fixture
def region(db):
    return Region.objects.create(slug="invented-coast", name="Invented Coast", source="Nobody", countries=["DK", "NL"])


@pytest.mark.parametrize("role", ["coder", "editor", "custodian"])
def test_whoever_works_here_reads_them(enter, region, role):
    one = enter(role)
    assert list(one.get("/admin/testimonies/region/").context["cl"].result_list) == [region]
    page = one.get(f"/admin/testimonies/region/{region.pk}/change/").content.decode()
    assert "DK, NL" in page
    assert "invented-coast" in page


def test_nobody_writes_them_here(enter, region):
    one = enter("custodian", is_superuser=True)
    here = f"/admin/testimonies/region/{region.pk}"
    sent = {"name": "Other", "countries": "SE"}
    assert one.post(f"{here}/change/", sent).status_code == 200
    assert one.post(f"{here}/delete/", {"post": "yes"}).status_code == 403
    assert one.post("/admin/testimonies/region/add/", sent).status_code == 403
    region.refresh_from_db()
    assert (region.name, region.countries) == ("Invented Coast", ["DK", "NL"])

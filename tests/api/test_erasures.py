"""Erasing over HTTP: custodians alone, with the reference said once more."""

import json

import pytest

from testimonies.models import Erasure
from testimonies.models import Testimony as Record
from tests.factories import make_testimony

pytestmark = pytest.mark.django_db


def erase(client, testimony, confirm=None, **headers):
    body = json.dumps({"confirm": confirm or testimony.ref})
    address = f"/api/v1/testimonies/{testimony.pk}/erasure/"
    return client.post(address, data=body, content_type="application/json", headers=headers)


def test_what_was_erased_is_not_there_and_its_certificate_is(api):
    testimony, custodian = make_testimony(), api.as_("custodian")
    erased = erase(custodian, testimony)
    assert erased.status_code == 200, erased.content
    assert erased.headers["Cache-Control"] == "no-store"
    for client in (api, custodian):
        assert client.get(f"/api/v1/testimonies/{testimony.pk}/").status_code == 404
        assert client.get(f"/api/v1/persons/{testimony.person_id}/").status_code == 404
    certificate = custodian.get(f"/api/v1/erasures/{testimony.pk}/").json()
    assert certificate == erased.json()
    assert custodian.get("/api/v1/erasures/").json()["results"] == [certificate]
    destroyed = {one["kind"]: one["rows"] for one in certificate["destroyed"]}
    assert (destroyed["testimony"], destroyed["person"], destroyed["source"]) == (1, 1, 1)
    assert certificate["by"].startswith("made-up-custodian")
    assert erase(custodian, testimony).status_code == 404


@pytest.mark.parametrize("role", ["reader", "coder", "editor"])
def test_others_are_refused(api, role):
    testimony = make_testimony()
    assert erase(api.as_(role), testimony).status_code == 403
    assert api.as_(role).get("/api/v1/erasures/").status_code == 403
    assert Record.objects.filter(pk=testimony.pk).exists()


def test_another_reference_or_version_erases_nothing(api):
    testimony, custodian = make_testimony(), api.as_("custodian")
    refused = erase(custodian, testimony, confirm="T-7K3QM2X9")
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [("/confirm", "another")]
    assert erase(custodian, testimony, **{"If-Match": '"99-x"'}).status_code == 412
    assert Record.objects.filter(pk=testimony.pk).exists()
    assert not Erasure.objects.exists()
    etag = custodian.get(f"/api/v1/testimonies/{testimony.pk}/").headers["ETag"]
    assert erase(custodian, testimony, **{"If-Match": etag}).status_code == 200

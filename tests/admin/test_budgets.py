"""Every page of the desk costs fewer than 20 statements, whatever the number of rows, counted on the wire."""

from urllib.parse import urljoin
from uuid import uuid4

import pytest

from testimonies import models, projections
from tests import factories as make
from tests.admin.pages import form_of
from tests.contract.test_budgets import Rows, sent

LIMIT = 20
NOUNS = {
    "person": "persons", "testimony": "testimonies", "source": "sources", "group": "groups", "collection": "collections",
    "figure": "figures", "codebook": "codebooks", "code": "codes", "samepersonlink": "same-person-links",
    "quote": "quotes", "campaign": "campaigns", "campaignuse": "uses", "measurement": "measurements",
}  # fmt: skip


@pytest.mark.parametrize("who", ["editor", "coder"])
def test_pages_cost_the_same_for_one_row_and_for_many(desk, who):
    def costs(rows):
        person, found = desk.at(who), {}
        person.client.get("/admin/")
        for noun, segment in NOUNS.items():
            record = rows.first[segment]
            paths = [
                f"{noun}/",
                f"{noun}/?q=invented",
                f"{noun}/add/",
                f"{noun}/choose/",
                f"{noun}/{record.pk}/change/",
            ]
            for path in [*paths, f"{noun}/{record.pk}/delete/"]:
                with sent() as statements:
                    status = person.get(path).status_code
                found[path.replace(str(record.pk), "{id}")] = (status, len(statements))
        return found

    rows = Rows(1)
    costs(rows)  # what a process learns once
    few = costs(rows)
    many = costs(Rows(20))
    assert few == many
    assert {path: cost for path, (_, cost) in many.items() if cost >= LIMIT} == {}


OURS = {
    # pages of our own: who looks at them, and the path
    "corrections": ("editor", "correction/"),
    "corrections of one": ("editor", "correction/?q={ref}"),
    "a correction": ("editor", "correction/{correction}/change/"),
    "a correction, to a coder": ("coder", "correction/{correction}/change/"),
    "erasing": ("custodian", "testimony/{testimony}/erase/"),
    "regions": ("coder", "region/"),
    "a region": ("coder", "region/{region}/change/"),
    "certificates": ("custodian", "erasure/"),
    "a certificate": ("custodian", "erasure/{certificate}/change/"),
    "a testimony with corrections": ("custodian", "testimony/{testimony}/change/"),
    "a person, to a custodian": ("custodian", "person/{person}/change/"),
    "imports": ("editor", "/admin/imports/"),
    "an import": ("editor", "/admin/imports/{import}/"),
    "columns of an import": ("editor", "/admin/imports/{mapping}/columns/"),
}


def test_pages_of_our_own_cost_the_same_for_one_row_and_for_many(desk):
    def costs(number):
        rows, found = Rows(number), {}
        testimony = rows.testimonies[0]
        certificates = [
            models.Erasure.objects.create(pk=uuid4(), user=desk.users["custodian"], destroyed={"text": 1})
            for _ in range(number)
        ]
        regions = [
            models.Region.objects.create(slug=f"invented-{uuid4()}", name="Invented", countries=["DK"])
            for n in range(number)
        ]
        about = {"file_name": "x.csv", "digest": "x", "size": 1, "kind": "csv"}
        checked, waiting = (
            models.Import.objects.create(**about, state=state, headers=[f"column {n}" for n in range(number)])
            for state in ("checked", "mapping")
        )
        models.ImportRow.objects.bulk_create(
            models.ImportRow(of_import=checked, number=n, outcome="created") for n in range(number)
        )
        names = {
            "import": checked.pk,
            "mapping": waiting.pk,
            "ref": testimony.ref,
            "testimony": testimony.pk,
            "person": testimony.person_id,
            "correction": rows.corrections[0].pk,
            "certificate": certificates[0].pk,
            "region": regions[0].pk,
        }
        for title, (who, path) in OURS.items():
            person = desk.at(who)
            person.client.get("/admin/")
            with sent() as statements:
                status = person.client.get(urljoin("/admin/testimonies/", path.format(**names))).status_code
            found[title] = (status, len(statements))
        return found

    costs(1)  # what a process learns once
    few, many = costs(1), costs(20)
    assert few == many
    assert {status for status, _ in many.values()} == {200}
    assert {title: cost for title, (_, cost) in many.items() if cost >= LIMIT} == {}


@pytest.mark.parametrize("status", ["draft", "in_review", "published"])
def test_a_testimony_of_many_parts_costs_the_same_in_every_state(desk, status):
    editor = desk.at("editor")

    def cost(number):
        with make.batch():
            testimony = make.make_testimony(
                sources=[make.make_source() for _ in range(number)],
                texts=["Invented."] * number,
                codes=[make.make_code() for _ in range(number)],
                collections=[make.make_collection() for _ in range(number)],
                status=status,
            )
            for _ in range(number):
                make.make_claim(testimony=testimony, source=make.make_source())
                make.make_clearance(testimony=testimony)
        with sent() as statements:
            response = editor.get(f"testimony/{testimony.pk}/change/")
        assert response.status_code == 200
        form = form_of(response)
        with sent() as wrong:
            response = editor.send(f"testimony/{testimony.pk}/change/", form, given="wrong", title="Mine")
        assert response.status_code == 200
        with projections.refreshed():
            models.Testimony.objects.filter(pk=testimony.pk).update(title="Theirs")
        with sent() as overtaken:
            response = editor.send(f"testimony/{testimony.pk}/change/", form, title="Mine")
        assert response.status_code == 409
        return len(statements), len(wrong), len(overtaken)

    cost(1)  # what a process learns once
    few, many = cost(1), cost(25)
    assert few == many
    assert max(many) < LIMIT

"""Withdrawing and erasing at the desk: for custodians, with a confirmation that names what is destroyed."""

import pytest

from testimonies import models
from tests import factories as make
from tests.admin.pages import form_of
from tests.writers import nothing_is_stale


def at(testimony) -> str:
    return f"testimony/{testimony.pk}/erase/"


def erase(desk, testimony, **changed):
    one = desk.at("custodian")
    return one.send(at(testimony), form_of(one.get(at(testimony))), **changed)


def exists(testimony) -> bool:
    return models.Testimony.objects.filter(pk=testimony.pk).exists()


def test_the_page_names_what_is_destroyed(desk):
    make.make_text(testimony=desk.published)
    page = desk.at("custodian").get(at(desk.published)).content.decode()
    person = desk.published.person
    for words in (desk.published.ref, "texts: 1", "citations: 1", person.ref, desk.source.ref, "whole history"):
        assert words in page


def test_it_does_not_name_what_stays(desk):
    make.make_testimony(person=desk.published.person, sources=[desk.source])
    page = desk.at("custodian").get(at(desk.published)).content.decode()
    assert "they have other testimonies" in page
    assert desk.published.person.ref not in page
    assert desk.source.ref not in page


def test_a_custodian_erases_and_reads_the_certificate(desk):
    response = erase(desk, desk.published, confirm=desk.published.ref)
    certificate = models.Erasure.objects.get()
    assert response.url == f"/admin/testimonies/erasure/{certificate.pk}/change/"
    assert not exists(desk.published)
    assert certificate.user == desk.users["custodian"]
    custodian = desk.at("custodian")
    page = custodian.get(f"erasure/{certificate.pk}/change/").content.decode()
    for words in (str(certificate.pk), str(certificate.person_id), desk.users["custodian"].username, "testimony"):
        assert words in page
    assert desk.published.ref not in page
    assert list(custodian.get("erasure/").context["cl"].result_list) == [certificate]
    assert nothing_is_stale()


@pytest.mark.parametrize("confirm", ["", "T-AAAAAAAA"])
def test_another_reference_erases_nothing(desk, confirm):
    response = erase(desk, desk.published, confirm=confirm)
    assert response.status_code == 200
    assert exists(desk.published)
    assert form_of(response)["version"] == ["1"]


def test_what_was_changed_since_is_looked_at_once_more(desk):
    form = form_of(desk.at("custodian").get(at(desk.published)))
    other = desk.at("editor")
    here = f"testimony/{desk.published.pk}/change/"
    assert other.send(here, other.open(here), notes_internal="Theirs").status_code == 302
    response = desk.at("custodian").send(at(desk.published), form, confirm=desk.published.ref)
    assert "has changed since" in response.content.decode()
    assert exists(desk.published)
    again = desk.at("custodian").send(at(desk.published), form_of(response), confirm=desk.published.ref)
    assert again.status_code == 302
    assert not exists(desk.published)


@pytest.mark.parametrize("name", ["coder", "author", "editor"])
def test_nobody_else_erases_or_reads_certificates(desk, name):
    one = desk.at(name)
    assert one.get(at(desk.published)).status_code == 403
    sent = {"confirm": desk.published.ref, "version": "1"}
    assert one.send(at(desk.published), sent).status_code == 403
    assert exists(desk.published)
    assert b"Erase for good" not in one.get(f"testimony/{desk.published.pk}/change/").content
    erase(desk, desk.published, confirm=desk.published.ref)
    certificate = models.Erasure.objects.get()
    assert one.get("erasure/").status_code == 403
    assert one.get(f"erasure/{certificate.pk}/change/").status_code == 403
    assert b"/admin/testimonies/erasure/" not in one.client.get("/admin/").content


def test_what_never_was_is_not_erased(desk):
    response = desk.at("custodian").get("testimony/00000000-0000-4000-8000-000000000000/erase/")
    assert response.status_code == 302  # to the front page, as for every record that is not there


@pytest.mark.parametrize(("name", "withdraws"), [("coder", False), ("editor", False), ("custodian", True)])
def test_a_custodian_withdraws_and_any_coder_hides(desk, name, withdraws):
    one = desk.at(name)
    here = f"testimony/{desk.published.pk}/change/"
    steps = {step["to"]: step["reason"] for step in one.get(here).context["steps"]}
    assert (steps["withdrawn"] == "", steps["draft"]) == (withdraws, "")
    one.send(f"testimony/{desk.published.pk}/move/", {"to": "withdrawn", "version": "1"})
    status = models.Testimony.objects.get(pk=desk.published.pk).status
    assert status == ("withdrawn" if withdraws else "published")
    if not withdraws:
        one.send(f"testimony/{desk.published.pk}/move/", {"to": "draft", "version": "1"})
        assert models.Testimony.objects.get(pk=desk.published.pk).status == "draft"


def test_custodians_are_told_where_the_vault_is_opened(desk):
    here = f"person/{desk.person.pk}/change/"
    assert b"/api/v1/vault-openings/" in desk.at("custodian").get(here).content
    assert b"vault" not in desk.at("editor").get(here).content
